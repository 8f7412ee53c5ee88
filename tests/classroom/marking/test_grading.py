"""Many submissions into one book: each once, in any order, also after it was stopped."""

import contextlib
import gc
import itertools
import threading
import tracemalloc
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from course_lib.classroom.marking import grading
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.grading import Order, grade, mark_one
from course_lib.classroom.marking.mark import Mark, Marking
from course_lib.classroom.marking.paper import secret_fingerprint
from course_lib.classroom.marking.submissions import Handed, find_submissions
from course_lib.errors import CourseError

from .notebooks import COUNT_WORDS, handed, saved, write

ORDER = Order(Assignment("one", ("count_words",)), b"a secret of the tests")


def quick(given: Handed, _order: Order) -> Marking:
    """A marker that looks at the text only: half the points for an x."""
    points = 2 if b"x = " in given.notebooks[0] else 0
    mark = Mark(
        exercise="count_words",
        status="right" if points else "wrong",
        n_passed=0,
        n_cases=1,
        points=points,
        max_points=2,
    )
    return Marking(student=given.student, path=given.path, sha256=given.sha256, marks=(mark,))


class Graded:
    """A run of `grade` into a book, and what it told."""

    def __init__(self, folder: Path, path: Path, mark=quick, n_at_once: int = 4, stop_after=10**9):
        self.new: list[str] = []
        self.known: list[str] = []
        self.stop_after = stop_after
        with GradeBook(path, create=True) as book, ThreadPoolExecutor(2) as pool:
            book.begin(ORDER.assignment, secret_fingerprint(ORDER.secret))
            with contextlib.suppress(KeyboardInterrupt):
                grade(
                    find_submissions(folder),
                    ORDER,
                    book,
                    pool,
                    n_at_once=n_at_once,
                    on_done=self.done,
                    on_known=self.known.append,
                    mark=mark,
                )
            self.digest = book.digest()

    def done(self, marking: Marking) -> None:
        self.new.append(marking.student)
        if len(self.new) == self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(11):
        write(tmp_path / "subs", f"s{number:02}", [f"{'xy'[number % 2]} = {number}"])
    return tmp_path / "subs"


@pytest.mark.parametrize("n_at_once", [1, 2, 3, 100])
def test_everybody_is_marked_once_whatever_the_window(folder: Path, tmp_path: Path, n_at_once: int):
    first = Graded(folder, tmp_path / "book.db", n_at_once=n_at_once)
    assert sorted(first.new) == [f"s{number:02}" for number in range(11)]
    again = Graded(folder, tmp_path / "book.db", n_at_once=n_at_once)
    assert (again.new, sorted(again.known)) == ([], sorted(first.new))
    assert again.digest == first.digest


def test_stopped_and_gone_on_with_is_as_never_stopped(folder: Path, tmp_path: Path):
    whole = Graded(folder, tmp_path / "whole.db")
    for stop_after in (1, 4, 3):
        stopped = Graded(folder, tmp_path / "book.db", stop_after=stop_after)
        assert len(stopped.new) == stop_after
        assert stopped.digest != whole.digest
    rest = Graded(folder, tmp_path / "book.db")
    assert len(rest.known) == 8
    assert rest.digest == whole.digest


def test_whoever_is_stopped_ends_the_workers_that_still_run(
    folder: Path, tmp_path: Path, monkeypatch
):
    closed: list[bool] = []
    monkeypatch.setattr(grading, "close_all", lambda: closed.append(True))
    Graded(folder, tmp_path / "book.db", stop_after=3)
    assert closed == [True]
    Graded(folder, tmp_path / "book.db")
    assert closed == [True]


def test_a_changed_file_is_marked_anew_and_the_old_attempt_stays(folder: Path, tmp_path: Path):
    Graded(folder, tmp_path / "book.db")
    (folder / "s01" / "answers.ipynb").write_bytes(saved(["x = 1"]))
    assert Graded(folder, tmp_path / "book.db").new == ["s01"]
    with GradeBook(tmp_path / "book.db") as book:
        assert [attempt.marking.points for attempt in book.attempts("s01")] == [0, 2]


class Counting(ThreadPoolExecutor):
    """Remembers how many submissions were on their way at most."""

    def __init__(self) -> None:
        super().__init__(2)
        self.lock, self.here, self.most = threading.Lock(), 0, 0

    def submit(self, function, /, *args, **kwargs) -> Future:
        with self.lock:
            self.here += 1
            self.most = max(self.most, self.here)
        future = super().submit(function, *args, **kwargs)
        future.add_done_callback(self.leave)
        return future

    def leave(self, _future: Future) -> None:
        with self.lock:
            self.here -= 1


def test_only_a_few_submissions_are_held_at_a_time(folder: Path, tmp_path: Path, monkeypatch):
    def slow(given: Handed, order: Order) -> Marking:
        threading.Event().wait(0.0 if given.student == "s00" else 0.2)
        return quick(given, order)

    counting = Counting()
    monkeypatch.setattr(f"{__name__}.ThreadPoolExecutor", lambda _n: counting)
    graded = Graded(folder, tmp_path / "book.db", slow, n_at_once=3)
    assert len(graded.new) == 11
    assert counting.most == 3


