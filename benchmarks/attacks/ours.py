"""The attacks, marked by the course."""

import json
import secrets
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.attacks.outcome import describe
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grading import Order, mark_one, markings
from course_lib.classroom.marking.sandbox import probe
from course_lib.classroom.marking.submissions import find_submissions, take
from tests.attacks.attack import HONEST, NEIGHBOUR, RIGHT, TARGET, Attack, notebook, with_places
from tests.attacks.places import Servers, make_places

SECONDS = 2.0
ANSWERS = (HONEST, f"def {TARGET}(conditionals):\n    return {RIGHT}")


def mark_all(attacks: list[Attack]) -> dict[str, str]:
    """Name -> outcome. An honest student is marked beside each attack."""
    probe()
    order = Order(Assignment("attacks", (TARGET, NEIGHBOUR)), secrets.token_bytes(32), SECONDS)
    with (
        tempfile.TemporaryDirectory() as name,
        ThreadPoolExecutor(2) as pool,
        Servers(Path(name)) as servers,
    ):
        places = make_places(Path(name), servers)
        found = {}
        for number, attack in enumerate(attacks):
            cells = tuple(with_places(cell, places) for cell in (*attack.cells, HONEST))
            folder = Path(name) / f"handed-in-{number}"
            hand_in(folder / "attack.ipynb", notebook(cells, attack.tamper))
            hand_in(folder / "honest.ipynb", notebook(ANSWERS))
            found[attack.name] = outcome(folder, order, pool)
    return found


def hand_in(path: Path, content: dict) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), "utf-8")


def outcome(folder: Path, order: Order, pool: ThreadPoolExecutor) -> str:
    taken = ((submission, take(submission)) for submission in find_submissions(folder))
    marks = {
        marking.student: [mark.points / mark.max_points for mark in marking.marks]
        for marking in markings(taken, lambda handed: pool.submit(mark_one, handed, order), 2)
    }
    attacked, neighbour = marks["attack"]
    return describe(attacked, neighbour, min(marks["honest"]), 1.0)
