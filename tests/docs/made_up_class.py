"""Six students hand in the first assignment of the guide."""

import re
import shutil
import tempfile
from pathlib import Path

import nbformat

from benchmarks.marking.answers import right_answers, wrong_answers
from course_lib.classroom.registry import all_exercises
from course_lib.storage import PROJECT

LECTURE = "01_ngrams"
SOLUTIONS = PROJECT / "notebooks" / "exercises" / LECTURE / f"{LECTURE}.ipynb"
MARK = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)

STOPS = "def text_perplexity(log_probs):\n    return 1 / (len(log_probs) - len(log_probs))"
CHATTY = "\nimport warnings\nwarnings.warn('this is only a warning')\nprint('hello ' * 1000)"


def solutions() -> dict[str, str]:
    """The solution of each exercise, by the grade id of its cell."""
    cells = nbformat.read(SOLUTIONS, as_version=4).cells
    marked = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    return {cell.metadata.nbgrader.grade_id: MARK.sub("", cell.source) for cell in marked}


def students() -> dict[str, dict[str, str]]:
    """What each of them has written, by exercise: ann and dina together, the others alone."""
    records = {e.name: e for e in all_exercises() if e.lecture == LECTURE}
    every = solutions()
    names = list(every)
    one, two = ({n: right_answers(records[n])[i] for n in names} for i in (0, 1))
    forgot_k = wrong_answers(records["add_k_probs"])[1]
    misnamed = two["sample_next"].replace("def sample_next(*", "def sampled(*")
    return {
        "ann": every,
        "ben": one | {"add_k_probs": forgot_k, "text_perplexity": STOPS},
        "chris": {name: one[name] for name in names[:2]},
        "dina": {name: renamed(source) for name, source in every.items()},
        "eve": two | {"add_k_probs": two["add_k_probs"] + CHATTY},
        "花子": two | {"sample_next": misnamed, "bits_by_order": "def bits_by_order(:"},
    }


def renamed(source: str) -> str:
    """The same code with other names for its variables: a copy in disguise."""
    assigned = re.findall(r"^ +(\w+) = ", source, re.MULTILINE)
    for name in dict.fromkeys(assigned):
        source = re.sub(rf"\b{name}\b", f"my_{name}", source)
    return source


def hand_in(bundle: Path, folder: Path) -> None:
    """FOLDER/STUDENT/NOTEBOOK.ipynb, from the bundle that was handed out."""
    for student, answers in students().items():
        notebook = nbformat.read(bundle / f"{LECTURE}.ipynb", as_version=4)
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(grade_id, cell.source)
        place = folder / student
        place.mkdir(parents=True)
        nbformat.write(notebook, place / f"{LECTURE}.ipynb")


def hand_in_late(bundle: Path, folder: Path) -> None:
    """Chris hands in again, with everything right."""
    with tempfile.TemporaryDirectory() as everybody:
        hand_in(bundle, Path(everybody))
        shutil.copytree(Path(everybody) / "eve", folder / "chris")
