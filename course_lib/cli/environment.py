"""The surroundings that notebooks and tests are run in: threads, memory, no network."""

import os
import sys
from collections.abc import Mapping

from course_lib.storage import PROJECT

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")

# Otherwise glibc gives large buffers back to the system at every training step and asks for them
# again: a step of a small Transformer then took a third longer. Read before Python starts.
MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "8000000000",
    "MALLOC_TRIM_THRESHOLD_": "8000000000",
    "MALLOC_TOP_PAD_": "268435456",
}
BLOCKER = PROJECT / "tests" / "offline"  # holds a sitecustomize.py that refuses outside addresses


def kernel_environment(n_threads: int, network: bool = True) -> dict[str, str]:
    """This process's environment, and what a kernel or a test worker needs besides.

    Args:
        n_threads: threads of each process. Several processes with many each slow one another down.
        network: with False, Python refuses every address but this machine's own.
    """
    environment = {**os.environ, **MALLOC, **dict.fromkeys(THREADS, str(n_threads))}
    return environment if network else _without_network(environment)


def _without_network(environment: Mapping[str, str]) -> dict[str, str]:
    path = [str(BLOCKER), environment.get("PYTHONPATH", "")]
    return {**environment, "PYTHONPATH": os.pathsep.join(filter(None, path))}


def open_loopback() -> None:
    """Let this machine talk to itself, as Jupyter's kernels do, where even that is switched off.

    So it is in a new network namespace (`unshare -n`), the surest way to run without a network.
    Does nothing elsewhere, or where it is not allowed to.
    """
    if sys.platform != "linux":
        return
    import fcntl
    import socket
    import struct

    get_flags, set_flags, up = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            answer = fcntl.ioctl(any_socket, get_flags, struct.pack("16sh", b"lo", 0))
            flags = struct.unpack("16sh", answer)[1]
            if not flags & up:
                fcntl.ioctl(any_socket, set_flags, struct.pack("16sh", b"lo", flags | up))
        except OSError:
            return
