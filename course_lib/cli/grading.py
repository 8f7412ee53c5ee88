"""`course exercises grade` and `seed`: marks for a folder of submissions, into a grade book."""

import contextlib
import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from course_lib import bootstrap
from course_lib.classroom.marking.assignment import Assignment, of_lectures, read_assignment
from course_lib.classroom.marking.engines import Engine, dask_cluster, this_machine
from course_lib.classroom.marking.grade_book import GradeBook, Kind
from course_lib.classroom.marking.grading import MOST_SECONDS, Order, grade
from course_lib.classroom.marking.mark import Marking
from course_lib.classroom.marking.paper import read_secret, secret_fingerprint
from course_lib.classroom.marking.submissions import Submission, find_submissions
from course_lib.classroom.marking.warm import rehearsal
from course_lib.errors import CourseError
from course_lib.i18n import _

N_CORES = os.cpu_count() or 1
SIGNS = {"right": "✓", "stub": "·", "missing": "·"}  # else ✗


def make_seed(
    path: Annotated[Path, typer.Argument(help=_("a new file"), metavar="FILE")],
) -> None:
    """Make a secret seed: hidden cases follow from it. Keep it, and keep it to yourself."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        message = _("{path} exists; another seed would make other hidden cases")
        raise CourseError(message.format(path=path)) from None
    except OSError as error:
        message = _("cannot write {path}: {why}")
        raise CourseError(message.format(path=path, why=error.strerror)) from None
    with os.fdopen(number, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
    typer.echo(_("{path}: a new secret seed, readable by you alone").format(path=path))


def grade_submissions(
    submissions: Annotated[Path, typer.Argument(help=_("a folder with one folder a student"))],
    seed_file: Annotated[Path, typer.Option(help=_("the secret; see: course exercises seed"))],
    out: Annotated[Path, typer.Option(help=_("the grade book, new or to go on with"))],
    assignment: Annotated[Path | None, typer.Option(help=_("file from the release"))] = None,
    lectures: Annotated[str, typer.Option(help=_("instead: all exercises of 07,08"))] = "",
    jobs: Annotated[int, typer.Option(min=1, help=_("submissions at a time"))] = N_CORES,
    seconds: Annotated[float, typer.Option(min=0.1, help=_("most for an exercise"))] = MOST_SECONDS,
    scheduler: Annotated[str, typer.Option(help=_("Dask's, to mark on its workers"))] = "",
    warm: Annotated[bool, typer.Option(help=_("a rehearsal: fast, and no marks"))] = False,
) -> None:
    """Mark the notebooks in a folder. After Ctrl-C or a crash, the same command goes on.

    Each notebook runs in a sandbox of its own; without one, nothing is marked.
    """
    chosen = choose(assignment, lectures)
    if seed_file.resolve().is_relative_to(submissions.resolve()):
        message = _("the seed file {path} lies among the submissions: keep it elsewhere")
        raise CourseError(message.format(path=seed_file))
    order = Order(chosen, read_secret(seed_file), seconds)
    found = find_submissions(submissions, chosen.name)
    workers = engine_of(scheduler, warm, jobs)
    with workers as engine, GradeBook(out, create=True) as book:
        kind: Kind = "rehearsal" if warm else "marks"
        book.begin(chosen, secret_fingerprint(order.secret), kind)
        mark_all(found, order, book, engine)
    typer.echo(_("{book}: {n} submission(s)").format(book=out, n=len(found)))


def engine_of(scheduler: str, warm: bool, jobs: int) -> contextlib.AbstractContextManager[Engine]:
    """Who computes. Raises CourseError if both options are given."""
    if scheduler and warm:
        raise CourseError(_("--warm is for a rehearsal on this machine, without --scheduler"))
    if scheduler:
        bootstrap.ensure("grading", sys.argv[1:])
        return dask_cluster(scheduler)
    if warm:
        typer.echo(_("a rehearsal: submissions share sandboxes, what comes out is no marks"))
        return rehearsal(jobs)
    return this_machine(jobs)


def choose(assignment: Path | None, lectures: str) -> Assignment:
    """What is marked. Raises CourseError unless just one of both says so."""
    if (assignment is None) == (not lectures):
        raise CourseError(_("what is marked? give --assignment FILE or --lectures 07,08"))
    if assignment is not None:
        return read_assignment(assignment)
    names = [name.strip() for name in lectures.split(",")]
    return of_lectures("lectures-" + "-".join(names), names)


def mark_all(found: list[Submission], order: Order, book: GradeBook, engine: Engine) -> None:
    """Mark with a line for each submission and, in a terminal, a bar that says how long."""
    console = Console(highlight=False, soft_wrap=True)
    columns = (TextColumn(_("marking")), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(found))

        def say(line: str) -> None:
            console.print(line, markup=False)
            progress.advance(task)

        words = _("= {student}: in the grade book already")
        grade(
            found,
            order,
            book,
            engine.executor,
            n_at_once=engine.n_at_once,
            mark=engine.mark,
            on_done=lambda marking: say(line_of(marking)),
            on_known=lambda student: say(words.format(student=printable(student))),
        )


def line_of(marking: Marking) -> str:
    """A submission on one line: points, each exercise, seconds, or what is wrong with it."""
    words = _("{student}: {points:g} / {most:g} points")
    line = words.format(
        student=printable(marking.student), points=marking.points, most=marking.max_points
    )
    if marking.problem:
        return f"! {line}  {marking.problem}"
    marks = "  ".join(f"{SIGNS.get(mark.status, '✗')} {mark.exercise}" for mark in marking.marks)
    sign = "✓" if marking.points == marking.max_points else "-"
    return f"{sign} {line}  {marks}  {marking.seconds:.1f} s"


def printable(name: str) -> str:
    """A student's name for a terminal: it may hold anything that a file's name can."""
    return "".join(c if c.isprintable() else "�" for c in name)
