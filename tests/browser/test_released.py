"""A released notebook in JupyterLab, in a real browser: what `check` says, and what is locked."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.release.bundle import gather, release
from course_lib.classroom.release.instructions import Terms

from .test_widgets import run_all

ANSWER = "def mean_bits(numbers):\n    return -sum(numbers) / len(numbers) / log(2)"
# The cell models of the notebook that is open, told apart by their ids.
CELL = "window.jupyterapp.shell.currentWidget.content.widgets.find(w => w.model.id === id).model"


@pytest.fixture(scope="module")
def released(lab_folder: Path) -> str:
    """The path of the notebook in the folder that JupyterLab shows."""
    made = gather(Assignment("handed-out", ("mean_bits",)), Terms(policy="", install=""))
    return f"{release(made, lab_folder).name}/00_welcome.ipynb"


def test_a_student_opens_runs_answers_and_is_praised(page: Page, lab_url: str, released: str):
    run_all(page, f"{lab_url}/lab/tree/{released}?reset")
    outputs = page.locator(".jp-OutputArea-output")
    expect(outputs.filter(has_text="✗ mean_bits, case 1")).to_contain_text("Not written yet")
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    page.evaluate(f"([id, text]) => {CELL}.sharedModel.setSource(text)", ["mean-bits", ANSWER])
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(outputs.filter(has_text="✓ mean_bits")).to_contain_text("Well done!")


def test_students_cannot_change_the_check_and_cannot_delete_the_answer(
    page: Page, lab_url: str, released: str
):
    run_all(page, f"{lab_url}/lab/tree/{released}?reset")
    for id, editable in (("setup", False), ("mean-bits", None), ("mean-bits-check", False)):
        assert page.evaluate(f"id => {CELL}.getMetadata('deletable') ?? null", id) is False
        assert page.evaluate(f"id => {CELL}.getMetadata('editable') ?? null", id) is editable
