"""What a command costs: wall time, CPU time, and the memory of its trusted part."""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

INTERVAL = 0.2  # seconds between two looks at the memory


@dataclass(frozen=True)
class Cost:
    """One command. cpu: of the whole machine meanwhile, for what runs in a sandbox is nobody's
    child in the end: measure on a machine that does nothing else. peak_mb: resident memory of the
    command's first process; students' code runs in others.
    """

    seconds: float
    cpu: float
    peak_mb: float


class CommandError(RuntimeError):
    """A command ended with an error; the message is the end of what it printed."""


def cost(command: list[str], folder: Path, environment: dict[str, str]) -> Cost:
    """Run the command to its end. Raises CommandError if it fails."""
    with tempfile.TemporaryFile() as file:
        started, busy = time.perf_counter(), busy_seconds()
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdout=file, stderr=subprocess.STDOUT
        ) as process:
            peak = watch(process)
        found = Cost(time.perf_counter() - started, busy_seconds() - busy, peak)
        if process.returncode:
            file.seek(0)
            said = file.read()[-1000:].decode(errors="replace")
            raise CommandError(f"{' '.join(command)}: {said}")
    return found


def watch(process: subprocess.Popen) -> float:
    """Wait for the end of a process; its largest resident memory in MB, as far as it was seen."""
    peak = 0
    while True:
        with contextlib.suppress(psutil.Error):
            peak = max(peak, psutil.Process(process.pid).memory_info().rss)
        try:
            process.wait(INTERVAL)
        except subprocess.TimeoutExpired:
            continue
        return peak / 2**20


def busy_seconds() -> float:
    """What all cores have worked since the machine was started."""
    times = psutil.cpu_times()
    return float(times.user + times.system + getattr(times, "nice", 0.0))


@contextlib.contextmanager
def cores(n_cores: int) -> Iterator[None]:
    """Use that many cores, with all that is started meanwhile, whatever was set before."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:n_cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
