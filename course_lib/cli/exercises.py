"""`course exercises`: what there is to do, and practice checks of a whole notebook."""

import logging
import re
from pathlib import Path
from typing import Annotated, NamedTuple

import nbformat
import typer
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from rich.console import Console
from rich.table import Table

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.registry import all_exercises
from course_lib.cli.environment import kernel_environment
from course_lib.cli.execution import read_notebook
from course_lib.errors import CourseError
from course_lib.i18n import _


def list_exercises() -> None:
    """All exercises of the course, in teaching order."""
    table = Table(title=_("exercises"), box=None)
    for heading in (_("lecture"), "", _("exercise"), _("title")):
        table.add_column(heading, overflow="fold")
    for heading in (_("points"), _("minutes")):
        table.add_column(heading, justify="right")
    for e in all_exercises():
        numbers = (str(e.points), str(e.minutes))
        table.add_row(e.lecture, "★" * e.stars, e.name, e.title, *numbers)
    Console().print(table)


def check_notebook(
    notebook: Annotated[Path, typer.Argument(help=_("your notebook"), metavar="NOTEBOOK")],
    seed: Annotated[int, typer.Option(help=_("another seed, other cases of the same kind"))] = 0,
    seconds: Annotated[int, typer.Option(min=1, help=_("the longest a cell may take"))] = 60,
) -> None:
    """Run your notebook and check each exercise in it: for practice, no marks.

    The notebook's code runs on this machine with your rights: check only what you wrote yourself.
    """
    content = read_notebook(notebook)
    chosen = exercises_in(content, notebook)
    answers = practise(content, chosen, seed, seconds, notebook.parent)
    for answer in answers:
        typer.echo(answer.text)
    n_right = sum(answer.passed for answer in answers)
    words = _("{right} of {n} exercises pass, {points} of {all_points} points")
    points = sum(e.points for e, answer in zip(chosen, answers, strict=True) if answer.passed)
    all_points = sum(e.points for e in chosen)
    typer.echo(words.format(right=n_right, n=len(chosen), points=points, all_points=all_points))
    if n_right < len(chosen):
        raise typer.Exit(1)


class Answer(NamedTuple):
    """What the checker said about one exercise."""

    passed: bool
    text: str


def exercises_in(notebook: nbformat.NotebookNode, path: Path) -> list[Exercise]:
    """All exercises of the lectures of which the notebook defines at least one function.

    Raises CourseError if there is none.
    """
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    defined = set(re.findall(r"^def (\w+)\(", source, re.MULTILINE))
    every = list(all_exercises())
    lectures = {exercise.lecture for exercise in every if exercise.name in defined}
    if not lectures:
        message = _("{path} defines no function that is an exercise; see: course exercises list")
        raise CourseError(message.format(path=path))
    return [exercise for exercise in every if exercise.lecture in lectures]


def practise(
    notebook: nbformat.NotebookNode, chosen: list[Exercise], seed: int, seconds: int, folder: Path
) -> list[Answer]:
    """Run the notebook's cells but for its own checks, then check each exercise in that kernel."""
    own = [cell for cell in notebook.cells if cell.cell_type == "code" and not is_check(cell)]
    header = "from course_lib.classroom.checker import check"
    checks = [nbformat.v4.new_code_cell(f"{header}\ncheck({e.name}, {seed})") for e in chosen]
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=[*own, *checks]),
        timeout=seconds,
        kernel_name="python3",
        allow_errors=True,
        interrupt_on_timeout=True,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        log=quiet_log(),
    )
    try:
        client.execute(env=kernel_environment(n_threads=1))
    except DeadKernelError:
        message = _("the notebook's kernel died; does a cell end the process or fill the memory?")
        raise CourseError(message) from None
    return [answer_of(e, cell, seconds) for e, cell in zip(chosen, checks, strict=True)]


def is_check(cell: nbformat.NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def quiet_log() -> logging.Logger:
    """What nbclient logs here, we say ourselves in `answer_of`."""
    log = logging.getLogger("course_lib.practice")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    return log


def answer_of(exercise: Exercise, cell: nbformat.NotebookNode, seconds: int) -> Answer:
    """Read what a check cell printed and returned."""
    text = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")
    for output in cell.outputs:
        if output.output_type == "execute_result":
            return Answer(output.data["text/plain"] == "True", text.rstrip())
    error = next((o for o in cell.outputs if o.output_type == "error"), None)
    if error is None or error.ename == "KeyboardInterrupt":
        words = _("✗ {name}: stopped after {seconds} seconds; does a loop never end?")
    elif error.ename == "NameError":
        words = _("✗ {name}: not in the notebook, or its cell did not run")
    else:
        words = _("✗ {name}: {error}")
    why = f"{error.ename}: {error.evalue}" if error else ""
    return Answer(False, words.format(name=exercise.name, seconds=seconds, error=why))
