"""The attacks, marked by nbgrader: in a sandbox that holds a whole course of nbgrader's own."""

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat

from benchmarks.attacks.outcome import describe
from benchmarks.marking import nbgrader_course
from benchmarks.marking.students import source
from course_lib.classroom.marking.box_command import program, read_only
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT
from tests.attacks.attack import HONEST, NEIGHBOUR, RIGHT, TARGET, Attack, with_places

LECTURE = "01_ngrams"
COURSE, HANDED, SCRATCH = "/course", "/handed", "/tmp"
# 30 is nbgrader's own limit; the others only end what would never end.
CELL_SECONDS, START_SECONDS, SECONDS_EACH = 30, 300, 60
N_AT_ONCE = 3
CONFIG = f"c.ExecutePreprocessor.timeout = {CELL_SECONDS}\n"
FULL = 2.0  # points of the attacked exercise, and of the neighbour
LAST = "zz-honest"  # marked after the attack
AT = f"{COURSE}/submitted/{LAST}/{nbgrader_course.ASSIGNMENT}/{LECTURE}.ipynb"
PLACES = {
    "SEED": f"{COURSE}/source/{nbgrader_course.ASSIGNMENT}/{LECTURE}.ipynb",  # the hidden tests
    "BOOK": f"{COURSE}/gradebook.db",
    "OTHER": AT,
    "CANARY_FILE": f"{COURSE}/canary",
    "CANARY": "COURSE_ATTACK_CANARY=in-the-environment",
    "PROJECT": str(PROJECT),
    "SCRATCH": SCRATCH,
    "JUDGE": "os.getppid()",
    "TCP": "9",
    "UDP": "9",
    "ABSTRACT": "nobody",
    "SOCKET": "/nobody",
}


def autograde_all(families: dict[str, tuple[Attack, ...]]) -> dict[str, str]:
    """Name -> outcome. A family is handed in together, with an honest student after it.

    Where that does not say what each attack did (the grade book is gone, the batch has stopped,
    the honest student was harmed), each is handed in once more, alone.
    Raises CourseError if this is not root: nobody else can make the sandbox.
    """
    if os.geteuid() != 0:
        raise CourseError(_("nbgrader is attacked in a sandbox that only root can make"))
    with tempfile.TemporaryDirectory() as name:
        template = Path(name) / "template"
        nbgrader_course.prepare(template, LECTURE)
        with (template / "nbgrader_config.py").open("a") as file:
            file.write(CONFIG)
        with ThreadPoolExecutor(N_AT_ONCE) as pool:
            together = list(
                pool.map(lambda attacks: autograde(attacks, template), families.values())
            )
            found = {name: words for part in together for name, words in part.items()}
            left = [a for attacks in families.values() for a in attacks if a.name not in found]
            alone = list(pool.map(lambda attack: autograde((attack,), template), left))
    found |= {name: words for part in alone for name, words in part.items()}
    return found | {a.name: "batch stopped" for a in left if a.name not in found}


def autograde(attacks: tuple[Attack, ...], template: Path) -> dict[str, str]:
    """Name -> outcome, of those of which this run tells it."""
    points = scores(attacks, template)
    honest = points.get(LAST, {}).get(TARGET)
    if honest != FULL and len(attacks) > 1:
        return {}
    found = {}
    for number, attack in enumerate(attacks):
        mine = points.get(student(number))
        if mine is not None:
            words = describe(mine.get(TARGET), mine.get(NEIGHBOUR), honest, FULL)
            found[attack.name] = words
        elif len(attacks) == 1 and honest == FULL:
            found[attack.name] = "no score left"
        elif len(attacks) == 1 and not points:
            found[attack.name] = "grade book lost"
    return found


def student(number: int) -> str:
    return f"attack-{number:03}"


def scores(attacks: tuple[Attack, ...], template: Path) -> dict[str, dict[str, float | None]]:
    """What nbgrader's grade book says after autograding; {} if it says nothing any more."""
    with tempfile.TemporaryDirectory() as name:
        course = Path(name) / "course"
        shutil.copytree(template, course)
        for number, attack in enumerate(attacks):
            cells = tuple(with_places(cell, PLACES) for cell in attack.cells)
            hand_in(course, student(number), cells, attack)
        hand_in(course, LAST, (f"import math\ndef {TARGET}(conditionals):\n    return {RIGHT}",))
        seconds = START_SECONDS + SECONDS_EACH * len(attacks)
        asked = command(course, seconds)
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
    try:
        found: dict[str, dict[str, float | None]] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return {}
    return found


def hand_in(course: Path, name: str, cells: tuple[str, ...], attack: Attack | None = None) -> None:
    """The released notebook, filled in."""
    content = nbformat.read(source(LECTURE), as_version=4)
    filled = []
    for cell in content.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = cell.source.partition("\n### BEGIN HIDDEN")[0]
        if grade_id == TARGET:
            cell.source = cells[0]
            filled += [cell, *map(plain_cell, cells[1:])]
            continue
        if grade_id == NEIGHBOUR:
            cell.source = HONEST
        elif "### BEGIN SOLUTION" in cell.source:
            cell.source = f"def {grade_id}(*args): raise NotImplementedError()"
        filled.append(cell)
    content.cells = filled
    plain = json.loads(nbformat.writes(content))
    if attack is not None and attack.tamper is not None:
        attack.tamper(plain)
    path = course / "submitted" / name / nbgrader_course.ASSIGNMENT / f"{LECTURE}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(plain), "utf-8")


def plain_cell(code: str) -> Any:
    return copy.deepcopy(nbformat.v4.new_code_cell(code))


def command(course: Path, seconds: int) -> list[str]:
    """Everything read-only but the course and a scratch folder, both small and in memory."""
    python = Path(sys.executable).absolute()
    shown = [Path(sys.base_prefix), python.parents[1], PROJECT, *map(Path, ("/usr", "/etc"))]
    shown += [path for path in map(Path, ("/bin", "/lib", "/lib64")) if path.exists()]
    words = [program("bwrap"), "--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-pid"]
    words += ["--die-with-parent", "--new-session", "--dev", "/dev", "--proc", "/proc"]
    # Before the others: they may lie in the scratch folder.
    for folder in (COURSE, SCRATCH, "/dev/shm"):
        words += ["--perms", "1777", "--size", str(300 * 2**20), "--tmpfs", folder]
    for place in shown:
        words += read_only(str(place))
    words += read_only(str(course), HANDED)
    inside = str(Path(__file__).with_name("inside.py"))
    return [*words, "--", str(python), "-P", inside, COURSE, HANDED, str(seconds)]
