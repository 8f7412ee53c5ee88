"""`course exercises feedback`, `report` and `similar`: pages made of marks and submissions.

What draws figures is imported at need: the other commands start without matplotlib.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from course_lib.classroom.marking.assignment import read_assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.grade_book_entries import Keep
from course_lib.classroom.marking.submissions import find_submissions
from course_lib.classroom.reports.feedback import PAGES, write_feedback
from course_lib.errors import CourseError
from course_lib.i18n import LOCALE_DIR, _

Book = Annotated[Path, typer.Argument(help=_("the grade book"), metavar="BOOK")]
Language = Annotated[str | None, typer.Option(help=_("the pages' language, such as en"))]
Kept = Annotated[Keep, typer.Option(help=_("which of a student's files counts"))]


def feedback(
    book: Book,
    out: Annotated[Path, typer.Option(help=_("the folder to be written: a new name"))],
    secret_names: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=_("name the pages so that nobody guesses them who has not this file"),
        ),
    ] = None,
    keep: Kept = "last",
    lang: Language = None,
) -> None:
    """Write a page of feedback for each student, and a list of them for yourself.

    A page shows what failed, the idea that is missing and what to do next, never a hidden case.
    With --secret-names the pages can lie on a web server; use the same file each time, such as
    that of the secret seed, and the addresses stay the same.
    """
    use_language(lang)
    key = None if secret_names is None else _read(secret_names)
    with GradeBook(book) as opened:
        n = write_feedback(opened, out, keep, key)
    words = _("{n} pages are in {pages}; {index} is for you alone")
    typer.echo(words.format(n=n, pages=out / PAGES, index=out / "index.html"))


def report(
    book: Book,
    out: Annotated[Path, typer.Option(help=_("the page to be written"))] = Path("report.html"),
    csv: Annotated[
        Path | None, typer.Option(help=_("write the numbers of the exercises as a table, too"))
    ] = None,
    keep: Kept = "last",
    lang: Language = None,
) -> None:
    """Write a report on the class: the points, and what went wrong how often."""
    from course_lib.classroom.reports.class_report import write_report

    use_language(lang)
    with GradeBook(book) as opened:
        write_report(opened, out, csv, keep)
    typer.echo(_("{path} is written").format(path=out))


def similar(
    submissions: Annotated[Path, typer.Argument(help=_("a folder with one folder a student"))],
    out: Annotated[Path, typer.Option(help=_("the page to be written"))] = Path("similar.html"),
    assignment: Annotated[Path | None, typer.Option(help=_("file from the release"))] = None,
    limit: Annotated[
        float | None,
        typer.Option(min=0.01, max=1, help=_("list pairs from this likeness on, such as 0.3")),
    ] = None,
    lang: Language = None,
) -> None:
    """List submissions whose code is alike, side by side, for your own eyes. Nothing is run.

    Without --limit, pairs are listed that are far more alike than the others.
    """
    from course_lib.classroom.reports.similarity import compare_submissions

    use_language(lang)
    name = "" if assignment is None else read_assignment(assignment).name
    found = compare_submissions(find_submissions(submissions, name), out, limit)
    words = _("{path} is written: {n} of {all} pairs are alike")
    typer.echo(words.format(path=out, n=len(found.pairs), all=int(found.histogram.sum())))


def _read(path: Path) -> bytes:
    """The bytes of a file that others do not have. Raises CourseError if it says nothing."""
    try:
        content = path.read_bytes()
    except OSError as error:
        message = _("cannot read {path}: {why}")
        raise CourseError(message.format(path=path, why=error.strerror)) from None
    if not content.strip():
        raise CourseError(_("{path} is empty: everybody could guess that").format(path=path))
    return content


def use_language(lang: str | None) -> None:
    """Write in that language from now on. Raises CourseError if there is no catalogue of it.

    The hints in a grade book stay in the language in which the exercises were marked.
    """
    if lang is None:
        return
    catalogues = LOCALE_DIR.glob("*/LC_MESSAGES/course_lib.mo")
    known = ["en", *sorted(path.parent.parent.name for path in catalogues)]
    if lang not in known:
        message = _("there is no edition in {lang!r}; there are: {known}")
        raise CourseError(message.format(lang=lang, known=", ".join(known)))
    os.environ["COURSE_LANG"] = lang
