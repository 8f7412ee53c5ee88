"""The grade book as a file: what is refused, who may write at once, and what a kill leaves."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from course_lib.classroom.marking import grade_book_file
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.errors import CourseError
from course_lib.storage import PROJECT
from tests.classroom.marking.markings import SMALL, marking

# Adds the markings of students `first`, `first` + 1, ... and says so after each.
WRITER = """
import sys
from course_lib.classroom.marking.grade_book import GradeBook
from tests.classroom.marking.markings import SMALL, marking

path, first, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with GradeBook(path, create=True) as book:
    book.begin(SMALL, "secret")
    for i in range(first, first + n):
        book.add(marking(f"student {i:04}", "right", "wrong", content=str(i)), "f")
        print(i, flush=True)
"""


def writer(path, first, n):
    command = [sys.executable, "-c", WRITER, str(path), str(first), str(n)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "gradebook.db"
    with GradeBook(path, create=True) as book:
        book.begin(SMALL, "secret")
        for i in range(30):
            book.add(marking(f"student {i}", "right", "wrong", content=str(i)), "f")
    return path


def test_after_closing_the_book_is_one_plain_file(path):
    assert [p.name for p in path.parent.iterdir()] == ["gradebook.db"]
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    with GradeBook(path) as book, GradeBook(copy) as again:
        assert again.digest() == book.digest()


def test_between_two_writes_a_copy_of_the_file_is_the_whole_book(path):
    copy = path.with_name("copy.db")
    with GradeBook(path) as book:
        book.add(marking("Ann", "right", "right"), "f")
        assert [p.name for p in path.parent.iterdir()] == ["gradebook.db"]
        copy.write_bytes(path.read_bytes())
        with GradeBook(copy) as again:
            assert again.digest() == book.digest()


def test_a_book_is_not_made_by_looking_for_it(tmp_path):
    with pytest.raises(CourseError, match=r"there is no grade book .*none\.db"):
        GradeBook(tmp_path / "none.db")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ((SMALL, "another"), "holds marks of another secret seed"),
        ((Assignment("week2", SMALL.exercises), "secret"), "holds another assignment"),
        ((Assignment("small", SMALL.exercises[::-1]), "secret"), "another choice of exercises"),
        ((SMALL, "secret", "rehearsal"), "holds a rehearsal, or is to hold one"),
    ],
)
def test_a_book_is_about_one_thing(path, other, message):
    with GradeBook(path) as book:
        before = book.digest()
        with pytest.raises(CourseError, match=message):
            book.begin(*other)
        assert book.digest() == before
        assert book.kind == "marks"
        book.begin(SMALL, "secret")  # what it is about, it goes on with


def test_an_empty_book_says_so(tmp_path):
    with GradeBook(tmp_path / "new.db", create=True) as book:
        for ask in (lambda: book.assignment, lambda: book.kind, book.digest):
            with pytest.raises(CourseError, match=r"new\.db is empty"):
                ask()
        assert book.current() == []


def test_a_book_is_made_whole_or_not_at_all(tmp_path, monkeypatch):
    path, tables = tmp_path / "gradebook.db", grade_book_file.TABLES
    monkeypatch.setattr(grade_book_file, "TABLES", tables + ";\nCREATE what is no table")
    with pytest.raises(CourseError, match="cannot use the grade book"):
        GradeBook(path, create=True)
    monkeypatch.undo()
    with GradeBook(path, create=True) as book:
        book.begin(SMALL, "secret")
        book.add(marking("Ann", "right", "right"), "f")


def foreign(path):
    path.write_text("student,points\n" * 100)


def short(path):
    path.write_text("x")


def a_header_long(path):
    path.write_text("x" * 100)


def other_database(path):
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE book (id)")
    db.commit()
    db.close()


def newer(path):
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 2")
    db.close()


def cut(path):
    path.write_bytes(path.read_bytes()[:9000])


def overwritten(path):
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 3] = b"\xaa" * 4096
    path.write_bytes(content)


def folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (foreign, "is not a grade book of this course"),
        (short, "is not a grade book of this course"),
        (a_header_long, "is not a grade book of this course"),
        (other_database, "is not a grade book of this course"),
        (newer, "of another version of the course; update the course"),
        (cut, "is damaged"),
        (overwritten, "is damaged"),
        (folder, "there is no grade book|cannot use the grade book"),
    ],
)
@pytest.mark.parametrize("create", [False, True])
def test_what_is_no_sound_book_is_refused_in_one_line_and_left_alone(path, spoil, message, create):
    spoil(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(CourseError, match=message) as error:
        GradeBook(path, create)
    assert "\n" not in str(error.value)
    assert "gradebook.db" in str(error.value)
    assert before is None or path.read_bytes() == before


def test_damage_that_shows_only_when_it_is_read_is_one_line_too(path, monkeypatch):
    overwritten(path)
    monkeypatch.setattr("course_lib.classroom.marking.grade_book_file._accept", lambda *args: None)
    with GradeBook(path) as book, pytest.raises(CourseError, match="is damaged"):
        book.digest()


def test_a_book_in_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CourseError, match="cannot use the grade book"):
        GradeBook(tmp_path / "none" / "gradebook.db", create=True)


def test_names_that_mean_something_in_an_address_are_plain_names(tmp_path):
    path = tmp_path / "50% done?mode=memory #1 山.db"
    with GradeBook(path, create=True) as book:
        book.begin(SMALL, "secret")
    assert path.is_file()


def test_who_waits_too_long_for_another_writer_hears_why(path, monkeypatch):
    monkeypatch.setattr("course_lib.classroom.marking.grade_book_file.PATIENCE", 0.1)
    other = sqlite3.connect(path, isolation_level=None)
    with GradeBook(path) as book:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CourseError, match=r"cannot use the grade book .*locked"):
            book.add(marking("Ann", "right", "right"), "f")
        other.execute("ROLLBACK")
        book.add(marking("Ann", "right", "right"), "f")
    other.close()


def test_two_processes_add_to_one_new_book_at_once(tmp_path):
    path = tmp_path / "gradebook.db"
    writers = [writer(path, first, 25) for first in (0, 15)]  # ten students are marked by both
    for one in writers:
        assert one.communicate(timeout=120)[0].count("\n") == 25
        assert one.returncode == 0
    with GradeBook(path) as book:
        assert list(book.students()) == [f"student {i:04}" for i in range(40)]
        assert all(len(book.attempts(student)) == 1 for student in book.students())


@pytest.mark.parametrize("seed", range(2))
def test_a_kill_at_any_moment_leaves_a_sound_book_with_all_that_was_said(tmp_path, seed):
    path, rng = tmp_path / "gradebook.db", random.Random(seed)
    said = set()
    for round_ in range(3):
        one = writer(path, 1000 * round_, 500)
        said.add(int(one.stdout.readline()))  # it has started to write
        time.sleep(rng.uniform(0, 0.1))
        one.send_signal(signal.SIGKILL)
        said |= {int(line) for line in one.communicate(timeout=60)[0].splitlines()}
        with GradeBook(path) as book:
            found = {int(student.split()[1]) for student in book.students()}
            assert said <= found
            assert len(found - said) <= round_ + 1  # added, and killed before it could say so
            for student in book.students():
                (attempt,) = book.attempts(student)
                assert len(attempt.marking.marks) == 2
                assert attempt.last
    with GradeBook(path) as book:
        book.add(marking("the next one", "right", "right"), "f")  # tidies up what a kill left
    assert [p.name for p in tmp_path.iterdir()] == ["gradebook.db"]
