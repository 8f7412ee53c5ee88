"""An assignment: a name and the exercises that are handed out and marked together."""

import difflib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.registry import all_exercises, find
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_text, writing


@dataclass(frozen=True)
class Assignment:
    """`name` is that of the bundle's folder; `exercises` are function names, in teaching order.

    Raises CourseError if the name cannot be a folder's, or an exercise does not exist.
    """

    name: str
    exercises: tuple[str, ...]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\w[\w.-]*", self.name):
            message = _("{name!r} cannot name an assignment: letters, digits, _ and - can")
            raise CourseError(message.format(name=self.name))
        if not self.exercises or len(set(self.exercises)) < len(self.exercises):
            message = _("assignment {name}: it needs exercises, each of them once")
            raise CourseError(message.format(name=self.name))
        for exercise in self.exercises:
            find(exercise)

    def records(self) -> list[Exercise]:
        """The records of its exercises, in its order."""
        return [find(name) for name in self.exercises]

    @property
    def max_points(self) -> int:
        return sum(record.points for record in self.records())


def of_lectures(name: str, lectures: list[str]) -> Assignment:
    """All exercises of the lectures, which are called 07_transformer or just 07.

    Raises CourseError for a lecture without exercises.
    """
    every = list(all_exercises())
    for lecture in lectures:
        if not any(belongs(exercise, lecture) for exercise in every):
            known = [word for e in every for word in (e.lecture, e.lecture.partition("_")[0])]
            near = difflib.get_close_matches(lecture, known, n=1, cutoff=0.0)[0]
            message = _("lecture {lecture} has no exercises; did you mean {near}?")
            raise CourseError(message.format(lecture=lecture, near=near))
    chosen = (e.name for e in every if any(belongs(e, lecture) for lecture in lectures))
    return Assignment(name, tuple(chosen))


def belongs(exercise: Exercise, lecture: str) -> bool:
    return lecture in (exercise.lecture, exercise.lecture.partition("_")[0])


def write_assignment(assignment: Assignment, path: Path) -> None:
    """A TOML file with `name` and `exercises`."""
    # JSON's strings and lists of strings are TOML's, too.
    name, exercises = json.dumps(assignment.name), json.dumps(assignment.exercises)
    with writing(path) as file:
        file.write(f"name = {name}\nexercises = {exercises}\n")


def read_assignment(path: Path) -> Assignment:
    """Raises CourseError if the file cannot be read or is not an assignment's."""
    try:
        content = tomllib.loads(read_text(path))
        name, exercises = content["name"], content["exercises"]
        if not isinstance(name, str) or not all(isinstance(e, str) for e in exercises):
            raise TypeError
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        message = _("{path} is not an assignment: a TOML file with a name and its exercises")
        raise CourseError(message.format(path=path)) from None
    return Assignment(name, tuple(exercises))
