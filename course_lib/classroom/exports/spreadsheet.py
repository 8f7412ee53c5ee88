"""All marks of an assignment as one spreadsheet: a row for each student, a column an exercise."""

from collections.abc import Iterator

from course_lib.classroom.exports.outcomes import refuse_rehearsal
from course_lib.classroom.exports.platforms import Listed
from course_lib.classroom.exports.table import Table, number
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.grade_book_entries import Keep
from course_lib.classroom.marking.mark import Marking

ABOUT = ("overrides", "problem", "attempts", "file", "sha256")


def spreadsheet(
    book: GradeBook, keep: Keep, listed: Listed | None, absent_gets_zero: bool = False
) -> Table:
    """With the roster's columns in front if there is one, and its students without a submission.

    The byte-order mark in front tells Excel that it is UTF-8. Raises CourseError for a rehearsal.
    """
    refuse_rehearsal(book)
    assignment = book.assignment
    exercises, most = assignment.exercises, number(assignment.max_points)
    marks = {
        m.student: (*cells(m, most, exercises), *about(book, m)) for m in book.iter_current(keep)
    }
    header = ("student", "points", "max_points", *exercises, *ABOUT)
    if listed is None:
        return Table(header, tuple((s, *row) for s, row in marks.items()), encoding="utf-8-sig")
    nothing = "0" if absent_gets_zero else ""
    absent = (nothing, most, *[nothing] * len(exercises), *[""] * len(ABOUT))
    students = listed.students()
    rows = []
    for i, row in enumerate(listed.table.rows):
        student = students.get(i, "")
        rows.append((*row, student, *(marks[student] if student else absent)))
    return Table((*listed.table.header, *header), tuple(rows), encoding="utf-8-sig")


def cells(marking: Marking, most: str, exercises: tuple[str, ...]) -> Iterator[str]:
    """Points in all, the most there are, and points of each exercise."""
    points = {mark.exercise: mark.points for mark in marking.marks}
    yield number(marking.points)
    yield most
    yield from (number(points.get(exercise, 0)) for exercise in exercises)


def about(book: GradeBook, marking: Marking) -> Iterator[str]:
    """What `ABOUT` names."""
    overrides = book.overrides(marking.student)
    yield "; ".join(f"{o.exercise}: {o.reason} ({o.who}, {o.at})" for o in overrides)
    yield marking.problem
    yield str(len(book.attempts(marking.student)))
    yield marking.path
    yield marking.sha256
