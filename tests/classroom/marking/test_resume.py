"""Marking that is killed at any moment and started again gives the book it would have given.

COURSE_KILLS is how often it is killed; more kills take longer.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from course_lib.classroom.marking.assignment import Assignment, write_assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.storage import PROJECT
from tests.classroom.marking.notebooks import COUNT_WORDS, saved, write
from tests.interrupts import heed_interrupts

N_KILLS = int(os.environ.get("COURSE_KILLS", "2"))
SEED = int(os.environ.get("COURSE_KILLS_SEED", "0"))
WRONG = "def count_words(words):\n    return {word: words.count(word) for word in words}"
ANSWERS = (
    [COUNT_WORDS],
    [WRONG],
    ["def count_words(words):\n    raise NotImplementedError()"],
    ["def count_words(words):\n    return words[10**9]"],
    ["x = 1"],
    [COUNT_WORDS, "import os\nos._exit(1)"],
)
N_SUBMISSIONS = 12


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Submissions, an assignment, a secret."""
    folder = tmp_path_factory.mktemp("class")
    for i in range(N_SUBMISSIONS):
        write(folder / "submitted", f"学生{i:02}", ANSWERS[i % len(ANSWERS)])
    write_assignment(Assignment("one", ("count_words",)), folder / "one.toml")
    (folder / "secret").write_text("0123456789abcdef" * 2)
    return folder


def start(files: Path, book: Path) -> subprocess.Popen[str]:
    options = ["--assignment", files / "one.toml", "--seed-file", files / "secret", "--out", book]
    command = [sys.executable, "-m", "course_lib", "exercises", "grade", files / "submitted"]
    return subprocess.Popen(
        [*map(str, command), *map(str, options), "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
        preexec_fn=heed_interrupts,
        start_new_session=True,  # a group of its own, to be killed as a whole
    )


def finish(files: Path, book: Path) -> str:
    done = start(files, book)
    output, errors = done.communicate(timeout=300)
    assert done.returncode == 0, errors
    return output


@pytest.fixture(scope="module")
def uninterrupted(files: Path, sandbox: None) -> str:
    """The digest of the book of a run that nobody disturbs."""
    finish(files, files / "uninterrupted.db")
    with GradeBook(files / "uninterrupted.db") as book:
        points = [marking.points for marking in book.current()]
        assert points == [2, 0, 0, 0, 0, 2] * 2
        return book.digest()


def interrupt(process: subprocess.Popen[str], rng: random.Random) -> None:
    """Kill the whole group at some moment of the marking; all it started must end, too."""
    assert process.stdout is not None
    lines = rng.randrange(4)
    for _line in range(lines):
        process.stdout.readline()
    time.sleep(rng.uniform(0, 1.5) if lines else rng.uniform(1.5, 4))
    family = []
    if process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGKILL)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode in (0, -signal.SIGKILL), errors  # 0: it was quicker
    _gone, alive = psutil.wait_procs(family, timeout=30)
    assert not alive


def test_killed_at_random_moments_it_goes_on_to_the_same_book(
    files: Path, uninterrupted: str, tmp_path: Path
) -> None:
    book, rng = tmp_path / "gradebook.db", random.Random(SEED)
    n_before = 0
    for _kill in range(N_KILLS):
        interrupt(start(files, book), rng)
        if book.exists() and book.stat().st_size:
            with GradeBook(book) as opened:  # opening looks the whole file through
                n_now = len(opened.current())
                assert n_now >= n_before  # what was marked stays marked
                n_before = n_now
    output = finish(files, book)
    assert output.count("in the grade book already") == n_before
    with GradeBook(book) as opened:
        assert opened.digest() == uninterrupted
        assert all(len(opened.attempts(student)) == 1 for student in opened.students())


def test_ctrl_c_leaves_a_book_that_goes_on(files: Path, uninterrupted: str, tmp_path: Path) -> None:
    book = tmp_path / "gradebook.db"
    process = start(files, book)
    assert process.stdout is not None
    process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    errors = process.communicate(timeout=120)[1]
    assert process.returncode not in (0, -signal.SIGKILL)
    assert "Traceback" not in errors
    with GradeBook(book) as opened:
        n_marked = len(opened.current())
    assert 1 <= n_marked < N_SUBMISSIONS
    assert finish(files, book).count("in the grade book already") == n_marked
    with GradeBook(book) as opened:
        assert opened.digest() == uninterrupted


def test_a_second_run_marks_nothing_and_a_changed_file_is_a_new_attempt(
    files: Path, uninterrupted: str
) -> None:
    book, changed = files / "uninterrupted.db", files / "submitted" / "学生01" / "answers.ipynb"
    before, content = book.read_bytes(), changed.read_bytes()
    assert finish(files, book).count("in the grade book already") == N_SUBMISSIONS
    assert book.read_bytes() == before
    try:
        changed.write_bytes(saved([COUNT_WORDS]))
        assert finish(files, book).count("in the grade book already") == N_SUBMISSIONS - 1
        with GradeBook(book) as opened:
            assert [a.marking.points for a in opened.attempts("学生01")] == [0, 2]
            assert {m.student: m.points for m in opened.current()}["学生01"] == 2
    finally:
        changed.write_bytes(content)
    finish(files, book)  # the student goes back to the first file: it counts again, unmarked
    with GradeBook(book) as opened:
        assert len(opened.attempts("学生01")) == 2
        assert {m.student: m.points for m in opened.current()}["学生01"] == 0
