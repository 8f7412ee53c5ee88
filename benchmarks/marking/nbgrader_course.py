"""The peer: a course of nbgrader's own, with the assignment and what was handed in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.marking.students import Student, source
from course_lib.storage import writing

ASSIGNMENT = "exercises"
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "bench"\n'


class NbgraderError(RuntimeError):
    """nbgrader ended with an error of its own; the message is the end of what it said."""


def prepare(folder: Path, lecture: str) -> None:
    """A course folder with the assignment generated: afterwards it is in nbgrader's grade book."""
    original = folder / "source" / ASSIGNMENT
    original.mkdir(parents=True)
    shutil.copy(source(lecture), original)
    (folder / "nbgrader_config.py").write_text(CONFIG, "utf-8")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NbgraderError(f"generate_assignment: {done.stderr[-500:]}")


def submit(lecture: str, students: list[Student], folder: Path) -> None:
    """Put the class's notebooks where `nbgrader collect` would."""
    for student in students:
        place = folder / "submitted" / student.name / ASSIGNMENT
        with writing(place / f"{lecture}.ipynb") as file:
            file.write(student.notebook)


def command() -> list[str]:
    """Autograde all that is submitted and not graded yet, in nbgrader's one process."""
    return [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT]


def environment() -> dict[str, str]:
    """nbgrader starts `alembic` by its name: it must be found beside the Python that runs here."""
    here = str(Path(sys.executable).parent)
    return os.environ | {"PATH": os.pathsep.join([here, os.environ.get("PATH", "")])}


def points(folder: Path) -> dict[tuple[str, str], float | None]:
    """(student, exercise) -> points, or None where nbgrader left no score."""
    from nbgrader.api import Gradebook  # only here: it starts slowly

    found: dict[tuple[str, str], float | None] = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for submission in book.assignment_submissions(ASSIGNMENT):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    exercise = grade.name.removesuffix("_check")
                    found[submission.student.id, exercise] = grade.auto_score
    return found
