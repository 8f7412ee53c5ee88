"""The command line of a sandbox: what it sees, what it may use, and as whom it runs.

Bubblewrap gives it file system, processes and network of its own. Started by root, bubblewrap
mounts without a user namespace and `setpriv` drops to a user that exists nowhere else, so that the
limit on processes counts those of this sandbox alone. Started by anybody else, a user namespace
does both. `prlimit` then sets what a process may use.
"""

import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from course_lib.classroom.exercise import Limits
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT

MB = 2**20
PACKAGE = Path(__file__).parents[2]  # the real course_lib: the answer book
# The only files of the package that a sandbox sees: where they lie there, and here.
STAND_INS = {
    "__init__.py": "__init__.py",
    "classroom/__init__.py": "classroom/__init__.py",
    "classroom/calls.py": "classroom/calls.py",
    "classroom/checker.py": "classroom/marking/stand_in_checker.py",
    "classroom/marking/__init__.py": "classroom/marking/__init__.py",
    "classroom/marking/probe_inside.py": "classroom/marking/probe_inside.py",
    "classroom/marking/decoding.py": "classroom/marking/decoding.py",
    "classroom/marking/frames.py": "classroom/marking/frames.py",
    "classroom/marking/wire.py": "classroom/marking/wire.py",
    "classroom/marking/worker.py": "classroom/marking/worker.py",
    "classroom/marking/zygote.py": "classroom/marking/zygote.py",
}
SCRATCH = "/tmp"  # the only writable folder, with /dev/shm
N_FILES = 128  # open at once in a process
ADDRESS_SPACE_MB = 2048  # reserved by libraries beyond what they use
CPU_SECONDS_MORE = 10  # the judge's clock is the limit; this one ends what that overlooks

ENVIRONMENT = {
    "HOME": SCRATCH,
    "LANG": "C.UTF-8",
    "LOGNAME": "student",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": SCRATCH,
    "OMP_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PIP_NO_INDEX": "1",  # `%pip install` fails at once: there is no network to wait for
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "TMPDIR": SCRATCH,
    "USER": "student",
}
# Runs last: the pipes go to 3 and 4, everything printed to nowhere. If the machine runs out of
# memory, the kernel is to end the sandbox first. The byte says that all protections stand.
ENTRY = (
    'echo 1000 >/proc/self/oom_score_adj; printf r; exec "$@" '
    "3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"
)


