"""Every notebook of the course against every rule."""

from pathlib import Path

import pytest

from course_lib.cli.execution import read_notebook
from course_lib.storage import PROJECT

from .notebook_rules import EXERCISE_RULES, LECTURE_RULES

NOTEBOOKS = PROJECT / "notebooks"
LECTURES = sorted(NOTEBOOKS.glob("*.ipynb"))
EXERCISES = sorted((NOTEBOOKS / "exercises").glob("**/*.ipynb"))


@pytest.mark.parametrize("rule", LECTURE_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_a_lecture(path: Path, rule):
    assert rule(read_notebook(path), path) == []


@pytest.mark.parametrize("rule", EXERCISE_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_an_exercise(path: Path, rule):
    assert rule(read_notebook(path), path) == []


def test_notebooks_stand_where_they_are_looked_for():
    everywhere = {p for p in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts}
    assert everywhere == {*LECTURES, *EXERCISES}
    assert all(path.name[:2].isdecimal() and path.name[2] == "_" for path in everywhere)
    assert all(path.parent.name == path.stem for path in EXERCISES)
