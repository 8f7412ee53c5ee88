"""`course exercises export`, `override`, `nbgrader-export`, `nbgrader-import`: out of a book."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from course_lib import bootstrap
from course_lib.classroom.exports.outcomes import Outcomes, collect
from course_lib.classroom.exports.platforms import PLATFORMS, Listed, Wish
from course_lib.classroom.exports.roster import match
from course_lib.classroom.exports.spreadsheet import spreadsheet
from course_lib.classroom.exports.table import Table, read_table, write_table
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.errors import CourseError
from course_lib.i18n import _

Book = Annotated[Path, typer.Argument(help=_("grade book of course exercises grade"))]


class Format(StrEnum):
    CSV = "csv"
    CANVAS = "canvas"
    MOODLE = "moodle"
    BLACKBOARD = "blackboard"


class Which(StrEnum):
    LAST = "last"
    BEST = "best"


Keep = Annotated[Which, typer.Option(help=_("which attempt of a student counts"))]


def export_marks(
    book: Book,
    out: Annotated[Path, typer.Option(help=_("file to be written"))],
    format_: Annotated[Format, typer.Option("--format", help=_("who is to read it"))] = Format.CSV,
    roster: Annotated[Path | None, typer.Option(help=_("list exported by the platform"))] = None,
    keep: Keep = Which.LAST,
    scale: Annotated[bool, typer.Option(help=_("to the points the roster says"))] = False,
    zero: Annotated[bool, typer.Option(help=_("0 for who handed in nothing"))] = False,
    only_listed: Annotated[bool, typer.Option(help=_("leave out who is not listed"))] = False,
) -> None:
    """Write the marks for a spreadsheet, or as Canvas, Moodle or Blackboard import them.

    Give --roster the file that the platform exports: its gradebook, or Moodle's grading worksheet.
    """
    if out.resolve() in (book.resolve(), roster and roster.resolve()):
        raise CourseError(_("{out} would be written over; give another name").format(out=out))
    with GradeBook(book) as opened:
        outcomes = collect(opened, keep.value)
        listed = look_up(outcomes, roster, not only_listed)
        if listed is not None:
            outcomes = outcomes.only(set(listed.rows))
        if format_ is Format.CSV:
            table = spreadsheet(opened, keep.value, listed, zero)
        else:
            table = PLATFORMS[format_.value](outcomes, listed, Wish(scale, zero))
    write_table(table, out)
    words = _("{out}: {n} student(s), {name}, of {most:g} points")
    most = outcomes.max_points
    typer.echo(words.format(out=out, n=len(outcomes.of), name=outcomes.name, most=most))


def look_up(outcomes: Outcomes, path: Path | None, strict: bool) -> Listed | None:
    """The roster and who is who in it; None without one."""
    if path is None:
        return None
    table: Table = read_table(path)
    return Listed(table, match(outcomes.of, table, path, strict))


def override_points(
    book: Book,
    student: Annotated[str, typer.Argument(help=_("as the book calls the student"))],
    exercise: Annotated[str, typer.Argument(help=_("name of the function"))],
    points: Annotated[float, typer.Argument(help=_("instead of those that were marked"))],
    reason: Annotated[str, typer.Option(help=_("why; the student will read it"))],
    who: Annotated[str, typer.Option(help=_("who decided it; else the user's name"))] = "",
) -> None:
    """Set a student's points for an exercise by hand. The machine's mark stays in the book."""
    with GradeBook(book) as opened:
        opened.override(student, exercise, points, reason, who)
    words = _("{student}, {exercise}: {points:g} points")
    typer.echo(words.format(student=student, exercise=exercise, points=points))


def nbgrader_export(
    book: Book,
    course: Annotated[Path, typer.Argument(help=_("nbgrader's course folder"))],
    keep: Keep = Which.LAST,
) -> None:
    """Write the marks into nbgrader's own grade book: for its formgrader and `nbgrader export`."""
    bootstrap.ensure("grading", sys.argv[1:])
    from course_lib.classroom.exports import nbgrader_book

    with GradeBook(book) as opened, nbgrader_book.nbgrader_book(course) as theirs:
        n_students = nbgrader_book.write_marks(opened, theirs, course, keep.value)
    path = course / nbgrader_book.BOOK
    typer.echo(_("{path}: marks of {n} student(s)").format(path=path, n=n_students))


def nbgrader_import(
    course: Annotated[Path, typer.Argument(help=_("nbgrader's course folder"))],
    assignment: Annotated[str, typer.Argument(help=_("the assignment's name there"))],
    out: Annotated[Path, typer.Option(help=_("a new folder for `course exercises grade`"))],
    roster: Annotated[Path | None, typer.Option(help=_("list of students, to be written"))] = None,
) -> None:
    """Take what was handed in through nbgrader, as `course exercises grade` reads it."""
    bootstrap.ensure("grading", sys.argv[1:])
    from course_lib.classroom.exports import nbgrader_course

    folders = nbgrader_course.handed_in(course, assignment)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CourseError(_("{out} is there already; give a new folder").format(out=out))
    for line in nbgrader_course.copy_notebooks(folders, out):
        typer.echo(line)
    if roster is not None:
        write_table(nbgrader_course.roster(course, assignment), roster)
    typer.echo(_("{out}: {n} student(s)").format(out=out, n=len(folders)))
