"""A notebook in a worker in a sandbox, seen from outside: every byte that comes back is hostile."""

import secrets
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking import sandbox, wire
from course_lib.classroom.marking.mark import Status
from course_lib.classroom.marking.wire import decode, encode, read_frame, write_frame
from course_lib.errors import CourseError
from course_lib.i18n import _

WORKER = ("-m", "course_lib.classroom.marking.worker")
MOST_BYTES = 2**24  # of a reply
START_SECONDS = 120.0  # until a worker answers for the first time, on a busy machine
CELL_SECONDS = 60.0  # for one cell: it may have to import torch
ALL_CELLS_SECONDS = 120.0  # for all cells of a notebook together
N_RETRIES = 4  # how many workers in all may be lost while the cells run

Kind = Literal["done", "raised", "value", "missing", "arity"]
N_PARTS = {"done": 0, "raised": 2, "value": 1, "missing": 0, "arity": 0}


class WorkerError(Exception):
    """The worker cannot be asked any more; `status` says what became of it."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status: Status = status


@dataclass(frozen=True)
class Reply:
    """What a worker answered: a value, or the exception's name and message."""

    kind: Kind
    value: Any = None
    error: str = ""
    message: str = ""


Opener = Callable[[Limits, Sequence[str]], sandbox.Box]
_open: weakref.WeakSet["Session"] = weakref.WeakSet()


class Session:
    """The cells of a notebook, run; its functions can be called.

    A cell that never ends, or ends the process, is left out the next time: the notebook starts
    again in a new worker without it. A cell that misses a name is tried once more after the
    others, so that their order does not matter. Raises WorkerError if no worker survives the
    cells, and CourseError if none can be had.
    """

    def __init__(
        self, cells: Sequence[str], limits: Limits, open_box: Opener = sandbox.open_box
    ) -> None:
        self.cells, self.limits, self.open_box = cells, limits, open_box
        self.skipped: set[int] = set()
        self.peak_mb = 0.0
        self.box: sandbox.Box | None = None
        _open.add(self)
        self.start()

    def start(self) -> None:
        """A fresh worker with all cells run but those that bring a worker down."""
        self.close()
        lost: Status = "died"
        deadline = time.monotonic() + ALL_CELLS_SECONDS
        for _try in range(1 + N_RETRIES):
            self.box = self.open_box(self.limits, WORKER)
            running = -1
            try:
                self.ask("cell", "", seconds=START_SECONDS)  # it has started
                unknown = []
                for running in self.left():
                    reply = self.run("cell", running, deadline)
                    if (reply.kind, reply.error) == ("raised", "NameError"):
                        unknown.append(running)
                for running in unknown:
                    self.run("again", running, deadline)
                return
            except WorkerError as error:
                if running < 0:  # no line of the student's has run yet
                    raise CourseError(_("the sandbox's Python does not start")) from None
                lost = error.status
                self.skipped.add(running)
            if time.monotonic() > deadline:
                break
        raise WorkerError(lost)

    def left(self) -> list[int]:
        return [number for number in range(len(self.cells)) if number not in self.skipped]

    def run(self, how: str, number: int, deadline: float) -> Reply:
        left = max(0.0, deadline - time.monotonic())
        return self.ask(how, self.cells[number], seconds=min(CELL_SECONDS, left))

    def call(self, name: str, args: tuple, seconds: float) -> Reply:
        """The function's answer. Raises WorkerError if there is none in that time."""
        return self.ask("call", name, args, seconds=seconds)

    def ask(self, *request: Any, seconds: float) -> Reply:
        """One request and its reply. Raises WorkerError, and ends the worker, if there is none."""
        if self.box is None:
            raise WorkerError("died")
        # Nobody can answer a question in advance, or another one twice: each has its own number.
        number = secrets.token_hex(8)
        deadline = time.monotonic() + seconds
        name, *rest = request
        try:
            write_frame(self.box.to_worker, encode([name, number, *rest]), deadline)
            reply = decode(read_frame(self.box.from_worker, deadline, MOST_BYTES))
            return read_reply(reply, number)
        except wire.WireError as error:
            status = self.why(error)
            self.close()
            raise WorkerError(status) from None

    def why(self, error: wire.WireError) -> Status:
        """What became of the worker."""
        if self.box is not None and self.box.cause == "memory":
            return "memory"
        if isinstance(error, wire.TimeUp):
            return "time"
        return "died" if isinstance(error, wire.Closed) else "protocol"

    def close(self) -> None:
        """End the worker and all that it has started."""
        if self.box is not None:
            self.box.kill()
            self.peak_mb = max(self.peak_mb, self.box.peak_mb)
            self.box = None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
        _open.discard(self)


def close_all() -> None:
    """End all workers of this process, so that whoever waits for one of them goes on at once."""
    for session in list(_open):
        if session.box is not None:
            session.box.end()


def read_reply(reply: Any, number: str) -> Reply:
    """Raises WireError if it is not a reply to the request of that number."""
    if type(reply) is not list or len(reply) < 2 or reply[0] != number:
        raise wire.WireError("not the reply to this request")
    kind, parts = reply[1], reply[2:]
    if type(kind) is not str or len(parts) != N_PARTS.get(kind):
        raise wire.WireError("not a reply")
    if kind == "raised":
        if not all(type(part) is str for part in parts):
            raise wire.WireError("not an exception")
        return Reply("raised", error=parts[0], message=parts[1])
    return Reply(kind, *parts)  # type: ignore[arg-type]
