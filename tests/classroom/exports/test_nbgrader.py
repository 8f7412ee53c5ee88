"""To nbgrader and back, with nbgrader's own API: the points of every student are the same."""

import os
import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins.export import CsvExportPlugin

from course_lib.classroom.exports.nbgrader_book import nbgrader_book, write_marks
from course_lib.classroom.exports.nbgrader_course import copy_notebooks, handed_in, roster
from course_lib.classroom.exports.table import read_table
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.registry import find
from course_lib.errors import CourseError
from course_lib.storage import PROJECT
from tests.classroom.marking.markings import SMALL, mark, marking

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own


@pytest.fixture
def book(tmp_path):
    with GradeBook(tmp_path / "marks.db", create=True) as book:
        book.begin(SMALL, "secret")
        wrong = mark("add_k_probs", "wrong", 4.0, hint="They sum to … .")
        good = mark("chain_rule_log_prob", "right", 2.0)
        book.add(marking("ann", marks=(good, wrong), content="1"), "f")
        book.add(marking("花", "right", "right", content="2"), "f")
        book.add(marking("x y", problem="not a notebook"), "f")
        yield book


@pytest.fixture(scope="module")
def empty_book(tmp_path_factory):
    """nbgrader starts another program each time it makes one."""
    folder = tmp_path_factory.mktemp("course")
    with nbgrader_book(folder):
        return folder / "gradebook.db"


@pytest.fixture
def course(tmp_path, empty_book):
    (tmp_path / "course").mkdir()
    shutil.copy(empty_book, tmp_path / "course")
    return tmp_path / "course"


def export(book, course, keep="last"):
    with nbgrader_book(course) as theirs:
        return write_marks(book, theirs, course, keep)


def theirs(course):
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


def scores(course):
    with theirs(course) as found:
        return {s.student.id: s.score for s in found.assignment_submissions("small")}


def test_every_students_points_are_the_same_there(book, course):
    assert export(book, course) == 3
    assert scores(course) == {m.student: m.points for m in book.current()}
    with theirs(course) as found:
        assert found.find_assignment("small").max_score == SMALL.max_points
        (notebook,) = found.find_assignment("small").notebooks
        assert notebook.name == "01_ngrams"
        assert {c.name: c.max_score for c in notebook.grade_cells} == {
            "chain_rule_log_prob_check": 2.0,
            "add_k_probs_check": 4.0,
        }
        assert not any(s.needs_manual_grade for s in found.assignment_submissions("small"))


def test_cells_are_called_as_in_the_exercise_notebooks(book, course):
    export(book, course)
    path = PROJECT / "notebooks" / "exercises" / "01_ngrams" / "01_ngrams.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    graded = {
        c.metadata.nbgrader.grade_id: c.metadata.nbgrader for c in cells if "nbgrader" in c.metadata
    }
    with theirs(course) as found:
        (notebook,) = found.find_assignment("small").notebooks
        for cell in notebook.grade_cells:
            assert graded[cell.name].grade
            assert graded[cell.name].points == cell.max_score
        for cell in notebook.solution_cells:
            assert graded[cell.name].solution


def test_doing_it_again_changes_nothing(book, course):
    def content():
        with theirs(course) as found:
            submissions = sorted(found.assignment_submissions("small"), key=lambda s: s.student.id)
            grades = [g.to_dict() for s in submissions for n in s.notebooks for g in n.grades]
            return sorted(map(str, grades)), [s.to_dict() for s in submissions]

    export(book, course)
    before = content()
    export(book, course)
    assert content() == before


def test_a_new_mark_an_override_and_its_reason_arrive(book, course):
    export(book, course)
    book.add(marking("ann", "wrong", "right", content="3"), "f")
    book.override("ann", "chain_rule_log_prob", 1.5, "nearly")
    export(book, course)
    assert scores(course)["ann"] == 5.5 == book.current()[0].points
    with theirs(course) as found:
        place = ("01_ngrams", "small", "ann")
        grade = found.find_grade("chain_rule_log_prob_check", *place)
        assert (grade.auto_score, grade.manual_score) == (0.0, 1.5)
        assert found.find_comment("chain_rule_log_prob", *place).comment == "nearly"
        assert found.find_comment("add_k_probs", *place).comment is None
    export(book, course, "best")
    assert scores(course)["ann"] == 5.5


def test_hints_are_comments(book, course):
    export(book, course)
    with theirs(course) as found:
        comment = found.find_comment("add_k_probs", "01_ngrams", "small", "ann")
        assert comment.comment == "They sum to … ."


def test_what_a_person_gave_in_the_formgrader_stays(book, course):
    export(book, course)
    with theirs(course) as found:
        found.find_grade("add_k_probs_check", "01_ngrams", "small", "ann").manual_score = 3.0
        found.db.commit()
    export(book, course)
    assert scores(course)["ann"] == 5.0


def test_an_assignment_that_nbgrader_made_is_filled_not_doubled(book, course):
    with theirs(course) as found:
        found.add_assignment("small", duedate="2026-05-01 12:00:00 UTC")
        found.add_notebook("homework", "small")  # the instructor renamed it
        for name in SMALL.exercises:
            points = float(find(name).points)
            found.add_grade_cell(
                f"{name}_check", "homework", "small", max_score=points, cell_type="code"
            )
        found.add_solution_cell("add_k_probs", "homework", "small")
        found.add_student("ann", first_name="Ann", email="ann@x.org")
        found.add_submission("small", "ann", timestamp="2026-04-01 12:00:00 UTC")
    export(book, course)
    assert scores(course) == {"ann": 2.0, "花": 6.0, "x y": 0.0}
    with theirs(course) as found:
        assert [n.name for n in found.find_assignment("small").notebooks] == ["homework"]
        assert found.find_assignment("small").duedate is not None
        assert found.find_student("ann").email == "ann@x.org"
        assert found.find_submission("small", "ann").timestamp.month == 4


