"""A Dask scheduler and workers as processes of their own, as on several machines."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 60
QUIET = ("--no-dashboard", "--host", "127.0.0.1")


@dataclass
class Cluster:
    """Processes, each in a group of its own; what they print goes to files in `folder`."""

    folder: Path
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    def start_scheduler(self, name: str = "scheduler") -> str:
        """Its address."""
        path = self.folder / f"{name}.json"
        self.start(name, "scheduler", "--port", "0", "--scheduler-file", str(path), *QUIET)
        self.wait_for(name, lambda: path.exists() and path.read_text().endswith("}"))
        return str(json.loads(path.read_text())["address"])

    def start_worker(self, address: str, name: str, **variables: str) -> None:
        """One that works on one submission at a time and is not started again if it dies."""
        options = ["--nthreads", "1", "--no-nanny", "--name", name, *QUIET]
        scratch = ["--local-directory", str(self.folder / f"{name}-scratch")]
        self.start(name, "worker", address, *options, *scratch, **variables)
        self.wait_for(name, lambda: "Registered to" in self.log(name))

    def start(self, name: str, role: str, *args: str, **variables: str) -> None:
        code = "from distributed.cli.dask_{0} import main; main()"
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-c", code.format(role), *args],
                cwd=self.folder,
                env=os.environ | {"OMP_NUM_THREADS": "1"} | variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    def wait_for(self, name: str, ready) -> None:
        end = time.monotonic() + SECONDS
        while not ready():
            assert self.processes[name].poll() is None, self.log(name)
            assert time.monotonic() < end, self.log(name)
            time.sleep(0.05)

    def kill(self, name: str) -> None:
        """As a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Processes that end with the block."""
    started = Cluster(folder)
    try:
        yield started
    finally:
        for name in reversed(started.processes):
            started.kill(name)
        for scratch in folder.glob("*-scratch"):
            shutil.rmtree(scratch, ignore_errors=True)
