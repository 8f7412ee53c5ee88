"""Honest students are not hurt: full marks in the real sandbox, whatever they do besides."""

import json

import nbformat
import pytest

from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.marker import mark_submission
from course_lib.classroom.marking.paper import papers
from course_lib.classroom.marking.submissions import Handed
from course_lib.classroom.registry import all_exercises

from .honest import CHANGES, WITH_TORCH, Cells, all_at_once
from .marking.notebooks import solved, unsolved

SECRET = b"a secret of the tests"
RECORDS = list(all_exercises())
LECTURES = sorted({record.lecture for record in RECORDS})
PAIRS = [(lecture, name) for lecture in ("00_welcome", "07_transformer") for name in CHANGES]
PAIRS += [("07_transformer", name) for name in WITH_TORCH]


def exercises(lecture: str) -> tuple[str, ...]:
    return tuple(record.name for record in RECORDS if record.lecture == lecture)


def handed_in(cells: Cells) -> Handed:
    """A notebook with markdown, metadata of its own and large outputs."""
    big = nbformat.v4.new_output("stream", name="stdout", text="x" * 100_000)
    code = [
        nbformat.v4.new_code_cell(cell, outputs=[big], execution_count=99 - i)
        for i, cell in enumerate(cells)
    ]
    text = [nbformat.v4.new_markdown_cell("My answer: because.") for _cell in code]
    both = [cell for pair in zip(text, code, strict=True) for cell in pair]
    notebook = nbformat.v4.new_notebook(cells=both, metadata={"mine": {"deep": [1, 2]}})
    return Handed("ann", "ann.ipynb", (json.dumps(notebook).encode(),))


def lost(lecture: str, cells: Cells) -> list[tuple[str, str, str, str]]:
    """The exercises of a lecture that do not get all points, and why."""
    names = exercises(lecture)
    marking = mark_submission(handed_in(cells), papers(Assignment(lecture, names), SECRET, 60.0))
    assert marking.problem == ""
    assert len(marking.marks) == len(names)
    assert all(mark.n_passed == mark.n_cases for mark in marking.marks if mark.status == "right")
    wrong = [mark for mark in marking.marks if mark.points < mark.max_points]
    return [(mark.exercise, mark.status, mark.error, mark.practice) for mark in wrong]


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(("lecture", "name"), PAIRS)
def test_a_change_costs_nothing(lecture: str, name: str):
    change = (CHANGES | WITH_TORCH)[name]
    assert lost(lecture, change(solved(lecture), exercises(lecture))) == []


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("lecture", LECTURES)
def test_all_changes_at_once_cost_nothing(lecture: str):
    assert lost(lecture, all_at_once(solved(lecture), exercises(lecture))) == []


@pytest.mark.usefixtures("sandbox")
def test_a_wrong_answer_does_cost_its_marks():
    """Else all the tests above would say nothing."""
    cells = [*solved("00_welcome"), "def mean_bits(x): return 1.0"]
    assert [name for name, *_rest in lost("00_welcome", cells)] == ["mean_bits"]
    assert len(lost("00_welcome", all_at_once(unsolved("00_welcome"), []))) == 3
