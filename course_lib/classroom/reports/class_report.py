"""The report on a class: distribution of points, and per exercise what went wrong how often."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from markupsafe import Markup

from course_lib.classroom.exports.table import Table, write_table
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.grade_book_entries import Keep
from course_lib.classroom.marking.mark import STATUSES, Marking
from course_lib.classroom.reports import words
from course_lib.classroom.reports.figures import as_svg, points_figure
from course_lib.classroom.reports.pages import number, page
from course_lib.classroom.reports.statistics import ExerciseStatistics, idea_of, of_exercise
from course_lib.display.style import use_style
from course_lib.i18n import _
from course_lib.storage import writing


def write_report(
    book: GradeBook, path: str | Path, csv_path: str | Path | None = None, keep: Keep = "last"
) -> None:
    """Write the report as one page of HTML, and its table of exercises as CSV if wanted.

    Raises CourseError if the book is empty or a file cannot be written.
    """
    markings = book.current(keep)
    n_files = {m.student: sum(a.counts for a in book.attempts(m.student)) for m in markings}
    content = report_page(book.assignment, markings, n_files, book.kind)
    with writing(path) as file:
        file.write(content)
    if csv_path is not None:
        write_table(exercise_table(book.assignment, markings), Path(csv_path))


def report_page(
    assignment: Assignment,
    markings: Sequence[Marking],
    n_files: Mapping[str, int],
    kind: str = "marks",
) -> str:
    """The report as HTML.

    n_files: by student, how many different files were handed in.
    """
    read = [marking for marking in markings if not is_unread(marking)]
    return page(
        "report.html",
        assignment=assignment,
        rehearsal=kind == "rehearsal",
        n=len(markings),
        n_read=len(read),
        summary=summary([marking.points for marking in read], assignment.max_points),
        figure=distribution(read, assignment.max_points),
        exercises=[of_exercise(record, read) for record in assignment.records()],
        status_name=words.status_name,
        idea_of=idea_of,
        troubled=[marking for marking in markings if trouble(marking)],
        trouble=trouble,
        files=sorted(Counter(n_files.values()).items()),
        slowest=sorted(markings, key=lambda m: (-m.seconds, m.student))[:5],
        largest=sorted(markings, key=lambda m: (-m.peak_mb, m.student))[:5],
    )


def is_unread(marking: Marking) -> bool:
    """Could nothing of it be marked, for a reason that is no exercise's?"""
    return bool(marking.problem) and all(mark.status == "missing" for mark in marking.marks)


def trouble(marking: Marking) -> str:
    """What the instructor should know of a submission besides its points; "" for nothing."""
    if marking.problem:
        return marking.problem
    if all(mark.status == "missing" for mark in marking.marks):
        return _("none of the exercises is in it")
    if all(mark.status in ("missing", "stub") for mark in marking.marks):
        return _("nothing was written")
    lost = [mark.exercise for mark in marking.marks if mark.status == "protocol"]
    if lost:
        return _("unreadable answers: look at the code of {exercises}").format(
            exercises=", ".join(lost)
        )
    return ""


def summary(points: Sequence[float], most: float) -> str:
    """Mean, median and spread in a sentence, as far as so many numbers have them."""
    if not points:
        return _("Nothing could be marked.")
    middle = number(statistics.median(points))
    if len(points) == 1:
        return _("One submission, {points} of {most} points.").format(points=middle, most=most)
    sentence = _(
        "{n} submissions: mean {mean:.1f}, median {median} of {most} points; from {low} to {high}, "
        "standard deviation {spread:.1f}."
    )
    return sentence.format(
        n=len(points),
        mean=statistics.mean(points),
        median=middle,
        most=number(most),
        low=number(min(points)),
        high=number(max(points)),
        spread=statistics.stdev(points),
    )


def distribution(markings: Sequence[Marking], most: float) -> Markup:
    """The figure of the points; nothing if there are none."""
    points = [marking.points for marking in markings]
    if not points:
        return Markup()
    with mpl.rc_context():
        use_style()
        return as_svg(points_figure(points, most), summary(points, most))


def exercise_table(assignment: Assignment, markings: Sequence[Marking]) -> Table:
    """The report's numbers, a row per exercise; one that is not known is empty."""
    names = ("exercise", "title", "n", *STATUSES, "median_seconds", "most_seconds")
    last = ("discrimination", "commonest_wrong_answer", "its_n", "commonest_hint", "hint_n")
    read = [marking for marking in markings if not is_unread(marking)]
    found = [of_exercise(record, read) for record in assignment.records()]
    return Table((*names, *last), tuple(map(table_row, found)), encoding="utf-8-sig")


def table_row(found: ExerciseStatistics) -> tuple[str, ...]:
    """An exercise's numbers in the order of `exercise_table`."""
    measured = (found.median_seconds, found.most_seconds, found.discrimination)
    row: list[str | int | float] = [found.exercise.name, found.exercise.title, found.n]
    row += [found.statuses.get(status, 0) for status in STATUSES]
    row += ["" if value is None else round(value, 3) for value in measured]
    for common in (found.wrong_answers, found.hints):
        row += common[0] if common else ("", "")
    return tuple(map(str, row))
