"""`course exercises export`, `override` and the way to and from nbgrader, as they are typed."""

import nbformat
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from course_lib.classroom.exports.table import read_table
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.cli.classroom import exercises_app
from course_lib.errors import CourseError
from tests.classroom.marking.markings import SMALL, marking


def course(*args: object):
    return CliRunner().invoke(exercises_app, [str(arg) for arg in args])


def problem(*args: object) -> str:
    error = course(*args).exception
    assert isinstance(error, CourseError), error
    assert "\n" not in str(error)
    return str(error)


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "gradebook.db"
    with GradeBook(path, create=True) as book:
        book.begin(SMALL, "secret")
        book.add(marking("ann", "right", "right", content="1"), "f")
        book.add(marking("ann", "right", "wrong", content="2"), "f")
        book.add(marking("花", "wrong", "right", content="3"), "f")
    return path


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text(
        "Student,ID,SIS Login ID,Section,small (5)\n    Points Possible,,,,6\n"
        '"Ken",1,ken,A,\n"Lee, Ann",2,ann,A,\n"安藤 花",3,花,A,\n'
    )
    return path


@pytest.mark.parametrize("kind", ["csv", "canvas", "moodle", "blackboard"])
def test_each_format_is_written_and_holds_everybodys_points(book, tmp_path, kind):
    out = tmp_path / "marks"
    result = course("export", book, "--format", kind, "--out", out)
    assert result.exit_code == 0, result.output
    assert "marks: 2 student(s), small, of 6 points" in result.output
    rows = {row for row in read_table(out).rows if {"ann", "花"} & set(row)}
    assert {"2" in row for row in rows if "ann" in row} == {True}
    assert {"4" in row for row in rows if "花" in row} == {True}


def test_with_a_roster_points_stand_beside_the_platforms_own_names(book, roster, tmp_path):
    out = tmp_path / "canvas.csv"
    options = ("--format", "canvas", "--roster", roster, "--out", out)
    assert "would be written over" in problem("export", book, *options[:-1], roster)
    assert course("export", book, *options, "--zero").exit_code == 0
    assert [(row[0], row[-1]) for row in read_table(out).rows] == [
        ("    Points Possible", "6"),
        ("Ken", "0"),
        ("Lee, Ann", "2"),
        ("安藤 花", "4"),
    ]
    assert course("export", book, *options, "--keep", "best").exit_code == 0
    assert [row[-1] for row in read_table(out).rows] == ["6", "", "6", "4"]


def test_who_is_not_listed_is_named_or_left_out(book, roster, tmp_path):
    with GradeBook(book) as opened:
        opened.add(marking("guest", "right", "right"), "f")
    for kind in ("csv", "canvas", "moodle"):
        options = ("--format", kind, "--roster", roster, "--out", tmp_path / "marks.csv")
        assert "of 1 student(s): guest" in problem("export", book, *options)
        assert not (tmp_path / "marks.csv").exists()
        result = course("export", book, *options, "--only-listed")
        assert "2 student(s)" in result.output
        assert "guest" not in (tmp_path / "marks.csv").read_text()
        (tmp_path / "marks.csv").unlink()


def test_points_are_scaled_if_that_is_asked_for(book, roster, tmp_path):
    roster.write_text(roster.read_text().replace("Possible,,,,6", "Possible,,,,12"))
    options = ("--format", "canvas", "--roster", roster, "--out", tmp_path / "marks.csv")
    assert "change that, or --scale" in problem("export", book, *options)
    assert course("export", book, *options, "--scale").exit_code == 0
    assert [row[-1] for row in read_table(tmp_path / "marks.csv").rows] == ["12", "", "4", "8"]


def test_an_override_is_exported_with_its_reason(book, tmp_path):
    result = course("override", book, "花", "chain_rule_log_prob", "1.5", "--reason", "on paper")
    assert "花, chain_rule_log_prob: 1.5 points" in result.output
    course("export", book, "--out", tmp_path / "marks.csv")
    table = read_table(tmp_path / "marks.csv")
    (row,) = (dict(zip(table.header, r, strict=True)) for r in table.rows if r[0] == "花")
    assert (row["points"], row["chain_rule_log_prob"]) == ("5.5", "1.5")
    assert row["overrides"].startswith("chain_rule_log_prob: on paper (")
    course("export", book, "--format", "moodle", "--out", tmp_path / "moodle.csv")
    assert "chain_rule_log_prob: 1.5 / 2. on paper" in (tmp_path / "moodle.csv").read_text()
    arguments = ("override", book, "花", "chain_rule_log_prob", "9", "--reason", "r")
    assert "has 0 to 2 points" in problem(*arguments)


def test_what_cannot_be_is_one_line(book, tmp_path):
    out = ("--out", tmp_path / "marks.csv")
    assert "there is no grade book" in problem("export", tmp_path / "none.db", *out)
    assert "cannot read" in problem("export", book, *out, "--roster", tmp_path / "none.csv")
    (tmp_path / "notes.txt").write_text("notes")
    assert "is not a grade book" in problem("export", tmp_path / "notes.txt", *out)
    before = book.read_bytes()
    assert "would be written over" in problem("export", book, "--out", book)
    assert book.read_bytes() == before
    assert "there is no folder" in problem("nbgrader-export", book, tmp_path / "none")
    assert "cannot read" in problem("nbgrader-import", tmp_path, "small", "--out", tmp_path / "o")


def test_to_nbgrader_and_back(book, tmp_path):
    there = tmp_path / "nbgrader"
    there.mkdir()
    result = course("nbgrader-export", book, there)
    assert "gradebook.db: marks of 2 student(s)" in result.output
    with Gradebook(f"sqlite:///{there / 'gradebook.db'}") as theirs:
        points = {s.student.id: s.score for s in theirs.assignment_submissions("small")}
    assert points == {"ann": 2.0, "花": 4.0}
    folder = there / "submitted" / "花" / "small"
    folder.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(), folder / "01_ngrams.ipynb")
    out, roster = tmp_path / "submissions", tmp_path / "roster.csv"
    result = course("nbgrader-import", there, "small", "--out", out, "--roster", roster)
    assert result.output == f"{out}: 1 student(s)\n"
    assert [p.relative_to(out).as_posix() for p in out.rglob("*.ipynb")] == ["花/01_ngrams.ipynb"]
    assert [row[0] for row in read_table(roster).rows] == ["ann", "花"]
    assert "is there already" in problem("nbgrader-import", there, "small", "--out", out)
    result = course("export", book, "--roster", roster, "--out", tmp_path / "marks.csv")
    assert result.exit_code == 0, result.exception