def test_who_ran_out_of_time_beside_others_gets_another_chance_alone(folder: Path, tmp_path: Path):
    lock, here, alone = threading.Lock(), set(), []

    def crowded(given: Handed, order: Order) -> Marking:
        with lock:
            here.add(given.student)
        threading.Event().wait(0.02)
        marking = quick(given, order)
        if given.student in ("s01", "s04"):
            alone.append(len(here) == 1)
            if not alone[-1] or given.student == "s01":
                late = replace(marking.marks[0], status="time", points=0)
                marking = replace(marking, marks=(late,))
        with lock:
            here.discard(given.student)
        return marking

    graded = Graded(folder, tmp_path / "book.db", crowded)
    assert sorted(graded.new[-2:]) == ["s01", "s04"]
    assert alone[-2:] == [True, True]
    with GradeBook(tmp_path / "book.db") as book:
        statuses = {m.student: m.marks[0].status for m in book.current()}
    assert (statuses["s01"], statuses["s04"]) == ("time", "right")


def test_memory_does_not_grow_with_their_number(tmp_path: Path):
    class Now:
        def submit(self, function, *args) -> Future:
            future: Future = Future()
            future.set_result(function(*args))
            return future

    def peak(n: int) -> int:
        book_path = tmp_path / f"{n}.db"
        submissions = itertools.islice(itertools.cycle(find_submissions(tmp_path / "subs")), n)
        with GradeBook(book_path, create=True) as book:
            book.begin(ORDER.assignment, "f")
            gc.collect()
            tracemalloc.start()
            numbers = itertools.count()
            grade(
                submissions,
                ORDER,
                book,
                Now(),  # type: ignore[arg-type]
                n_at_once=4,
                on_done=lambda marking: None,
                on_known=lambda student: None,
                mark=lambda given, order: quick(
                    Handed(f"s{next(numbers)}", given.path, given.notebooks), order
                ),
            )
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return most

    write(tmp_path / "subs", "s", ["x = '" + "a" * 100_000 + "'"])
    few, many = peak(20), peak(200)
    assert many < 1.5 * few


def test_a_fault_of_ours_is_a_problem_of_one_submission(monkeypatch):
    def broken(given, *others):
        if given.notebooks:
            raise ZeroDivisionError
        return original(given, *others)

    original = grading.mark_submission
    monkeypatch.setattr(grading, "mark_submission", broken)
    given = handed(COUNT_WORDS)
    marking = mark_one(given, ORDER)
    assert marking.problem == "marking stopped with ZeroDivisionError"
    assert (marking.points, marking.max_points, marking.sha256) == (0, 2, given.sha256)
    assert not marking.judged


def test_what_was_not_judged_is_marked_again(folder: Path, tmp_path: Path):
    def unlucky(given: Handed, order: Order) -> Marking:
        marking = quick(given, order)
        if given.student == "s03":
            marking = replace(marking, problem="marking stopped with X", judged=False)
        return marking

    for _run in range(2):
        Graded(folder, tmp_path / "book.db", unlucky)
    assert Graded(folder, tmp_path / "book.db").new == ["s03"]
    with GradeBook(tmp_path / "book.db") as book:
        assert [m.problem for m in book.current()] == [""] * 11
    assert Graded(folder, tmp_path / "book.db").new == []


def test_without_a_sandbox_nobody_gets_a_mark(folder: Path, tmp_path: Path):
    def no_box(*_args):
        raise CourseError("the sandbox does not start")

    with pytest.raises(CourseError, match="does not start"):
        Graded(folder, tmp_path / "book.db", lambda g, o: mark_one(handed(COUNT_WORDS), o, no_box))
    with GradeBook(tmp_path / "book.db") as book:
        assert book.current() == []


@pytest.mark.usefixtures("sandbox")
def test_who_takes_all_cores_costs_nobody_else_a_mark(tmp_path: Path):
    hog = """import os
def count_words(words):
    for _process in range(40):
        if os.fork() == 0:
            while True:
                pass
    while True:
        pass"""
    write(tmp_path / "subs", "hog", [hog])
    for student in ("ann", "ben", "zoe"):
        write(tmp_path / "subs", student, [COUNT_WORDS])
    Graded(tmp_path / "subs", tmp_path / "book.db", mark_one)
    with GradeBook(tmp_path / "book.db") as book:
        found = {marking.student: marking.marks[0].status for marking in book.current()}
    assert found == {"ann": "right", "ben": "right", "hog": "time", "zoe": "right"}


@pytest.mark.usefixtures("sandbox")
def test_for_real(tmp_path: Path):
    write(tmp_path / "subs", "ann", [COUNT_WORDS])
    write(tmp_path / "subs", "bob", ["def count_words(words): return {}"])
    write(tmp_path / "subs", "花子", ["import os\nos._exit(1)", COUNT_WORDS])
    Graded(tmp_path / "subs", tmp_path / "book.db", mark_one)
    with GradeBook(tmp_path / "book.db") as book:
        found = {marking.student: marking.points for marking in book.current()}
    assert found == {"ann": 2, "bob": 0, "花子": 2}
