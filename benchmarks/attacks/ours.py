"""The attacks, marked by the course."""

import json
import secrets
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.attacks.outcome import describe
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grading import Order, mark_one
from course_lib.classroom.marking.sandbox import probe
from course_lib.classroom.marking.submissions import Handed
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
        return {attack.name: outcome(attack, places, order, pool) for attack in attacks}


def outcome(attack: Attack, places: dict[str, str], order: Order, pool: ThreadPoolExecutor) -> str:
    cells = tuple(with_places(cell, places) for cell in (*attack.cells, HONEST))
    content = json.dumps(notebook(cells, attack.tamper)).encode()
    beside = pool.submit(mark_one, handed(json.dumps(notebook(ANSWERS)).encode()), order)
    marks = pool.submit(mark_one, handed(content), order).result().marks
    honest = beside.result()
    attacked, neighbour = (mark.points / mark.max_points for mark in marks)
    return describe(attacked, neighbour, honest.points / honest.max_points, 1.0)


def handed(content: bytes) -> Handed:
    return Handed("student", "student/attacks.ipynb", (content,))