def box_command(limits: Limits, argv: Sequence[str], seccomp: int) -> list[str]:
    """The whole command. `seccomp`: file descriptor to read the system call filter from.

    Raises CourseError if one of the programs it needs is not installed.
    """
    as_root = os.geteuid() == 0
    command = [program("bwrap"), *isolation(as_root), "--seccomp", str(seccomp)]
    command += [*file_system(limits), "--clearenv"]
    for name, value in variables().items():
        command += ["--setenv", name, value]
    command += ["--chdir", SCRATCH, "--"]
    if as_root:
        user = f"{another_user()}"
        command += [program("setpriv"), f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        command += ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--"]
    command += [program("prlimit"), *resources(limits), "--"]
    return [*command, "/bin/sh", "-c", ENTRY, "sh", base_python(), *argv]


def variables() -> dict[str, str]:
    """The environment inside; nothing of the judge's own but where Python's library lies."""
    found = {**ENVIRONMENT, "PYTHONPATH": ":".join(["/course", *sites()])}
    library = str(Path(sys.base_prefix) / "lib")
    if library in os.environ.get("LD_LIBRARY_PATH", "").split(":"):
        found["LD_LIBRARY_PATH"] = library
    return found


def program(name: str) -> str:
    """Path of a program of the system. Raises CourseError if it is not installed."""
    path = shutil.which(name)
    if path is None:
        package = "bubblewrap" if name == "bwrap" else "util-linux"
        message = _(
            "marking needs {name}, which is not installed: apt-get install {package} "
            "(Linux only; on macOS and Windows use the image of docker/Dockerfile)"
        )
        raise CourseError(message.format(name=name, package=package))
    return path


def base_python() -> str:
    """The interpreter below the virtual environment, if that is where we are."""
    return str(getattr(sys, "_base_executable", sys.executable))


def isolation(as_root: bool) -> list[str]:
    options = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--hostname", "course"]
    options += ["--die-with-parent", "--new-session"]
    if not as_root:
        options += ["--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    return options


def another_user() -> int:
    """A number that is no user of this machine and of no other sandbox, all but surely."""
    n_known = int(Path("/proc/self/uid_map").read_text().split()[2])  # fewer in some containers
    start, end = (2**29, 2**30) if n_known > 2**30 else (n_known // 2, n_known - 10)
    return start + secrets.randbelow(end - start)


def resources(limits: Limits) -> list[str]:
    """What one process may use; the memory of all of them together is watched from outside."""
    return [
        f"--nproc={limits.n_processes}",
        f"--as={(limits.memory_mb + ADDRESS_SPACE_MB) * MB}",
        f"--fsize={limits.disk_mb * MB}",
        f"--cpu={int(limits.seconds) + CPU_SECONDS_MORE}",
        f"--nofile={N_FILES}",
        "--core=0",
    ]


def file_system(limits: Limits) -> list[str]:
    """Everything is read-only but two small folders in memory, and nothing of ours is there."""
    options = []
    for top in map(Path, ("/bin", "/sbin", "/lib", "/lib32", "/lib64")):
        if top.is_symlink():
            options += ["--symlink", str(top.readlink()), str(top)]
        elif top.is_dir():
            options += read_only(str(top))
    for place in python_folders():
        options += read_only(str(place))
    for number, site in enumerate(outer_sites()):
        options += read_only(str(site), f"/site/{number}")
    for book in answer_books():
        options += ["--tmpfs", book, "--remount-ro", book]
    for there, here in STAND_INS.items():
        options += read_only(str(PACKAGE / here), f"/course/course_lib/{there}")
    size = str(limits.disk_mb * MB)
    small_folder = ["--perms", "1777", "--size", size, "--tmpfs"]
    options += ["--proc", "/proc", "--dev", "/dev", *small_folder, "/dev/shm"]
    options += ["--remount-ro", "/dev", *small_folder, SCRATCH, "--remount-ro", "/"]
    return options


def read_only(source: str, target: str = "") -> Iterator[str]:
    """Show `source` as `target`, in folders that any user may enter."""
    target = target or source
    for folder in reversed(Path(target).parents[:-1]):
        yield from ("--perms", "0755", "--dir", str(folder))
    yield from ("--ro-bind", source, target)


def python_folders() -> list[Path]:
    """Programs and libraries of the system and of Python, those that exist, each once."""
    found = [Path("/usr") / name for name in ("bin", "lib", "lib32", "lib64", "share/zoneinfo")]
    found += [Path("/etc/ld.so.cache"), Path("/etc/alternatives")]
    found += [Path(sys.base_prefix) / name for name in ("bin", "lib", "lib64")]
    return [path for path in dict.fromkeys(found) if path.exists()]


def site_folders() -> list[Path]:
    """Where this Python finds its packages."""
    names = ("site-packages", "dist-packages")
    return [p for p in dict.fromkeys(map(Path, sys.path)) if p.name in names and p.is_dir()]


def outer_sites() -> list[Path]:
    """Those that do not lie in Python's own folders: of a virtual environment."""
    shown = python_folders()
    return [p for p in site_folders() if not any(p.is_relative_to(f) for f in shown)]


def sites() -> list[str]:
    """Where the sandbox finds its packages: the same ones, in the same order."""
    outer = outer_sites()
    return [f"/site/{outer.index(p)}" if p in outer else str(p) for p in site_folders()]


def answer_books() -> list[str]:
    """Folders of ours that lie in a folder that is shown, as the sandbox would see them."""
    shown = {str(folder): str(folder) for folder in python_folders()}
    shown |= {str(site): f"/site/{number}" for number, site in enumerate(outer_sites())}
    found = []
    for site in site_folders():
        shown.setdefault(str(site), str(site))
    for here, there in shown.items():
        places = [Path(here) / "course_lib", PROJECT, PACKAGE]
        found += [
            str(Path(there) / p.relative_to(here))
            for p in places
            if p.is_dir() and p.is_relative_to(here) and p != Path(here)
        ]
    return list(dict.fromkeys(found))
