"""A made-up class: what students hand in, in realistic shares, the same for the same seed."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import nbformat

from benchmarks.marking import answers
from course_lib.classroom.exercise import Exercise
from course_lib.classroom.registry import all_exercises
from course_lib.storage import PROJECT, writing

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
# What is handed in per exercise, and how often. "noisy" is right, and writes to stderr.
SHARES = {"right": 58, "noisy": 4, "wrong": 24, "stub": 9, "crash": 5}
EARNS = ("right", "noisy")


@dataclass(frozen=True)
class Student:
    """One made-up student. `kinds`: for each exercise one of SHARES."""

    name: str
    kinds: dict[str, str]
    notebook: str  # the file's text

    def earned(self, exercise: Exercise) -> float:
        """The points that the answer is worth."""
        return exercise.points if self.kinds[exercise.name] in EARNS else 0


def source(lecture: str) -> Path:
    """The exercise notebook of a lecture, with its solutions and hidden tests."""
    return PROJECT / "notebooks" / "exercises" / lecture / f"{lecture}.ipynb"


def exercises(lecture: str) -> list[Exercise]:
    return [exercise for exercise in all_exercises() if exercise.lecture == lecture]


def make_class(lecture: str, n_students: int, seed: int) -> list[Student]:
    """The students, each with answers drawn for every exercise by itself."""
    rng = random.Random(seed)
    asked = exercises(lecture)
    return [_student(lecture, asked, f"student-{n:04}", rng) for n in range(n_students)]


def _student(lecture: str, asked: list[Exercise], name: str, rng: random.Random) -> Student:
    notebook = nbformat.read(source(lecture), as_version=4)
    kinds = {}
    for exercise in asked:
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        cell = next(c for c in notebook.cells if grade_id(c) == exercise.name)
        check = next(c for c in notebook.cells if grade_id(c) == f"{exercise.name}_check")
        kinds[exercise.name] = kind
        cell.source = _answer(exercise, cell.source, kind, rng)
        check.source = check.source.partition("\n### BEGIN HIDDEN")[0]
    return Student(name, kinds, json.dumps(notebook, ensure_ascii=False, indent=1) + "\n")


def grade_id(cell: nbformat.NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id"))


def _answer(exercise: Exercise, solution: str, kind: str, rng: random.Random) -> str:
    """What stands in the cell of the exercise."""
    head, _begin, rest = solution.partition(f"    {BEGIN}\n")
    own = solution.replace(f"    {BEGIN}\n", "").replace(f"\n    {END}", "")
    if kind == "right":
        return rng.choice([own, *answers.right_answers(exercise)])
    if kind == "noisy":
        return answers.noisy(own)
    if kind == "wrong":
        return rng.choice(answers.wrong_answers(exercise))
    if kind == "crash":
        return answers.crash(exercise)
    return f"{head}    # YOUR CODE HERE\n    raise NotImplementedError(){rest.partition(END)[2]}"


def hand_in(lecture: str, students: list[Student], folder: Path) -> None:
    """Write FOLDER/STUDENT/LECTURE.ipynb for each of them."""
    for student in students:
        with writing(folder / student.name / f"{lecture}.ipynb") as file:
            file.write(student.notebook)
