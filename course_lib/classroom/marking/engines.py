"""Who computes while a class is marked: threads of this machine, or Dask's workers on several.

The judge of a submission runs wherever the submission does, beside its sandbox and outside of it.
To another machine go the submitted notebook and the order, which holds the secret: both stay in
memory there, and Dask, which logs what fails, is given nothing to log them from.
"""

import contextlib
import functools
import hashlib
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.classroom import checker
from course_lib.classroom.marking.grading import Order, mark_one
from course_lib.classroom.marking.mark import Marking
from course_lib.classroom.marking.sandbox import probe
from course_lib.classroom.marking.submissions import Handed
from course_lib.errors import CourseError
from course_lib.i18n import _

SECONDS_TO_CONNECT = 30  # to the scheduler, and again for a first worker to join it
LEAST_AT_ONCE = 32  # so that there is something to do for workers that join later


@dataclass(frozen=True)
class Engine:
    """Where submissions are marked. n_at_once: how many are to be on their way at a time."""

    executor: Executor
    n_at_once: int
    mark: Callable[[Handed, Order], Marking] = mark_one


@contextlib.contextmanager
def this_machine(n_jobs: int) -> Iterator[Engine]:
    """`n_jobs` submissions at a time, here. Raises CourseError without a sandbox."""
    probe()
    with ThreadPoolExecutor(n_jobs) as pool:
        yield Engine(pool, 2 * n_jobs)


@contextlib.contextmanager
def dask_cluster(address: str) -> Iterator[Engine]:
    """The workers of a Dask scheduler, for example tcp://10.0.0.5:8786. They may come and go.

    What a worker that dies had in hand is given to another. Raises CourseError if no scheduler
    answers or it has no worker, if a worker has no sandbox or another version of the course, now
    or when one joins later, and if the cluster is lost on the way.
    """
    import distributed  # part of the grading set only

    for name in ("distributed.client", "distributed.core", "distributed.utils_comm"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # we say in one line what is wrong
    try:
        client = distributed.Client(
            address, timeout=SECONDS_TO_CONNECT, set_as_default=False, name="course-grade"
        )
    except (OSError, ValueError, TypeError):
        message = _("no Dask scheduler answers at {address}; start one with: dask scheduler")
        raise CourseError(message.format(address=address)) from None
    with client:
        n_threads = require_workers(client, address)
        executor = client.get_executor(pure=False)
        mark = functools.partial(mark_there, version=version())
        try:
            yield Engine(executor, max(LEAST_AT_ONCE, 2 * n_threads), mark)
        except distributed.KilledWorker:
            message = _("several workers in turn died over one submission; look at their logs")
            raise CourseError(message) from None
        except (CancelledError, distributed.CancelledError, OSError):
            message = _("the Dask scheduler at {address} is gone; the same command will go on")
            raise CourseError(message.format(address=address)) from None


def require_workers(client: Any, address: str) -> int:
    """How many submissions the workers mark at a time. Raises CourseError if one is not ready."""
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
    except TimeoutError:
        message = _("no worker has joined the Dask scheduler; start one: dask worker {address}")
        raise CourseError(message.format(address=address)) from None
    threads = client.nthreads()
    found = client.run(readiness, version(), on_error="return")
    for worker, problem in sorted(found.items()):
        if problem:
            words = problem if isinstance(problem, str) else _("it cannot load the course")
            message = _("worker {worker} cannot mark: {problem}")
            raise CourseError(message.format(worker=worker, problem=words))
    return sum(threads.values())


def readiness(expected: str) -> str:
    """Runs on a worker: why it cannot mark, "" if it can."""
    try:
        make_ready(expected)
    except CourseError as error:
        return str(error)
    return ""


def make_ready(expected: str) -> None:
    """Raises CourseError if there is no sandbox here, or another version of the course."""
    if version() != expected:
        raise CourseError(_("it has another version of course_lib"))
    probe()


def mark_there(handed: Handed, order: Order, *, version: str) -> Marking:
    """Runs on a worker, which may have joined a moment ago."""
    make_ready(version)
    return mark_one(handed, order)


@functools.cache
def version() -> str:
    """A hash of all code that decides about marks: the records, the checker, the marking."""
    digest = hashlib.sha256()
    folder = Path(checker.__file__).parent
    parts = ("*.py", "exercises/**/*.py", "marking/**/*.py")
    for path in sorted(path for part in parts for path in folder.glob(part)):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
