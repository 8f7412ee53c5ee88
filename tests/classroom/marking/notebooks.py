"""Notebooks as students hand them in, for tests of marking."""

import json
from collections.abc import Sequence
from pathlib import Path

import nbformat

from course_lib.classroom.marking.submissions import Handed
from course_lib.storage import PROJECT
from tests.classroom.exercise_rules import released

COUNT_WORDS = """def count_words(words):
    low = [word.lower() for word in words]
    return {word: low.count(word) for word in low}"""


def saved(cells: Sequence[str]) -> bytes:
    """A notebook of these code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    return json.dumps(notebook).encode()


def handed(*cells: str, student: str = "ann") -> Handed:
    return Handed(student, f"{student}.ipynb", (saved(cells),))


def write(folder: Path, student: str, cells: Sequence[str]) -> Path:
    path = folder / student / "answers.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(saved(cells))
    return path


def solved(lecture: str) -> list[str]:
    """The code cells of a lecture's exercises with their solutions."""
    path = PROJECT / "notebooks" / "exercises" / lecture / f"{lecture}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def unsolved(lecture: str) -> list[str]:
    """The same cells as students get them."""
    return [released(cell) for cell in solved(lecture)]
