"""Bundles for the tests of release: made, filled in, run."""

import contextlib
import copy
import io
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.classroom.marking.assignment import Assignment, of_lectures
from course_lib.classroom.registry import all_exercises
from course_lib.classroom.release.bundle import Material, gather
from course_lib.classroom.release.editions import NOTEBOOKS
from course_lib.classroom.release.instructions import Terms
from course_lib.classroom.release.sources import solution_name
from course_lib.storage import PROJECT

LECTURES = tuple(dict.fromkeys(record.lecture for record in all_exercises()))
TERMS = Terms(policy="Ask before you use anything.", install="%pip install the-course")


def material(*exercises: str, name: str = "week", notebooks: Path = NOTEBOOKS) -> Material:
    return gather(Assignment(name, exercises), TERMS, notebooks=notebooks)


def material_of_lectures(*lectures: str, name: str = "week") -> Material:
    return gather(of_lectures(name, list(lectures)), TERMS)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def original(lecture: str) -> NotebookNode:
    return read(PROJECT / "notebooks" / "exercises" / lecture / f"{lecture}.ipynb")


def filled_in(notebook: NotebookNode, lecture: str) -> NotebookNode:
    """A student's work: the instructor's answer in the place of each stub."""
    answers = {solution_name(c): c.source for c in original(lecture).cells if solution_name(c)}
    done = copy.deepcopy(notebook)
    for cell in done.cells:
        if name := solution_name(cell):
            lines = answers[name].splitlines()
            cell.source = "\n".join(line for line in lines if "### " not in line)
    return done


def run(sources: list[str]) -> tuple[dict, str]:
    """Run code cells in one namespace: the names defined and what was printed."""
    names: dict = {"__name__": "__main__"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for source in sources:
            exec(source, names)
    return names, printed.getvalue()


def code(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]
