"""The grade book says what was put into it: one attempt, many, again, corrected."""

import dataclasses
import gc
import sqlite3
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.mark import STATUSES, Mark, Marking
from course_lib.errors import CourseError
from tests.classroom.marking.markings import ASSIGNMENT, SMALL, mark, marking


@pytest.fixture
def book(tmp_path):
    with GradeBook(tmp_path / "gradebook.db", create=True) as book:
        book.begin(SMALL, "secret")
        yield book


def points(book, keep="last"):
    return {m.student: m.points for m in book.current(keep)}


texts = st.text(max_size=30)
numbers = st.floats(0, 1e6)


@st.composite
def markings(draw):
    marks = []
    for record in ASSIGNMENT.records()[: draw(st.integers(0, 3))]:
        n_cases = draw(st.integers(0, 9))
        marks.append(
            Mark(
                exercise=record.name,
                status=draw(st.sampled_from(STATUSES)),
                n_passed=draw(st.integers(0, n_cases)),
                n_cases=n_cases,
                points=draw(st.floats(0, record.points)),
                max_points=record.points,
                hint=draw(texts),
                practice=draw(texts),
                error=draw(texts),
                wrong_answer=draw(texts),
                seconds=draw(numbers),
            )
        )
    rest = {"seconds": draw(numbers), "peak_mb": draw(numbers), "problem": draw(texts)}
    names = {name: draw(texts.filter(bool)) for name in ("student", "path", "sha256")}
    return Marking(marks=tuple(marks), **rest, **names)


@given(markings())
@settings(max_examples=60, deadline=None)
def test_every_field_comes_back_as_it_was(tmp_path_factory, one):
    path = tmp_path_factory.mktemp("book") / "gradebook.db"
    with GradeBook(path, create=True) as book:
        book.begin(ASSIGNMENT, "secret")
        book.add(one, "fingerprint")
    with GradeBook(path) as book:
        assert book.current() == [one]
        assert book.assignment == ASSIGNMENT
        (attempt,) = book.attempts(one.student)
        assert (attempt.marking, attempt.fingerprint) == (one, "fingerprint")
        assert attempt.counts
        assert attempt.last


def test_adding_the_same_again_changes_nothing(book):
    one = marking("Ann", "right", "wrong")
    book.add(one, "f")
    before = book.digest(), book.path.read_bytes()
    book.add(dataclasses.replace(one, seconds=9.0, path="elsewhere.ipynb"), "f")
    assert (book.digest(), book.path.read_bytes()) == before
    assert len(book.attempts("Ann")) == 1


def test_what_has_and_seen_answer(book):
    one = marking("Ann", "right", "wrong", content="a")
    book.add(one, "f")
    for answer in (book.has, book.seen):
        assert answer("Ann", one.sha256, "f")
        assert not answer("Ann", one.sha256, "another")
        assert not answer("Ann", marking("Ann", content="b").sha256, "f")
        assert not answer("Bob", one.sha256, "f")


def test_the_last_file_counts_or_the_best(book):
    book.add(marking("Ann", "right", "right", content="1"), "f")
    book.add(marking("Ann", "right", "wrong", content="2"), "f")
    book.add(marking("Bob", "wrong", "wrong", content="3"), "f")
    assert points(book) == {"Ann": 2.0, "Bob": 0.0}
    assert points(book, "best") == {"Ann": 6.0, "Bob": 0.0}
    assert [a.last for a in book.attempts("Ann")] == [False, True]


def test_of_equally_good_files_the_last_one_counts(book):
    for content in "12":
        book.add(marking("Ann", "right", "wrong", content=content), "f")
    assert book.current("best")[0].sha256 == marking("", content="2").sha256


def test_who_goes_back_to_an_earlier_file_gets_its_marks_again(book):
    first = marking("Ann", "right", "right", content="1")
    book.add(first, "f")
    book.add(marking("Ann", "wrong", "wrong", content="2"), "f")
    assert book.seen("Ann", first.sha256, "f")
    assert points(book) == {"Ann": 6.0}
    assert len(book.attempts("Ann")) == 2


