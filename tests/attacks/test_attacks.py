"""No attack gains a mark, reads, writes or reaches anything, or harms another's submission."""

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from course_lib.classroom.marking import box_command, session
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.box_command import PACKAGE
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.grading import Order, grade
from course_lib.classroom.marking.mark import Marking
from course_lib.classroom.marking.marker import mark_submission
from course_lib.classroom.marking.memory_watch import family
from course_lib.classroom.marking.paper import papers, secret_fingerprint
from course_lib.classroom.marking.sandbox import open_box
from course_lib.classroom.marking.submissions import Handed, find_submissions
from tests.attacks.attack import HONEST, RIGHT, TARGET, notebook, with_places
from tests.attacks.families import ATTACKS, FAMILIES
from tests.attacks.graders import bare, passes
from tests.attacks.places import Servers, make_places

WEEK = Assignment("week", (TARGET, "text_perplexity"))
SECONDS, MEMORY_MB = 1.0, 600
HONEST_CELLS = (HONEST, f"def {TARGET}(conditionals):\n    return {RIGHT}")
EVERY = 8  # after so many attacks comes an honest student

pytestmark = pytest.mark.usefixtures("sandbox")


@dataclass
class Batch:
    """What came out of marking all attacks together, and the places as they were before."""

    marked: dict[str, Marking]
    places: dict[str, str]
    before: dict[str, str]
    n_visits: int
    folder: Path
    users: set[int]


