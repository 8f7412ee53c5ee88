"""The assignment in an nbgrader course: handed out, submitted, collected and marked by nbgrader."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader import apps
from nbgrader.api import Gradebook
from nbgrader.validator import Validator

from course_lib.classroom.marking.assignment import read_assignment
from course_lib.classroom.release import course_folder, nbgrader_tool
from course_lib.classroom.release.course_folder import release_in_course
from course_lib.errors import CourseError

from .released import filled_in, material, read
from .test_bundle import contents

LECTURE = "00_welcome"
EXERCISES = ("count_words", "mean_bits")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with the assignment `week` in it, and an exchange of its own."""
    folder = tmp_path_factory.mktemp("course")
    exchange = tmp_path_factory.mktemp("exchange")
    exchange.chmod(0o777)
    lines = [
        "c = get_config()",
        'c.CourseDirectory.course_id = "lm101"',
        f"c.Exchange.root = {str(exchange)!r}",
        f"c.Exchange.cache = {str(folder / 'cache')!r}",
    ]
    (folder / "nbgrader_config.py").write_text("\n".join(lines))
    release_in_course(material(*EXERCISES), folder)
    return folder


@pytest.fixture
def nbgrader(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Do a command of nbgrader in a folder, in this process: each start of Python costs seconds."""

    def command(app: type, folder: Path, *args: str) -> None:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        done = app()
        done.initialize(list(args))
        done.start()

    return command


def test_the_instructor_keeps_the_answers_and_students_get_none(course: Path):
    source = read(course / "source" / "week" / f"{LECTURE}.ipynb")
    released = (course / "release" / "week" / f"{LECTURE}.ipynb").read_text("utf-8")
    assert "BEGIN SOLUTION" in str(source)
    assert "SOLUTION" not in released
    assert "HIDDEN" not in released
    assert (course / "release" / "week" / "INSTRUCTIONS.md").exists()
    assert read_assignment(course / "week.assignment.toml").exercises == EXERCISES


def test_nbgrader_knows_cells_and_points(course: Path):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        (notebook,) = book.find_assignment("week").notebooks
        assert notebook.name == LECTURE
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        assert points == {"count_words_check": 2, "mean_bits_check": 2}
        assert {cell.name for cell in notebook.solution_cells} == set(EXERCISES)
        kept = {cell.name: cell.source for cell in notebook.source_cells}
        assert "assert check(mean_bits, seed=1)" in kept["mean_bits_check"]


def test_from_the_exchange_to_full_points(course: Path, tmp_path: Path, nbgrader):
    """Handed out, fetched, filled in, validated, submitted, collected, marked: all by nbgrader."""
    office, desk = Path(shutil.copytree(course, tmp_path / "office")), tmp_path / "desk"
    desk.mkdir()
    shutil.copy(course / "nbgrader_config.py", desk)
    nbgrader(apps.ReleaseAssignmentApp, office, "week")
    nbgrader(apps.FetchAssignmentApp, desk, "week")
    path = desk / "week" / f"{LECTURE}.ipynb"
    nbformat.write(filled_in(read(path), LECTURE), path)
    assert Validator().validate(str(path)) == {}
    nbgrader(apps.SubmitApp, desk, "week")
    nbgrader(apps.CollectApp, office, "week")
    nbgrader(apps.AutogradeApp, office, "week")
    with Gradebook(f"sqlite:///{office / 'gradebook.db'}") as book:
        (submission,) = book.assignment_submissions("week")
        assert (submission.score, submission.max_score) == (4, 4)
    before = contents(office / "source") | contents(office / "release")
    with pytest.raises(CourseError, match="there are submissions associated"):
        release_in_course(material("most_common_after"), office, force=True)
    assert contents(office / "source") | contents(office / "release") == before


def test_validate_does_not_see_an_unfinished_answer(course: Path):
    """INSTRUCTIONS.md says so: nbgrader looks for errors only, and `check` answers in words."""
    assert Validator().validate(str(course / "release" / "week" / f"{LECTURE}.ipynb")) == {}


def test_what_is_there_stays_unless_forced(course: Path, tmp_path: Path):
    folder = Path(shutil.copytree(course, tmp_path / "course"))
    with pytest.raises(CourseError, match=r"week is there already; .*--force"):
        release_in_course(material("most_common_after"), folder)
    before = contents(folder / "source") | contents(folder / "release")
    release_in_course(material(*EXERCISES), folder, force=True)
    assert contents(folder / "source") | contents(folder / "release") == before


@pytest.mark.parametrize("step", ["generate_in_course", "told"])
def test_if_it_fails_the_course_is_as_it_was(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    folder = Path(shutil.copytree(course, tmp_path / "course"))
    before = contents(folder / "source") | contents(folder / "release")

    def broken(*_args: object) -> None:
        shutil.rmtree(folder / "release" / "week", ignore_errors=True)
        raise CourseError("nothing was released")

    monkeypatch.setattr(course_folder if step == "told" else nbgrader_tool, step, broken)
    with pytest.raises(CourseError, match="nothing was released"):
        release_in_course(material("most_common_after"), folder, force=True)
    assert contents(folder / "source") | contents(folder / "release") == before


def test_an_answer_in_the_courses_own_header_is_not_released(tmp_path: Path):
    header = nbformat.v4.new_notebook()
    header.cells.append(nbformat.v4.new_markdown_cell("return sum(bits) / len(bits)"))
    text = "c = get_config()\nc.IncludeHeaderFooter.header = 'header.ipynb'\n"
    (tmp_path / "nbgrader_config.py").write_text(text)
    nbformat.write(header, tmp_path / "header.ipynb")
    made = material("mean_bits")
    made.answers.lines["returnsum(bits)/len(bits)"] = "mean_bits"
    with pytest.raises(CourseError, match=r"nothing was released: .* an answer to mean_bits"):
        release_in_course(made, tmp_path)
    assert not (tmp_path / "release" / "week").exists()


@pytest.mark.parametrize("text", ["1 / 0", "c = ", "raise SystemExit"])
def test_a_config_that_cannot_be_used_is_one_line(tmp_path: Path, text: str):
    (tmp_path / "nbgrader_config.py").write_text(text)
    with pytest.raises(CourseError, match=r"nbgrader_config\.py cannot be used"):
        release_in_course(material("mean_bits"), tmp_path)


def test_a_course_needs_its_folder(tmp_path: Path):
    with pytest.raises(CourseError, match=r"is no course folder; .*quickstart"):
        release_in_course(material("mean_bits"), tmp_path / "none")
