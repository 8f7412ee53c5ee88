"""Marking on several machines: processes here, one of which dies."""

import socket
import threading
from pathlib import Path

import pytest

from course_lib.classroom.marking import engines
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.engines import Engine, dask_cluster, this_machine
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.grading import Order, grade
from course_lib.classroom.marking.mark import Marking
from course_lib.classroom.marking.paper import secret_fingerprint
from course_lib.classroom.marking.submissions import find_submissions
from course_lib.errors import CourseError

from .dask_processes import Cluster, cluster
from .notebooks import COUNT_WORDS, handed, write

SECRET = b"0f1e2d3c4b5a69788796a5b4c3d2e1f0"
ORDER = Order(Assignment("one", ("count_words",)), SECRET)
SLOW = "import time; time.sleep(0.3)"  # so that several are on their way when something happens
N_STUDENTS = 12

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("submissions")
    for number in range(N_STUDENTS):
        answer = COUNT_WORDS if number % 3 else "def count_words(words): return {}"
        write(folder, f"student {number:02}", [SLOW, answer])
    return folder


@pytest.fixture
def machines(tmp_path: Path):
    engines.version.cache_clear()
    with cluster(tmp_path) as started:
        yield started


def marked(folder: Path, path: Path, engine: Engine, on_done=lambda marking: None) -> str:
    """The digest of the grade book."""
    with GradeBook(path, create=True) as book:
        book.begin(ORDER.assignment, secret_fingerprint(SECRET))
        grade(
            find_submissions(folder),
            ORDER,
            book,
            engine.executor,
            n_at_once=engine.n_at_once,
            mark=engine.mark,
            on_done=on_done,
            on_known=lambda student: None,
        )
        return book.digest()


def not_here(*_args: object) -> Marking:
    raise AssertionError("marked in the process that gives out the work")


def test_one_of_three_workers_dies_and_all_marks_arrive(
    submissions: Path, tmp_path: Path, machines: Cluster, monkeypatch: pytest.MonkeyPatch
):
    with this_machine(2) as engine:
        alone = marked(submissions, tmp_path / "alone.db", engine)
    address = machines.start_scheduler()
    for name in ("one", "two", "three"):
        machines.start_worker(address, name)
    done: list[str] = []

    def on_done(marking: Marking) -> None:
        done.append(marking.student)
        if len(done) == 2:
            machines.kill("two")

    monkeypatch.setattr(engines, "mark_one", not_here)
    with dask_cluster(address) as engine:
        assert engine.n_at_once == engines.LEAST_AT_ONCE > 6
        together = marked(submissions, tmp_path / "together.db", engine, on_done)
    assert sorted(done) == [f"student {number:02}" for number in range(N_STUDENTS)]
    assert together == alone
    with GradeBook(tmp_path / "together.db") as book:
        assert [m.points for m in book.current()] == [0, 2, 2] * (N_STUDENTS // 3)


def test_a_worker_without_a_sandbox_is_named_now_and_when_it_joins_later(
    submissions: Path, tmp_path: Path, machines: Cluster
):
    address = machines.start_scheduler()
    machines.start_worker(address, "good")
    (tmp_path / "empty").mkdir()

    def mark_on_another() -> None:
        with dask_cluster(address) as engine:
            machines.start_worker(address, "bare", PATH=str(tmp_path / "empty"))
            machines.kill("good")
            marked(submissions, tmp_path / "book.db", engine)

    with pytest.raises(CourseError, match=r"^marking needs bwrap, which is not installed: [^\n]+$"):
        mark_on_another()
    with (
        pytest.raises(CourseError, match=r"^worker tcp://[^\n]+ cannot mark: marking needs bwrap"),
        dask_cluster(address),
    ):
        pass
    # The worker has logged the task that failed; neither there nor on its disk is the secret.
    assert "Compute Failed" in machines.log("bare")
    assert "mark_there" in machines.log("bare")
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(SECRET not in path.read_bytes() for path in written)


def test_the_scheduler_is_lost_on_the_way(
    submissions: Path, tmp_path: Path, machines: Cluster, monkeypatch: pytest.MonkeyPatch
):
    address = machines.start_scheduler()
    monkeypatch.setattr(engines, "SECONDS_TO_CONNECT", 2)
    with pytest.raises(CourseError, match="start one: dask worker tcp://"), dask_cluster(address):
        pass
    machines.start_worker(address, "one")

    def on_done(marking: Marking) -> None:
        threading.Thread(target=machines.kill, args=["scheduler"]).start()

    def mark_until_it_ends() -> None:
        with dask_cluster(address) as engine:
            marked(submissions, tmp_path / "book.db", engine, on_done)

    with pytest.raises(CourseError, match=r"is gone; the same command will go on$"):
        mark_until_it_ends()
    with this_machine(2) as engine:
        resumed = marked(submissions, tmp_path / "book.db", engine)
        assert resumed == marked(submissions, tmp_path / "alone.db", engine)


def test_no_scheduler_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engines, "SECONDS_TO_CONNECT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    for bad in (address, "nonsense", "http://127.0.0.1:1"):
        expected = pytest.raises(CourseError, match=f"no Dask scheduler answers at {bad}")
        with expected, dask_cluster(bad):
            pass


def test_another_version_of_the_course_does_not_mark():
    assert engines.readiness(engines.version()) == ""
    assert "another version" in engines.readiness("0" * 64)
    with pytest.raises(CourseError, match="another version"):
        engines.mark_there(handed(COUNT_WORDS), ORDER, version="0" * 64)
    found = engines.mark_there(handed(COUNT_WORDS), ORDER, version=engines.version())
    assert found.points == 2
