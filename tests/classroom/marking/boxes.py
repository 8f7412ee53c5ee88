"""Code in a sandbox, and what came out of it."""

import os
import select
import time
from pathlib import Path

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking.sandbox import Box, open_box

LIMITS = Limits(seconds=20, memory_mb=400, n_processes=32, disk_mb=4)
SAY = "import os, sys\ndef say(value): os.write(4, str(value).encode() + b'\\n')\n"


def inside(code: str, limits: Limits = LIMITS, seconds: float = 30) -> str:
    """All that Python code says in a sandbox, `say(value)` by `say(value)`, until it ends."""
    with open_box(limits, ["-c", SAY + code]) as box:
        return heard(box, seconds)


def heard(box: Box, seconds: float = 30) -> str:
    end, text = time.monotonic() + seconds, b""
    while select.select([box.from_worker], [], [], max(0.0, end - time.monotonic()))[0]:
        part = os.read(box.from_worker, 65536)
        if not part:
            return text.decode()
        text += part
    raise AssertionError(f"no end after {seconds} s: {text!r}")


def first_line(box: Box) -> str:
    assert select.select([box.from_worker], [], [], 30)[0]
    return os.read(box.from_worker, 65536).decode().split("\n")[0]


def alive(pid: int) -> bool:
    """A process that has ended but was not waited for counts as alive: it must not be left."""
    return Path(f"/proc/{pid}").exists()


def gone(pids: list[int], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.02)
    return not any(map(alive, pids))
