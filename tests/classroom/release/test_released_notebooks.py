"""A released notebook in a student's hands: with and without the package, saved by any program."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from course_lib.classroom.checker import check
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.marker import mark_submission
from course_lib.classroom.marking.paper import papers
from course_lib.classroom.marking.submissions import Submission, code_cells, take
from course_lib.classroom.release.bundle import release
from course_lib.cli.environment import kernel_environment

from ..front_ends import SAVERS
from .released import filled_in, material, read, run

LECTURE = "00_welcome"
EXERCISES = ("count_words", "mean_bits", "most_common_after")
every_saver = pytest.mark.parametrize("save", SAVERS.values(), ids=SAVERS)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    folder = release(material(*EXERCISES), tmp_path_factory.mktemp("out"))
    return read(folder / f"{LECTURE}.ipynb")


def without(tmp_path: Path, *packages: str) -> dict[str, str]:
    """The environment of a kernel in which these packages cannot be imported."""
    for name in packages:
        (tmp_path / name).mkdir()
        words = f"raise ModuleNotFoundError('No module named {name}', name={name!r})"
        (tmp_path / name / "__init__.py").write_text(words)
    environment = kernel_environment(n_threads=1, network=False)
    path = [str(tmp_path), environment["PYTHONPATH"]]
    return {**environment, "PYTHONPATH": os.pathsep.join(path)}


def printed(notebook: NotebookNode, environment: dict[str, str], folder: Path) -> str:
    """Run all cells in a fresh kernel, none of which may fail; what they print."""
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        log=logging.getLogger("quiet"),
    )
    client.execute(env=environment)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def test_in_a_fresh_kernel_all_runs_and_check_answers(notebook: NotebookNode, tmp_path: Path):
    text = printed(nbformat.from_dict(notebook), without(tmp_path, "nbgrader"), tmp_path)
    assert [f"✗ {name}, case 1" in text for name in EXERCISES] == [True] * 3
    assert text.count("Not written yet") == 3


def test_in_a_fresh_kernel_check_praises_what_is_filled_in(notebook: NotebookNode, tmp_path: Path):
    text = printed(filled_in(notebook, LECTURE), without(tmp_path, "nbgrader"), tmp_path)
    assert [f"✓ {name}: " in text for name in EXERCISES] == [True] * 3


def test_in_a_fresh_kernel_without_the_package_all_runs(notebook: NotebookNode, tmp_path: Path):
    text = printed(filled_in(notebook, LECTURE), without(tmp_path, "course_lib"), tmp_path)
    first, *answers = text.splitlines()
    assert first.startswith("course_lib is not installed here: all cells run")
    assert first.endswith("%pip install the-course")
    assert answers == [f"{name} was not checked: course_lib is not installed" for name in EXERCISES]


@every_saver
def test_a_saved_notebook_is_a_valid_one(notebook: NotebookNode, save: Callable):
    again = nbformat.reads(save(notebook).decode("utf-8-sig"), as_version=4)
    nbformat.validate(again)
    assert [c.source.replace("\r", "") for c in again.cells] == [c.source for c in notebook.cells]


@every_saver
def test_whatever_saved_it_the_answers_are_found(notebook: NotebookNode, save: Callable):
    defined, text = run(code_cells(save(filled_in(notebook, LECTURE))))
    assert all(check(defined[name]) for name in EXERCISES)
    assert text.count("✓") == 3


@pytest.mark.usefixtures("sandbox")
@every_saver
def test_whatever_saved_it_the_marks_are_full(
    notebook: NotebookNode, save: Callable, tmp_path: Path
):
    path = tmp_path / "ann" / f"{LECTURE}.ipynb"
    path.parent.mkdir()
    path.write_bytes(save(filled_in(notebook, LECTURE)))
    asked = papers(Assignment("week", EXERCISES), b"a secret of the tests", 10.0)
    marking = mark_submission(take(Submission("ann", tmp_path, (path,))), asked)
    assert [(mark.exercise, mark.status) for mark in marking.marks] == [
        (name, "right") for name in EXERCISES
    ]
    assert marking.points == marking.max_points == 6


@pytest.mark.usefixtures("sandbox")
def test_what_was_released_and_not_touched_is_a_stub(notebook: NotebookNode, tmp_path: Path):
    path = tmp_path / "ann.ipynb"
    nbformat.write(notebook, path)
    asked = papers(Assignment("week", EXERCISES), b"a secret of the tests", 10.0)
    marking = mark_submission(take(Submission("ann", tmp_path, (path,))), asked)
    assert [mark.status for mark in marking.marks] == ["stub"] * 3
