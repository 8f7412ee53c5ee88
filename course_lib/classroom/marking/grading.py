"""All submissions of an assignment into the grade book: in parallel, resumed where it stopped."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace

from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.mark import Marking
from course_lib.classroom.marking.marker import mark_submission
from course_lib.classroom.marking.paper import fingerprint, papers
from course_lib.classroom.marking.sandbox import open_box
from course_lib.classroom.marking.session import Opener, close_all
from course_lib.classroom.marking.submissions import Handed, Submission, take
from course_lib.errors import CourseError
from course_lib.i18n import _

NOT_JUDGED = "not judged"  # in place of a fingerprint: it is marked again the next time
MOST_SECONDS = 60.0  # for all calls of an exercise, whatever its record allows


@dataclass(frozen=True)
class Order:
    """What an assignment is marked with. It holds the secret: keep it in memory only."""

    assignment: Assignment
    secret: bytes
    most_seconds: float = MOST_SECONDS

    def __repr__(self) -> str:
        return f"Order({self.assignment!r})"

    @property
    def fingerprint(self) -> str:
        return fingerprint(papers(self.assignment, self.secret, self.most_seconds))


def mark_one(handed: Handed, order: Order, opener: Opener = open_box) -> Marking:
    """Mark one submission: a pure function of its bytes, the same on every machine."""
    asked = papers(order.assignment, order.secret, order.most_seconds)
    try:
        return mark_submission(handed, asked, opener)
    except CourseError:  # no sandbox: nobody's marks may depend on that
        raise
    except Exception as error:  # our fault: one is left without marks, the others are not
        problem = _("marking stopped with {type}").format(type=type(error).__name__)
        nothing = mark_submission(Handed(handed.student, handed.path, (), problem), asked, opener)
        return replace(nothing, sha256=handed.sha256, judged=False)


def grade(
    submissions: Iterable[Submission],
    order: Order,
    book: GradeBook,
    executor: Executor,
    *,
    n_at_once: int,
    on_done: Callable[[Marking], None],
    on_known: Callable[[str], None],
    mark: Callable[[Handed, Order], Marking] = mark_one,
) -> None:
    """Mark what the book does not hold yet. Ends early with any exception of `on_done`, or Ctrl-C.

    An exercise that ran out of time may have had a greedy neighbour: such submissions are marked
    once more, each alone, after all the others, and only that counts.

    executor: anything with `submit`, also of another machine.
    n_at_once: how many submissions are in memory at a time.
    on_done: called with each new marking; on_known with each student whose file the book holds.
    """
    print_of_order = order.fingerprint

    def unknown() -> Iterator[tuple[Submission, Handed]]:
        for submission in submissions:
            handed = take(submission)
            if book.seen(handed.student, handed.sha256, print_of_order):
                on_known(handed.student)
            else:
                yield submission, handed

    def submit(handed: Handed) -> Future[Marking]:
        return executor.submit(mark, handed, order)

    try:
        for marking in markings(unknown(), submit, n_at_once):
            book.add(marking, print_of_order if marking.judged else NOT_JUDGED)
            on_done(marking)
    except BaseException:
        close_all()  # who waits for a worker of this process goes on at once
        raise


def markings(
    left: Iterator[tuple[Submission, Handed]],
    submit: Callable[[Handed], Future[Marking]],
    n_at_once: int,
) -> Iterator[Marking]:
    """The markings as they come in, `n_at_once` under way; then those that need a second try."""
    slow: list[Submission] = []
    waiting: dict[Future[Marking], Submission] = {}
    try:
        while True:
            for submission, handed in itertools.islice(left, n_at_once - len(waiting)):
                waiting[submit(handed)] = submission
            if not waiting:
                break
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                submission, marking = waiting.pop(future), future.result()
                if n_at_once > 1 and any(mark.status == "time" for mark in marking.marks):
                    slow.append(submission)
                else:
                    yield marking
        for submission in slow:
            yield submit(take(submission)).result()
    finally:
        for future in waiting:
            future.cancel()