def test_a_file_counts_with_its_newest_judgement(book):
    book.add(marking("Ann", "wrong", "right", content="1"), "broken record")
    book.add(marking("Ann", "right", "wrong", content="2"), "broken record")
    book.add(marking("Ann", "right", "right", content="2"), "mended record")
    book.add(marking("Bob", "right", "right", content="1"), "broken record")
    assert points(book) == {"Ann": 6.0, "Bob": 6.0}
    assert [a.counts for a in book.attempts("Ann")] == [True, False, True]
    book.add(marking("Ann", "wrong", "wrong", content="2"), "mended again")
    assert points(book) == {"Ann": 0.0, "Bob": 6.0}
    assert points(book, "best") == {"Ann": 4.0, "Bob": 6.0}  # the older file, judged once


def test_the_same_file_of_two_students_is_two_attempts(book):
    book.add(marking("Ann", "right", "right", content="1"), "f")
    book.add(marking("Bob", "right", "right", content="1"), "f")
    assert [m.student for m in book.current()] == ["Ann", "Bob"]


def test_students_come_sorted_and_names_may_be_anything(book):
    names = ["安藤 花", "Zoë", "a'b\"; DROP TABLE marks;--", "x\0y", "%", "_", "né\udce9", "ann"]
    for name in names:
        book.add(marking(name, "right", "wrong"), "f")
    shown = [name.replace("\udce9", r"\udce9") for name in names]
    assert [m.student for m in book.current()] == sorted(shown) == list(book.students())
    assert book.has("né\udce9", marking("").sha256, "f")
    assert len(book.attempts("né\udce9")) == 1


def test_an_override_counts_whatever_was_or_will_be_marked(book):
    book.add(marking("Ann", "right", "wrong", content="1"), "f")
    book.override("Ann", "add_k_probs", 3.0, "rounding was allowed", who="Prof. 山田")
    assert points(book) == {"Ann": 5.0}
    book.add(marking("Ann", "wrong", "right", content="2"), "f")
    assert points(book) == {"Ann": 3.0}
    (found,) = book.overrides("Ann")
    assert (found.exercise, found.points, found.who) == ("add_k_probs", 3.0, "Prof. 山田")
    assert book.current()[0].marks[1].status == "right"  # what was found stays visible
    assert book.attempts("Ann")[1].marking.points == 4.0


def test_the_newest_override_counts_and_nobody_elses(book):
    for name in ("Ann", "Bob"):
        book.add(marking(name, "wrong", "wrong"), "f")
    for points_ in (4.0, 1.0):
        book.override("Ann", "add_k_probs", points_, "first or second thoughts")
    book.override("Ann", "chain_rule_log_prob", 2.0, "by word of mouth")
    assert points(book) == {"Ann": 3.0, "Bob": 0.0}
    assert [o.points for o in book.overrides()] == [1.0, 2.0]
    assert book.overrides("Bob") == []


def test_the_best_file_is_the_best_after_overrides(book):
    book.add(marking("Ann", "wrong", "right", content="1"), "f")
    book.add(marking("Ann", "right", "wrong", content="2"), "f")
    book.override("Ann", "add_k_probs", 0.0, "copied")
    assert points(book, "best") == {"Ann": 2.0}


def test_an_override_gives_points_for_a_file_that_could_not_be_marked(book):
    book.add(marking("Ann", problem="not a notebook"), "f")
    book.override("Ann", "add_k_probs", 4.0, "handed in on paper")
    assert points(book) == {"Ann": 4.0}
    assert book.current()[0].problem == "not a notebook"


@pytest.mark.parametrize(
    ("student", "exercise", "points_", "reason", "message"),
    [
        ("Zoe", "add_k_probs", 1.0, "why", "no attempt of Zoe"),
        ("Ann", "add_k", 1.0, "why", "add_k is not in assignment small"),
        ("Ann", "add_k_probs", 5.0, "why", "has 0 to 4 points; 5.0 is outside"),
        ("Ann", "add_k_probs", -1.0, "why", "has 0 to 4 points; -1.0 is outside"),
        ("Ann", "add_k_probs", float("nan"), "why", "nan is outside"),
        ("Ann", "add_k_probs", 1.0, " \n", "needs a reason"),
    ],
)
def test_an_override_that_cannot_be(book, student, exercise, points_, reason, message):
    book.add(marking("Ann", "right", "wrong"), "f")
    with pytest.raises(CourseError, match=message):
        book.override(student, exercise, points_, reason)
    assert book.overrides() == []


