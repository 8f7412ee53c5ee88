"""How much memory a process and its children hold at most."""

import sys
import threading
from pathlib import Path

import psutil

MIB = 2**20


class PeakMemory:
    """Watches processes from a thread while the `with` block runs; `mib` is the most they held.

    It adds up the resident memory of the process and its descendants ten times a second; pages
    that several share are counted for each. On Linux and Windows the system's own high-water mark
    of the first process is used too, so that no short peak of it is missed.
    """

    def __init__(self, interval: float = 0.1) -> None:
        self.interval = interval
        self.pid: int | None = None
        self.mib = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def watch(self, pid: int) -> None:
        """Look at this process and its descendants from now on."""
        self.pid = pid

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self.interval):
            if self.pid is not None:
                self.mib = max(self.mib, tree_bytes(self.pid) / MIB)


def tree_bytes(pid: int) -> int:
    """Resident bytes of a process and its descendants, now; 0 if it has ended."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return max(sum(_resident(member) for member in family), _high_water(pid))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it ended meanwhile, or is somebody else's
        return 0


def _high_water(pid: int) -> int:
    """The most this one process has held so far, in bytes; 0 where the system does not say.

    getrusage would not do: its maximum is handed down from the process that started this one.
    """
    try:
        if sys.platform == "win32":
            return int(psutil.Process(pid).memory_info().peak_wset)
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration, psutil.Error):
        return 0