def test_cells_and_notebooks_younger_than_a_submission_are_added_to_it(book, course, tmp_path):
    with theirs(course) as found:
        found.add_assignment("small")
        found.add_notebook("homework", "small")
        found.add_student("ann")
        found.add_submission("small", "ann")
        cell = "chain_rule_log_prob_check"
        found.add_grade_cell(cell, "homework", "small", max_score=2.0, cell_type="code")
    export(book, course)
    assert scores(course)["ann"] == 2.0
    with theirs(course) as found:
        assert {n.name for n in found.find_submission("small", "ann").notebooks} == {
            "homework",
            "01_ngrams",
        }


def test_exercises_of_two_lectures_are_two_notebooks(tmp_path, course):
    two = Assignment("two", ("chain_rule_log_prob", "attend"))
    marks = (mark("chain_rule_log_prob", "right", 2.0), mark("attend", "right", 4.0))
    with GradeBook(tmp_path / "two.db", create=True) as book:
        book.begin(two, "secret")
        book.add(marking("ann", marks=marks), "f")
        export(book, course)
    with theirs(course) as found:
        submission = found.find_submission("two", "ann")
        assert {n.name: n.score for n in submission.notebooks} == {
            "01_ngrams": 2.0,
            "07_transformer": 4.0,
        }


def test_nbgraders_own_export_has_the_points(book, course, tmp_path):
    export(book, course)
    plugin = CsvExportPlugin()
    plugin.to = str(tmp_path / "grades.csv")
    with theirs(course) as found:
        plugin.export(found)
    table = read_table(tmp_path / "grades.csv")
    student, score, most = (table.column(c) for c in ("student_id", "score", "max_score"))
    rows = {row[student]: (float(row[score]), float(row[most])) for row in table.rows}
    assert rows == {"ann": (2.0, 6.0), "花": (6.0, 6.0), "x y": (0.0, 6.0)}


def test_what_cannot_be_exported_is_one_line(book, course, tmp_path, empty_book):
    with pytest.raises(CourseError, match=r"there is no folder .*nowhere; make a course"):
        export(book, tmp_path / "nowhere")
    (course / "gradebook.db").write_text("this is no database" * 100)
    with pytest.raises(CourseError, match=r"cannot use nbgrader's grade book .*not a database"):
        export(book, course)
    shutil.copy(empty_book, course)
    book.add(marking("n" * 129, "right", "right"), "f")
    with pytest.raises(CourseError, match="at most 128 characters"):
        export(book, course)


def hand_in(course, student, assignment="small", **files):
    folder = course / "submitted" / student / assignment
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name.replace("_DOT_", ".")).write_text(content)
    return folder


def test_what_was_handed_in_is_copied_and_nothing_else(course, tmp_path):
    hand_in(
        course, "ann", a_DOT_ipynb="A", timestamp_DOT_txt="2026-04-01 10:00:00 UTC", b_DOT_py=""
    )
    hand_in(course, "花", a_DOT_ipynb="B")
    hand_in(course, "bob", "other", a_DOT_ipynb="C")
    secret = tmp_path / "secret.ipynb"
    secret.write_text("SECRET")
    evil = hand_in(course, "evil")
    (evil / "link.ipynb").symlink_to(secret)
    os.mkfifo(evil / "pipe.ipynb")
    (course / "submitted" / "eve").mkdir()
    (course / "submitted" / "eve" / "small").symlink_to(tmp_path)
    (course / "submitted" / "mallory").symlink_to(tmp_path)
    out = tmp_path / "out"
    folders = handed_in(course, "small")
    said = list(copy_notebooks(folders, out))
    found = {p.relative_to(out).as_posix(): p.read_text() for p in out.rglob("*") if p.is_file()}
    assert found == {"ann/a.ipynb": "A", "花/a.ipynb": "B"}
    assert {p.name for p in out.iterdir()} == {"ann", "evil", "花"}
    assert [line.partition(":")[0] for line in said] == ["evil/link.ipynb", "evil/pipe.ipynb"]


def test_the_roster_has_everybody_nbgrader_knows(course):
    hand_in(course, "ann", timestamp_DOT_txt="2026-04-01 10:00:00 UTC\n")
    hand_in(course, "花", a_DOT_ipynb="")
    assert roster(course, "small").rows == (
        ("ann", "", "", "", "2026-04-01 10:00:00 UTC"),
        ("花", "", "", "", "yes"),
    )
    with theirs(course) as found:
        found.add_student("ann", first_name="Ann", last_name="Lee", email="ann@x.org")
        found.add_student("ken")
    assert roster(course, "small").rows == (
        ("ann", "Ann", "Lee", "ann@x.org", "2026-04-01 10:00:00 UTC"),
        ("ken", "", "", "", ""),
        ("花", "", "", "", "yes"),
    )


def test_when_it_was_handed_in_is_kept(book, course):
    hand_in(course, "ann", timestamp_DOT_txt="2026-04-01 19:00:00 Asia/Tokyo")
    hand_in(course, "花", timestamp_DOT_txt="some day")
    export(book, course)
    with theirs(course) as found:
        assert str(found.find_submission("small", "ann").timestamp) == "2026-04-01 10:00:00"
        assert found.find_submission("small", "花").timestamp is None


def test_a_course_without_submissions_is_one_line(course):
    with pytest.raises(CourseError, match=r"cannot read .*submitted"):
        handed_in(course, "small")
    (course / "submitted" / "ann").mkdir(parents=True)
    with pytest.raises(CourseError, match="has nothing of assignment small"):
        handed_in(course, "small")