@pytest.mark.parametrize(
    "bad",
    [
        mark("kneser_ney_prob", "right", 4.0),
        mark("add_k_probs", "right", 4.0, points=5.0),
        mark("add_k_probs", "right", 4.0, points=-1.0),
        mark("add_k_probs", "right", 4.0, points=float("nan")),
        mark("add_k_probs", "right", 4.0, n_passed=4),
        mark("add_k_probs", "splendid", 4.0),
        mark("chain_rule_log_prob", "right", 2.0),
    ],
)
def test_a_mark_that_cannot_be_leaves_the_book_as_it_was(book, bad):
    book.add(marking("Bob", "right", "right"), "f")
    before = book.digest()
    good = mark("chain_rule_log_prob", "right", 2.0)
    with pytest.raises(ValueError, match=r"not of this assignment|cannot hold this"):
        book.add(marking("Ann", marks=(good, bad)), "f")
    assert book.digest() == before
    assert list(book.students()) == ["Bob"]
    book.add(marking("Ann", "right", "right"), "f")  # and it can still be written


def test_marks_and_attempts_cannot_be_of_nothing(book):
    db = sqlite3.connect(book.path)
    db.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        db.execute("INSERT INTO sightings (attempt, at) VALUES (7, '')")
    db.close()
    book.add(marking("Ann", "right", "wrong"), "f")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        book._db.execute("DELETE FROM attempts")


def test_the_digest_tells_what_differs_and_not_when_or_how_fast(tmp_path):
    one = marking("Ann", "right", "wrong", content="1", seconds=1.0, peak_mb=5.0)
    two = marking("Bob", "wrong", "wrong", content="2")
    slow_marks = tuple(dataclasses.replace(m, seconds=3.0) for m in one.marks)
    slow = dataclasses.replace(one, seconds=2.0, peak_mb=6.0, marks=slow_marks)

    def digest(*actions, secret="s", assignment=SMALL, kind="marks"):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
        with GradeBook(path, create=True) as book:
            book.begin(assignment, secret, kind)
            for action in actions:
                action(book)
            return book.digest()

    def add(m, fingerprint="f"):
        return lambda book: book.add(m, fingerprint)

    def override(n, reason="r", who="w"):
        return lambda book: book.override("Ann", "add_k_probs", n, reason, who)

    same = digest(add(one), add(two))
    assert digest(add(two), add(slow), add(one)) == same
    again = marking("Ann", "wrong", "wrong", content="3")
    others = [
        digest(add(one)),
        digest(add(one), add(two), secret="t"),
        digest(add(one), add(two), assignment=Assignment("other", SMALL.exercises)),
        digest(add(one), add(two), kind="rehearsal"),
        digest(add(one, "g"), add(two)),
        digest(add(dataclasses.replace(one, path="x")), add(two)),
        digest(add(dataclasses.replace(one, problem="x")), add(two)),
        digest(add(marking("Ann", "right", "right", content="1")), add(two)),
        digest(add(one), add(two), add(again)),
        digest(add(again), add(two), add(one)),
        digest(add(one), add(two), override(1.0)),
        digest(add(one), add(two), override(2.0)),
        digest(add(one), add(two), override(1.0, "other")),
        digest(add(one), add(two), override(1.0, who="other")),
    ]
    assert len({same, *others}) == len(others) + 1


def test_memory_does_not_grow_with_the_number_of_students(tmp_path):
    def peak(work):
        gc.collect()
        tracemalloc.start()
        work()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    def add():
        for i in range(400):
            book.add(marking(f"student {i}", "right", "wrong", content=str(i)), "f")

    def walk():
        assert sum(m.points for m in book.iter_current()) == 800

    with GradeBook(tmp_path / "gradebook.db", create=True) as book:
        book.begin(SMALL, "secret")
        book._db.execute("PRAGMA synchronous = OFF")  # the disk's speed is not the question
        peaks = [peak(work) for work in (add, walk, book.digest)]
        assert max(peaks) < peak(book.current) / 2  # that one holds all of them
