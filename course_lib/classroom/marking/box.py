"""A sandbox that has been started: two pipes to what runs in it, and a way to end it for good."""

import contextlib
import os
import select
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking.box_command import SCRATCH, box_command
from course_lib.classroom.marking.memory_watch import MemoryWatch, family
from course_lib.classroom.marking.system_calls import seccomp_filter
from course_lib.errors import CourseError
from course_lib.i18n import _

SECONDS_TO_START = 30.0  # about 0.05 on an idle machine
SECONDS_TO_END = 10.0
NO_ENVIRONMENT: dict[str, str] = {}  # bubblewrap's own can be read from inside


class Box:
    """A running sandbox. Use it as a context manager, in the thread that opened it.

    The kernel ends the sandbox when that thread ends: nothing outlives a judge that was killed.
    pid: of the outermost process.     to_worker, from_worker: file descriptors of the judge.
    """

    def __init__(self, process: subprocess.Popen, to_worker: int, from_worker: int) -> None:
        self.process, self.pid = process, process.pid
        self.to_worker, self.from_worker = to_worker, from_worker
        self.init_fd = -1  # the first process inside; its end is the end of all of them
        self.watch: MemoryWatch | None = None
        self.ending = threading.RLock()  # a signal handler may come in between

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def cause(self) -> str:
        """Why it was ended from outside: "memory", or "" if it was not."""
        return "memory" if self.watch is not None and self.watch.exceeded else ""

    @property
    def peak_mb(self) -> float:
        """The most memory that all its processes used together, as far as it was seen."""
        return self.watch.peak_mb if self.watch is not None else 0.0

    def wait_until_ready(self) -> None:
        """Read the byte that the box sends once all protections stand. Raises CourseError."""
        ready, *_others = select.select([self.from_worker], [], [], SECONDS_TO_START)
        if not ready or os.read(self.from_worker, 1) != b"r":
            message = _("the sandbox does not start: {why}")
            raise CourseError(message.format(why=self.complaint()))

    def complaint(self) -> str:
        """The last line that bubblewrap printed, after ending it."""
        self.process.kill()
        stderr = self.process.stderr
        lines = stderr.read().decode(errors="replace").split("\n") if stderr else []
        return next((line for line in reversed(lines) if line), _("it gave no reason"))

    def start_watching(self, limits: Limits) -> None:
        inner = list(family(self.pid))[1:2]
        if not inner:
            raise CourseError(_("the sandbox ended as soon as it had started"))
        self.init_fd = os.pidfd_open(inner[0])
        folder = Path(f"/proc/{inner[0]}/root{SCRATCH}")
        self.watch = MemoryWatch(self.pid, folder, limits.memory_mb, self.end)
        self.watch.start()

    def end(self) -> None:
        """Kill everything inside."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.init_fd, signal.SIGKILL)

    def kill(self) -> None:
        """End it, whatever it does, and free everything. Twice does no harm, nor two threads."""
        with self.ending:
            self.kill_once()

    def kill_once(self) -> None:
        if self.watch is not None:
            self.watch.done.set()
            self.watch.join()
        if self.init_fd >= 0:
            self.end()
            first, self.init_fd = self.init_fd, -1
            os.close(first)
        else:
            self.process.kill()
        try:
            self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
        ends = (self.to_worker, self.from_worker)
        self.to_worker = self.from_worker = -1
        for fd in ends:
            if fd >= 0:
                os.close(fd)


def open_box(limits: Limits, argv: Sequence[str]) -> Box:
    """Start the sandbox's own Python with `argv`, for example ["-m", "package.module"].

    Inside, file descriptor 3 reads what is written to `to_worker`; what is written to 4 arrives
    at `from_worker`. Raises CourseError if it cannot be started.
    """
    with tempfile.TemporaryFile() as program:
        program.write(seccomp_filter())
        program.seek(0)
        command = box_command(limits, argv, program.fileno())
        box = start(command, program.fileno())
    try:
        box.wait_until_ready()
        box.start_watching(limits)
    except BaseException:
        box.kill()
        raise
    return box


def start(command: list[str], inherited: int) -> Box:
    """Start the command between two pipes, with an empty environment."""
    read_questions, to_worker = os.pipe()
    from_worker, write_answers = os.pipe()
    try:
        process = subprocess.Popen(
            command,
            stdin=read_questions,
            stdout=write_answers,
            stderr=subprocess.PIPE,
            env=NO_ENVIRONMENT,
            cwd="/",
            pass_fds=(inherited,),
        )
    except BaseException:
        os.close(to_worker)
        os.close(from_worker)
        raise
    finally:
        os.close(read_questions)
        os.close(write_answers)
    return Box(process, to_worker, from_worker)
