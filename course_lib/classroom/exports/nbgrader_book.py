"""Marks into nbgrader's own grade book, for its formgrader, its feedback and `nbgrader export`.

Cells are found, or made, under the names they have in the exercise notebooks: `NAME_check` in the
notebook of the exercise's lecture. The automatic score is what was marked; an override becomes the
manual score, and without one a score that somebody gave by hand in the formgrader stays.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exports.outcomes import reason, refuse_rehearsal
from course_lib.classroom.marking import grade_book
from course_lib.classroom.marking.grade_book_entries import Keep, Override
from course_lib.classroom.marking.mark import Mark, Marking
from course_lib.classroom.release.nbgrader_tool import programs_found
from course_lib.errors import CourseError
from course_lib.i18n import _

BOOK = "gradebook.db"
LONGEST_NAME = 128  # characters of a student's id there


@contextmanager
def nbgrader_book(course: Path) -> Iterator[Gradebook]:
    """The grade book of nbgrader's course folder, made if it is not there.

    Raises CourseError if it cannot be used, also inside of the `with` block.
    """
    if not course.is_dir():
        message = _("there is no folder {course}; make a course with: nbgrader quickstart NAME")
        raise CourseError(message.format(course=course))
    path = (course / BOOK).absolute()
    try:
        with programs_found():
            theirs = Gradebook(f"sqlite:///{path}")
        with theirs, warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # about nbgrader's own habits
            yield theirs
    except SQLAlchemyError as error:
        message = _("cannot use nbgrader's grade book {path}: {why}")
        why = str(getattr(error, "orig", error)).partition("\n")[0]
        raise CourseError(message.format(path=path, why=why)) from None


def write_marks(book: grade_book.GradeBook, theirs: Gradebook, course: Path, keep: Keep) -> int:
    """Write everybody's marks; how many students that were. Again and again gives the same.

    Raises CourseError for a rehearsal, or a student whose name is too long for nbgrader.
    """
    refuse_rehearsal(book)
    name, records = book.assignment.name, book.assignment.records()
    assignment = theirs.update_or_create_assignment(name)
    places = {record.name: _place(theirs, assignment, record) for record in records}
    n_students = 0
    for marking in book.iter_current(keep):
        student = marking.student
        if len(student) > LONGEST_NAME:
            message = _("{student}: nbgrader takes at most {n} characters")
            raise CourseError(message.format(student=student, n=LONGEST_NAME))
        theirs.update_or_create_student(student)
        handed_in = course / "submitted" / student / name / "timestamp.txt"
        when = {"timestamp": time} if (time := timestamp(handed_in)) else {}
        submission = theirs.update_or_create_submission(name, student, **when)
        overrides = {override.exercise: override for override in book.overrides(student)}
        marks = {mark.exercise: mark for mark in judged(book, marking).marks}
        for exercise, place in places.items():
            _write(theirs, submission, place, marks.get(exercise), overrides.get(exercise))
        theirs.db.commit()
        n_students += 1
    return n_students


def judged(book: grade_book.GradeBook, marking: Marking) -> Marking:
    """The same marking as it was judged, without overrides."""
    attempts = book.attempts(marking.student)
    return next(a.marking for a in attempts if a.counts and a.marking.sha256 == marking.sha256)


def timestamp(path: Path) -> str:
    """What nbgrader noted when the assignment was handed in; "" if it did not, or no date."""
    if path.is_symlink() or not path.is_file():
        return ""
    text = path.read_text("utf-8", "replace").strip()
    try:
        parse_utc(text)
    except (ValueError, OverflowError):
        return ""
    return text


def _place(theirs: Gradebook, assignment: Assignment, record: Exercise) -> tuple[str, str]:
    """Notebook and cell of an exercise: where nbgrader has it already, or as in our notebooks."""
    cell = f"{record.name}_check"
    known = (n.name for n in assignment.notebooks if any(c.name == cell for c in n.grade_cells))
    notebook = next(known, record.lecture)
    theirs.update_or_create_notebook(notebook, assignment.name)
    most = float(record.points)
    theirs.update_or_create_grade_cell(
        cell, notebook, assignment.name, max_score=most, cell_type="code"
    )
    theirs.update_or_create_solution_cell(record.name, notebook, assignment.name)
    return notebook, cell


def _write(
    theirs: Gradebook,
    submission: SubmittedAssignment,
    place: tuple[str, str],
    mark: Mark | None,
    override: Override | None,
) -> None:
    """Score and comment of one exercise. No mark at all is 0: nothing of it could be marked."""
    notebook, cell = place
    name, student = submission.assignment.name, submission.student.id
    submitted = _submitted(theirs, submission, notebook)
    try:
        grade = theirs.find_grade(cell, notebook, name, student)
    except MissingEntry:  # the cell is younger than the submission
        grade = Grade(cell=theirs.find_grade_cell(cell, notebook, name), notebook=submitted)
        theirs.db.add(grade)
    grade.auto_score = mark.points if mark else 0.0
    if override is not None:
        grade.manual_score = override.points
    grade.needs_manual_grade = False
    solution = cell.removesuffix("_check")
    try:
        comment = theirs.find_comment(solution, notebook, name, student)
    except MissingEntry:
        known = theirs.find_solution_cell(solution, notebook, name)
        comment = Comment(cell=known, notebook=submitted)
        theirs.db.add(comment)
    comment.auto_comment = (reason(mark, override) if mark else "") or None


def _submitted(
    theirs: Gradebook, submission: SubmittedAssignment, notebook: str
) -> SubmittedNotebook:
    name, student = submission.assignment.name, submission.student.id
    try:
        return theirs.find_submission_notebook(notebook, name, student)
    except MissingEntry:  # the notebook is younger than the submission
        known = theirs.find_notebook(notebook, name)
        submitted = SubmittedNotebook(notebook=known, assignment=submission)
        theirs.db.add(submitted)
        return submitted
