"""Three ways to mark that are not safe: what an attack gains there shows that it is a real one."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking.box import NO_ENVIRONMENT, start
from course_lib.classroom.marking.box_command import ENTRY
from course_lib.storage import PROJECT
from tests.attacks.attack import TARGET

IN_PROCESS = """\
import json, sys
cells, test = json.loads(sys.stdin.read())
names = {"__name__": "__main__"}
exec("from course_lib.classroom.checker import check, hint", names)
for cell in cells: exec(cell, names)
exec(test, names)
"""
TESTS = {
    "checker": f"assert check({TARGET})\nassert check({TARGET}, seed=1)",
    "equality": f"import math\nassert {TARGET}([0.5]) == math.log(0.5)\nassert {TARGET}([]) == 0",
}


def passes(cells: Sequence[str], test: str, folder: Path) -> bool:
    """Do the notebook's cells and the test after them run in one process without an error?"""
    import json

    done = subprocess.run(
        [sys.executable, "-c", IN_PROCESS],
        input=json.dumps([list(cells), TESTS[test]]),
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode == 0


def environment(folder: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": str(PROJECT),
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class BareBox:
    """The worker as an ordinary process of this machine, with everything that this test may do."""

    def __init__(self, folder: Path, argv: Sequence[str]) -> None:
        variables = [f"{name}={value}" for name, value in environment(folder).items()]
        python = ["/bin/sh", "-c", ENTRY, "sh", sys.executable, *argv]
        command = ["setsid", "env", "-C", str(folder), *variables, *python]
        NO_ENVIRONMENT["PATH"] = os.environ["PATH"]
        try:
            self.box = start(command, inherited=0)
        finally:
            NO_ENVIRONMENT.clear()
        os.read(self.box.from_worker, 1)  # "r": ready
        self.to_worker, self.from_worker = self.box.to_worker, self.box.from_worker
        self.pid, self.cause, self.peak_mb, self.killed = self.box.pid, "", 0.0, False

    def kill(self) -> None:
        if not self.killed:
            self.killed = True
            os.killpg(self.pid, signal.SIGKILL)
            self.box.kill()


def bare(folder: Path):
    """An opener, for `mark_submission`."""

    def open_bare(_limits: Limits, argv: Sequence[str]) -> BareBox:
        return BareBox(folder, argv)

    return open_bare