@pytest.fixture(scope="module")
def small_limits():
    """Little time and memory, so that attacks end soon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "CELL_SECONDS", 30.0)
        patch.setattr(session, "ALL_CELLS_SECONDS", 60.0)
        patch.setattr("course_lib.classroom.exercise.Limits.memory_mb", MEMORY_MB)
        for record in WEEK.records():
            patch.setitem(record.limits.__dict__, "memory_mb", MEMORY_MB)
        yield


@pytest.fixture(scope="module")
def users():
    """Every user that a sandbox ran as."""
    seen: set[int] = set()
    choose = box_command.another_user
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box_command, "another_user", lambda: seen.add(n := choose()) or n)
        yield seen


@pytest.fixture(scope="module")
def batch(tmp_path_factory, small_limits, users) -> Batch:
    folder = tmp_path_factory.mktemp("batch")
    with Servers(folder) as servers:
        places = make_places(folder, servers)
        hand_in(folder / "submissions", places)
        before, marked = hashes(folder), {}
        order = Order(WEEK, Path(places["SEED"]).read_bytes(), SECONDS)
        found = find_submissions(folder / "submissions", WEEK.name)
        with GradeBook(Path(places["BOOK"]), create=True) as book, ThreadPoolExecutor(2) as pool:
            book.begin(WEEK, secret_fingerprint(order.secret))
            grade(
                found,
                order,
                book,
                pool,
                n_at_once=4,
                on_done=lambda marking: marked.update({marking.student: marking}),
                on_known=lambda student: pytest.fail(student),
            )
        return Batch(marked, places, before, servers.n_visits, folder, users)


def hand_in(folder: Path, places: dict[str, str]) -> None:
    """A folder for each attack, honest students among them."""
    for number, attack in enumerate(ATTACKS.values()):
        if number % EVERY == 0:
            save(folder / f"{number:03} honest", HONEST_CELLS, places)
        own = folder / f"{number:03} {attack.name}"
        save(own, (*attack.cells, HONEST), places, attack.tamper)
        if attack.place is not None:
            (own / "week.ipynb").unlink()
            attack.place(own / "week.ipynb", places)
        if attack.partner:
            save(folder / f"{number:03} {attack.name} (partner)", attack.partner, places)


def save(folder: Path, cells: tuple[str, ...], places: dict[str, str], tamper=None) -> None:
    folder.mkdir(exist_ok=True)
    content = notebook(tuple(with_places(cell, places) for cell in cells), tamper)
    (folder / "week.ipynb").write_text(json.dumps(content))


def hashes(folder: Path) -> dict[str, str]:
    """Of everything that an attack might change; the grade book is looked at for itself."""
    watched = [p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("book.db")]
    watched += [Path(np.__file__), PACKAGE / "__init__.py"]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in watched}


def marking_of(batch: Batch, name: str) -> Marking:
    number = list(ATTACKS).index(name)
    return batch.marked[f"{number:03} {name}"]


def test_there_are_enough_attacks_of_all_families():
    assert len(FAMILIES) == 12
    assert min(len(attacks) for attacks in FAMILIES.values()) >= 7
    assert len(ATTACKS) == sum(map(len, FAMILIES.values())) >= 120


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gains_nothing(batch, name):
    attack, marking = ATTACKS[name], marking_of(batch, name)
    attacked, neighbour = marking.marks
    assert attacked.points == 0
    assert attacked.status in attack.status
    if attack.place is not None:
        assert marking.problem
    elif not attack.neighbour_lost:
        assert neighbour.status == "right", "an honest answer in the same notebook was lost"
        assert neighbour.points == neighbour.max_points


def test_the_batch_finishes_and_honest_students_get_full_marks(batch):
    n_partners = sum(bool(attack.partner) for attack in ATTACKS.values())
    honest = [marking for student, marking in batch.marked.items() if "honest" in student]
    assert len(batch.marked) == len(ATTACKS) + n_partners + len(honest)
    assert len(honest) == -(-len(ATTACKS) // EVERY)
    assert all(marking.points == marking.max_points == 4 for marking in honest)


def test_nothing_was_written_and_nobody_was_reached(batch):
    assert hashes(batch.folder) == batch.before
    assert not Path(batch.places["CANARY_FILE"]).exists()
    assert batch.n_visits == 0


def test_the_grade_book_holds_what_was_marked_and_no_hidden_case(batch):
    path = Path(batch.places["BOOK"])
    with GradeBook(path) as book:
        stored = {marking.student: marking for marking in book.current()}
    assert {s: m.points for s, m in stored.items()} == {
        s: m.points for s, m in batch.marked.items()
    }
    for file in path.parent.glob("book.db*"):
        assert b"LEAK" not in file.read_bytes()
    assert "LEAK" not in repr(batch.marked)


def test_no_process_is_left(batch):
    assert list(family(os.getpid())) == [os.getpid()]
    owners = {p.stat().st_uid for p in Path("/proc").iterdir() if p.name.isdecimal() and p.exists()}
    assert not owners & batch.users
    assert os.geteuid() != 0 or len(batch.users) > len(batch.marked)


@pytest.fixture
def unsafe(tmp_path):
    """Places that may be lost, and a scratch folder as it is without a sandbox."""
    with Servers(tmp_path) as servers:
        places = make_places(tmp_path, servers) | {"SCRATCH": str(tmp_path / "scratch")}
        (tmp_path / "scratch").mkdir()
        Path(places["OTHER"]).write_text("{}")
        with GradeBook(Path(places["BOOK"]), create=True) as book:
            book.begin(WEEK, "x")
        yield places


def worked_out(cells: tuple[str, ...], places: dict[str, str], opener) -> Marking:
    """Mark these cells, however the worker is started."""
    content = json.dumps(notebook(tuple(with_places(cell, places) for cell in cells)))
    asked = papers(WEEK, b"another secret of any kind", SECONDS)
    return mark_submission(Handed("x", "x", (content.encode(),)), asked, opener)


BARE = [name for name, attack in ATTACKS.items() if attack.works == "bare"]
ONE_PROCESS = [name for name, attack in ATTACKS.items() if attack.works in ("checker", "equality")]


@pytest.mark.parametrize("name", BARE)
def test_without_the_sandbox_it_would_work(unsafe, name):
    attack, opener = ATTACKS[name], bare(Path(unsafe["SCRATCH"]))
    with ThreadPoolExecutor(2) as pool:
        partner = (
            pool.submit(worked_out, attack.partner, unsafe, opener) if attack.partner else None
        )
        marking = worked_out(attack.cells, unsafe, opener)
        if partner:
            partner.result()
    (Path("/dev/shm") / "course-answer").unlink(missing_ok=True)
    assert marking.marks[0].points == marking.marks[0].max_points


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.partner])
def test_partners_at_the_same_moment_do_not_meet(unsafe, name):
    inside = unsafe | {"SCRATCH": "/tmp"}
    with ThreadPoolExecutor(2) as pool:
        partner = pool.submit(worked_out, ATTACKS[name].partner, inside, open_box)
        marking = worked_out(ATTACKS[name].cells, inside, open_box)
        assert partner.result().points == 0
    assert marking.marks[0].status == "wrong"


@pytest.mark.parametrize("name", ONE_PROCESS)
def test_beside_the_test_in_one_process_it_would_work(tmp_path, name):
    assert passes(ATTACKS[name].cells, ATTACKS[name].works, tmp_path)


@pytest.mark.parametrize("test", ["checker", "equality"])
def test_the_unsafe_graders_know_right_from_wrong(tmp_path, test):
    assert passes(HONEST_CELLS, test, tmp_path)
    assert not passes((f"def {TARGET}(conditionals): return 0.0",), test, tmp_path)


def test_without_the_sandbox_an_honest_wrong_answer_is_still_wrong(unsafe):
    cells = (f"def {TARGET}(conditionals): return None", HONEST)
    marking = worked_out(cells, unsafe, bare(Path(unsafe["SCRATCH"])))
    assert [mark.points for mark in marking.marks] == [0, 2]
