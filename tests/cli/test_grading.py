"""`course exercises grade` and `seed`, as an instructor types them."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_lib.classroom.marking import engines
from course_lib.classroom.marking.assignment import Assignment, write_assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.cli import grading
from course_lib.cli.classroom import exercises_app
from course_lib.errors import CourseError
from tests.classroom.marking.notebooks import COUNT_WORDS, write


def course(*args: object):
    return CliRunner().invoke(exercises_app, [str(arg) for arg in args])


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    write(tmp_path / "subs", "ann", [COUNT_WORDS])
    write(tmp_path / "subs", "花子\x1b[31m", ["def count_words(words): return {}"])
    (tmp_path / "subs" / "cy").mkdir()
    write_assignment(Assignment("one", ("count_words",)), tmp_path / "one.toml")
    assert course("seed", tmp_path / "seed").exit_code == 0
    return {name: tmp_path / name for name in ("subs", "one.toml", "seed", "book.db")}


def graded(files: dict[str, Path], *args: object):
    options = ["--seed-file", files["seed"], "--out", files["book.db"]]
    return course("grade", files["subs"], *options, *(args or ("--assignment", files["one.toml"])))


@pytest.mark.usefixtures("sandbox")
def test_a_line_for_each_submission_and_nothing_twice(files: dict[str, Path]):
    result = graded(files)
    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert any(line.startswith("✓ ann: 2 / 2 points  ✓ count_words") for line in lines)
    assert any(line.startswith("- 花子�[31m: 0 / 2 points  ✗ count_words") for line in lines)
    assert "! cy: 0 / 2 points  no notebook was handed in" in lines
    assert lines[-1].endswith("book.db: 3 submission(s)")
    assert "\x1b" not in result.output
    again = graded(files).output
    assert again.count("in the grade book already") == 3


@pytest.mark.usefixtures("sandbox")
def test_lectures_in_place_of_an_assignment(files: dict[str, Path]):
    assert graded(files, "--lectures", "00", "--jobs", 1).exit_code == 0
    with GradeBook(files["book.db"]) as book:
        assert book.assignment.exercises == ("count_words", "mean_bits", "most_common_after")
        assert {m.student: m.points for m in book.current()}["ann"] == 2


@pytest.mark.usefixtures("sandbox")
def test_a_rehearsal_says_so_and_does_not_mix_with_marks(files: dict[str, Path]):
    result = graded(files, "--assignment", files["one.toml"], "--warm")
    assert result.exit_code == 0
    assert result.output.count("what comes out is no marks") == 1
    with GradeBook(files["book.db"]) as book:
        assert book.kind == "rehearsal"
        assert {m.student: m.points for m in book.current()}["ann"] == 2
    cold = graded(files)
    assert isinstance(cold.exception, CourseError)
    assert "rehearsal" in str(cold.exception)


def test_a_rehearsal_stays_on_this_machine(files: dict[str, Path]):
    address = "tcp://127.0.0.1:1"
    result = graded(files, "--assignment", files["one.toml"], "--warm", "--scheduler", address)
    assert "without --scheduler" in str(result.exception)
    assert not files["book.db"].exists()


@pytest.mark.usefixtures("sandbox")
def test_another_seed_does_not_mix_with_the_first(files: dict[str, Path], tmp_path: Path):
    graded(files)
    files["seed"] = tmp_path / "other"
    course("seed", files["seed"])
    assert "another secret seed" in str(graded(files).exception)


def test_a_seed_is_new_long_and_its_owners_alone(tmp_path: Path):
    path = tmp_path / "seed"
    course("seed", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_text()
    assert len(first.strip()) == 64
    with pytest.raises(CourseError, match="exists"):
        grading.make_seed(path)
    assert path.read_text() == first
    with pytest.raises(CourseError, match="cannot write"):
        grading.make_seed(tmp_path / "no" / "folder")
    grading.make_seed(tmp_path / "other")
    assert (tmp_path / "other").read_text() != first


def test_what_is_missing_is_said_in_one_line(files: dict[str, Path], tmp_path: Path):
    def problem(*args: object) -> str:
        error = graded(files, *args).exception
        assert isinstance(error, CourseError)
        return str(error)

    for args in (("--jobs", 1), ("--assignment", files["one.toml"], "--lectures", "00")):
        assert "give --assignment FILE or --lectures" in problem(*args)
    assert "lecture 99 has no exercises" in problem("--lectures", "99")
    files["seed"] = tmp_path / "none"
    assert "course exercises seed" in problem()
    files["seed"] = files["subs"] / "seed"
    files["seed"].write_text("0123456789abcdef")
    assert "keep it elsewhere" in problem()


def test_without_a_sandbox_it_refuses(files: dict[str, Path], monkeypatch):
    def refuse() -> None:
        raise CourseError("marking needs bwrap")

    monkeypatch.setattr(engines, "probe", refuse)
    assert "marking needs bwrap" in str(graded(files).exception)
    assert not files["book.db"].exists()
