"""Watches the memory of a sandbox from outside, all of its processes together.

A limit per process would let 64 processes have 64 times as much.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

INTERVAL = 0.05  # seconds
MOST_FILES = 10_000  # a file takes memory of the kernel even if it is empty
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20 if hasattr(os, "sysconf") else 0.0


class MemoryWatch(threading.Thread):
    """Calls `stop` once if `pid` and all below it use too much; `peak_mb` is the most it saw.

    folder: what is written there counts, too, by the number of files.
    """

    def __init__(self, pid: int, folder: Path, limit_mb: float, stop: Callable[[], None]) -> None:
        super().__init__(daemon=True, name=f"memory of {pid}")
        self.sandbox, self.folder, self.limit_mb, self.stop = pid, folder, limit_mb, stop
        self.peak_mb, self.exceeded = 0.0, False
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(INTERVAL):
            used = self.used_mb()
            self.peak_mb = max(self.peak_mb, used)
            if used > self.limit_mb or n_files(self.folder) > MOST_FILES:
                self.exceeded = True
                self.stop()
                return

    def used_mb(self) -> float:
        """Resident memory; if that is too much, again with shared pages counted once."""
        pids = list(family(self.sandbox))
        used = sum(map(resident_mb, pids))
        return used if used <= self.limit_mb else sum(map(own_mb, pids))


def family(pid: int) -> Iterator[int]:
    """A process, its children, their children, and so on."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # it has just ended
        return
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB
    except (OSError, IndexError):
        return 0.0


def own_mb(pid: int) -> float:
    """Resident memory, a page that n processes share counted as 1 / n of a page."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:  # a process can refuse to be looked at; its size it cannot hide
        pass
    return resident_mb(pid)


def n_files(folder: Path) -> int:
    """Files on the file system of a folder; 0 if it cannot be seen."""
    try:
        status = os.statvfs(folder)
    except OSError:
        return 0
    return status.f_files - status.f_ffree
