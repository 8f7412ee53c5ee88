"""Workers that start in milliseconds, for practice and rehearsals: several share a sandbox.

`WarmWorkers` opens boxes as `sandbox.open_box` does, and can stand wherever that can. Marks need a
sandbox for each submission: a grade book filled from here is a rehearsal's.
"""

import contextlib
import os
import secrets
import select
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self, cast

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking.engines import Engine
from course_lib.classroom.marking.frames import Closed, WireError, wait, write_frame
from course_lib.classroom.marking.grading import mark_one
from course_lib.classroom.marking.sandbox import Box, open_box, probe
from course_lib.errors import CourseError
from course_lib.i18n import _

ZYGOTE = ("-m", "course_lib.classroom.marking.zygote")
CPU_SECONDS = 3600.0  # of a process; the judge's clock ends what takes longer than it may
SECONDS_TO_LOAD = 300.0  # torch and the others, on a busy machine
SECONDS_TO_START = 60.0
SECONDS_TO_CLEAN = 30.0  # else the sandbox is given up, which is always right


class WarmBox:
    """A worker in a sandbox that others had before it; else like a Box."""

    def __init__(self, workers: "WarmWorkers", limits: Limits, box: Box) -> None:
        self.workers, self.limits, self.box = workers, limits, box
        self.to_worker, self.from_worker, self.pid = box.to_worker, box.from_worker, box.pid
        self.ending = threading.Lock()
        self.ended = False

    @property
    def cause(self) -> str:
        return self.box.cause

    @property
    def peak_mb(self) -> float:
        """Of the whole sandbox, and since it was opened."""
        return self.box.peak_mb

    def end(self) -> None:
        """Kill everything inside, at once: nobody will get this sandbox again."""
        self.box.end()

    def kill(self) -> None:
        """End the worker and all that it has started; the next one gets the sandbox, if it can."""
        with self.ending:
            ended, self.ended = self.ended, True
        if not ended:
            self.workers.give_back(self.limits, self.box)


class WarmWorkers:
    """Opens boxes; use it in a `with` block. Sandboxes that are free wait for the next notebook."""

    def __init__(self) -> None:
        self.free: defaultdict[Limits, list[Box]] = defaultdict(list)
        self.changing = threading.Lock()
        # A sandbox ends with the thread that opened it: that must be one that stays.
        self.starter = ThreadPoolExecutor(1)

    def __call__(self, limits: Limits, _argv: Sequence[str]) -> Box:
        """A worker of its own for one notebook. Raises CourseError if no sandbox can be had."""
        limits = replace(limits, seconds=CPU_SECONDS)
        while True:
            with self.changing:
                free = self.free[limits]
                box = free.pop() if free else None
            box = box or self.starter.submit(open_loaded, limits).result()
            try:
                write_frame(box.to_worker, b"start", time.monotonic() + SECONDS_TO_START)
                return cast(Box, WarmBox(self, limits, box))
            except WireError:  # it ended while it was free
                box.kill()

    def give_back(self, limits: Limits, box: Box) -> None:
        """Keep a sandbox from which the worker has vanished; end any other."""
        if is_clean(box):
            with self.changing:
                self.free[limits].append(box)
        else:
            box.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self.changing:
            boxes = [box for free in self.free.values() for box in free]
            self.free.clear()
        for box in boxes:
            box.kill()
        self.starter.shutdown()


def open_loaded(limits: Limits) -> Box:
    """A sandbox that has its libraries loaded. Raises CourseError if there is none."""
    box = open_box(limits, ZYGOTE)
    with contextlib.suppress(WireError, OSError):
        wait(box.from_worker, select.POLLIN, time.monotonic() + SECONDS_TO_LOAD)
        if os.read(box.from_worker, 1) == b"l":
            return box
    box.kill()
    raise CourseError(_("the sandbox's Python does not start"))


def is_clean(box: Box) -> bool:
    """Ask for the worker's end, and skip what it has left in the pipe, up to the confirmation."""
    word, seen = secrets.token_bytes(16), b""
    deadline = time.monotonic() + SECONDS_TO_CLEAN
    try:
        write_frame(box.to_worker, b"end" + word, deadline)
        while not seen.endswith(word):
            wait(box.from_worker, select.POLLIN, deadline)
            part = os.read(box.from_worker, 65536)
            if not part:
                raise Closed("the sandbox has ended")
            seen = (seen + part)[-len(word) :]
    except (WireError, OSError):
        return False
    return True


@contextlib.contextmanager
def rehearsal(n_jobs: int) -> Iterator[Engine]:
    """`n_jobs` submissions at a time, in warm workers. Raises CourseError without a sandbox."""
    probe()
    with WarmWorkers() as workers, ThreadPoolExecutor(n_jobs) as pool:
        yield Engine(pool, 2 * n_jobs, partial(mark_one, opener=workers))
