"""Every exercise notebook keeps the format, and each rule of the format can fail."""

from pathlib import Path

import nbformat
import pytest

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.registry import all_exercises
from course_lib.storage import PROJECT

from .exercise_rules import (
    layout_problems,
    metadata_problems,
    released,
    solution_problems,
    stub_problems,
)

FOLDER = PROJECT / "notebooks" / "exercises"
NOTEBOOKS = sorted(FOLDER.glob("*/*.ipynb"))
MODEL = FOLDER / "01_ngrams" / "01_ngrams.ipynb"

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def read(path: Path) -> tuple[nbformat.NotebookNode, list[Exercise]]:
    records = [record for record in all_exercises() if record.lecture == path.stem]
    return nbformat.read(path, as_version=4), records


def test_every_lecture_with_records_has_its_notebook_and_the_other_way_round():
    lectures = {record.lecture for record in all_exercises()}
    assert {path.stem for path in NOTEBOOKS} == lectures
    assert all(path.parent.name == path.stem for path in NOTEBOOKS)


@every_notebook
def test_nbgrader_can_read_it(path: Path):
    notebook, _records = read(path)
    nbformat.validate(notebook)
    assert metadata_problems(notebook) == []


@every_notebook
def test_cells_follow_the_records(path: Path):
    assert layout_problems(*read(path)) == []


@every_notebook
def test_solutions_pass_and_worked_values_are_true(path: Path):
    assert solution_problems(*read(path)) == []


@every_notebook
def test_stubs_raise_only_not_implemented_error(path: Path):
    assert stub_problems(*read(path)) == []


def spoil(cell_id: str, old: str, new: str):
    """A change of one cell's source that makes a good notebook bad."""

    def change(notebook: nbformat.NotebookNode) -> None:
        cell = next(cell for cell in notebook.cells if cell.id == cell_id)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def set_metadata(cell_id: str, **values: object):
    def change(notebook: nbformat.NotebookNode) -> None:
        cell = next(cell for cell in notebook.cells if cell.id == cell_id)
        cell.metadata["nbgrader"] |= values

    return change


@pytest.mark.parametrize(
    ("rule", "change", "problem"),
    [
        (metadata_problems, set_metadata("add-k-probs", schema_version=2), "3 was expected"),
        (metadata_problems, set_metadata("add-k-probs", points=4), "should not be valid"),
        (metadata_problems, set_metadata("add-k-probs", grade_id="a b"), "does not match"),
        (metadata_problems, set_metadata("add-k-probs", grade_id="setup"), "used twice"),
        (metadata_problems, set_metadata("add-k-probs", grade_id=None), "is not of type"),
        (metadata_problems, set_metadata("add-k-probs", solution=False), "disagree"),
        (metadata_problems, lambda nb: nb.cells[1].metadata.clear(), "without metadata"),
        (metadata_problems, lambda nb: nb.cells[1].update(execution_count=3), "without outputs"),
        (layout_problems, lambda nb: nb.cells.pop(3), "their order"),
        (layout_problems, lambda nb: nb.cells.pop(4), "no question"),
        (layout_problems, spoil("add-k-probs-task", "★★ ", "★ "), "as the record says"),
        (layout_problems, spoil("add-k-probs-task", "4 points", "5 points"), "as the record says"),
        (layout_problems, spoil("add-k-probs", "### END", "### THE END"), "has no solution"),
        (layout_problems, spoil("add-k-probs-check", "seed=1", "seed=2"), "other lines"),
        (layout_problems, set_metadata("add-k-probs-check", points=5), "metadata are not"),
        (layout_problems, set_metadata("add-k-probs-check", locked=False), "metadata are not"),
        (solution_problems, spoil("add-k-probs", "k * len(vocab)", "k"), "AssertionError"),
        (solution_problems, spoil("add-k-probs-check", "check(add_k_probs)\n", ""), "no ✓"),
        (solution_problems, spoil("add-k-probs", "->", "to"), "no shapes"),
        (solution_problems, spoil("add-k-probs", ">>>", "..."), "no worked value"),
        (solution_problems, spoil("add-k-probs", "0.8", "0.9"), "not true"),
        (
            stub_problems,
            spoil("add-k-probs", "    ### BEGIN", "    k = 1 / 0\n    ### BEGIN"),
            "stub",
        ),
        (stub_problems, spoil("add-k-probs", "### BEGIN SOLUTION", ""), "left over"),
        (stub_problems, spoil("add-k-probs-check", "### BEGIN HIDDEN TESTS\n", ""), "not run"),
    ],
)
def test_the_rules_can_fail(rule, change, problem: str):
    notebook, records = read(MODEL)
    change(notebook)
    found = rule(notebook) if rule is metadata_problems else rule(notebook, records)
    assert any(problem in line for line in found), found


def test_releasing_leaves_the_docstring_and_takes_the_solution():
    source = (
        'def f(x):\n    """x -> y"""\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION'
    )
    stub = 'def f(x):\n    """x -> y"""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
    assert released(source) == stub
