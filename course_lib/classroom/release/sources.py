"""A lecture's exercise notebook, made ready to be handed out: still with its solutions."""

import copy
import re
from collections.abc import Collection

from nbformat import NotebookNode

from course_lib.i18n import _

IMPORT = "from course_lib.classroom.checker import check, hint"
# Where the course's package is missing, for example on Colab, the notebook still runs.
FALLBACK = """\
try:
    from course_lib.classroom.checker import check, hint
except ModuleNotFoundError:
    print({words!r})

    def check(function, *_options, **_more):
        print(getattr(function, "__name__", function), {answer!r})

    hint = check"""
# A link to a file of the repository: not to the web, not to a place in the notebook, no picture.
LINK = re.compile(r"(?<![!\w\\])\[([^\]]+)\]\((?!https?://|#|attachment:)[^)\s]*[./][^)\s]*\)")


def prepared(notebook: NotebookNode, exercises: Collection[str], install: str) -> NotebookNode:
    """A copy with these exercises only, which needs no other file; `install`: how to get checks."""
    ready = copy.deepcopy(notebook)
    ready.cells = chosen_cells(ready.cells, exercises)
    for cell in ready.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(r"\1", cell.source)
        else:
            cell.source = cell.source.replace(IMPORT, fallback(install))
    return ready


def fallback(install: str) -> str:
    """The import of `check`, and what stands in for it where there is nothing to import."""
    words = _("course_lib is not installed here: all cells run, but nothing is checked. {install}")
    answer = _("was not checked: course_lib is not installed")
    return FALLBACK.format(words=words.format(install=install).strip(), answer=answer)


def chosen_cells(cells: list[NotebookNode], exercises: Collection[str]) -> list[NotebookNode]:
    """Without the task, solution, question and check of every exercise that is not chosen.

    The cells before the first exercise stay; those after the last one unless they speak of one that
    is left out.
    """
    places = solution_places(cells)
    left_out = [name for name in places if name not in exercises]
    chosen = [name for name in places if name in exercises]
    first, last = min(places.values()) - 1, max(places.values()) + 3
    opening = [with_name(cell, left_out, chosen[0]) for cell in cells[:first]]
    asked = [cell for name in chosen for cell in cells[places[name] - 1 : places[name] + 3]]
    closing = [cell for cell in cells[last:] if not spoken_of(cell.source, left_out)]
    return [*opening, *asked, *closing]


def with_name(cell: NotebookNode, left_out: list[str], example: str) -> NotebookNode:
    """The opening says how to call `check` and `hint`: on an exercise that is there."""
    for name in spoken_of(cell.source, left_out):
        cell.source = re.sub(rf"\b{name}\b", example, cell.source)
    return cell


def solution_places(cells: list[NotebookNode]) -> dict[str, int]:
    """Exercise -> number of the cell with its solution."""
    return {name: place for place, cell in enumerate(cells) if (name := solution_name(cell))}


def solution_name(cell: NotebookNode) -> str:
    """The exercise whose solution the cell is; "" for any other cell."""
    grader = cell.metadata.get("nbgrader", {})
    return str(grader["grade_id"]) if grader.get("solution") else ""


def spoken_of(text: str, names: Collection[str]) -> list[str]:
    """Those of the names that the text mentions."""
    return [name for name in names if re.search(rf"\b{name}\b", text)]


def mentions(notebook: NotebookNode, exercises: Collection[str]) -> dict[str, list[str]]:
    """Chosen exercise -> exercises of the lecture, left out, that its task speaks of."""
    places = solution_places(notebook.cells)
    left_out = [name for name in places if name not in exercises]
    found = {
        name: spoken_of(notebook.cells[place - 1].source, left_out)
        for name, place in places.items()
        if name in exercises
    }
    return {name: others for name, others in found.items() if others}
