"""What an exercise is marked with: hidden cases made from the instructor's secret, and answers."""

import functools
import hashlib
import hmac
import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from course_lib import __version__
from course_lib.classroom.compare import compare
from course_lib.classroom.exercise import Case, Exercise
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.wire import encode
from course_lib.errors import CourseError
from course_lib.i18n import _

N_ROUNDS = 3  # how many times the hidden cases are made, each time with another seed
PRACTICE_SEED = 0  # that of `check`
LEAST_BYTES = 16


@dataclass(frozen=True)
class Question:
    """A case and what the reference returns for it."""

    case: Case
    expected: Any


@dataclass(frozen=True)
class Paper:
    """An exercise with its practice cases, which anybody may see, and its hidden ones."""

    exercise: Exercise
    practice: tuple[Question, ...]
    hidden: tuple[Question, ...]
    known: dict[int, list[tuple[str, Any]]] = field(default_factory=dict, compare=False, repr=False)

    def wrong_answer(self, number: int, result: Any) -> str:
        """Which typical wrong answer gives this result of hidden case `number`; "" for none."""
        if number not in self.known:
            self.known[number] = list(results(self.exercise, self.hidden[number].case))
        for name, typical in self.known[number]:
            if compare(result, typical, self.exercise.tolerance) is None:
                return name
        return ""


def results(exercise: Exercise, case: Case) -> Iterator[tuple[str, Any]]:
    """Name and result of each typical wrong answer; those that stop with an error are left out."""
    for number, wrong in enumerate(exercise.wrong_answers, start=1):
        try:
            result = wrong.answer(*deepcopy(case.args))
        except Exception:
            continue
        name = getattr(wrong.answer, "__name__", "")  # a partial has none
        yield (name if name.isidentifier() else f"wrong answer {number}"), result


@functools.lru_cache(maxsize=8)
def papers(assignment: Assignment, secret: bytes, most_seconds: float) -> tuple[Paper, ...]:
    """The papers of an assignment. The same secret makes the same cases, on every machine.

    most_seconds: no exercise gets more than that.
    """
    found = []
    for record in assignment.records():
        seconds = min(most_seconds, record.limits.seconds)
        exercise = replace(record, limits=replace(record.limits, seconds=seconds))
        hidden = [q for seed in seeds(secret, record.name) for q in questions(exercise, seed)]
        found.append(Paper(exercise, questions(exercise, PRACTICE_SEED), tuple(hidden)))
    return tuple(found)


def seeds(secret: bytes, name: str) -> list[str]:
    """The seed of each round of an exercise: who knows some of them knows nothing of the others."""
    messages = [f"{name}/{number}".encode() for number in range(N_ROUNDS)]
    return [hmac.new(secret, message, hashlib.sha256).hexdigest() for message in messages]


def questions(exercise: Exercise, seed: int | str) -> tuple[Question, ...]:
    cases = exercise.cases(random.Random(seed))
    return tuple(Question(case, exercise.reference(*deepcopy(case.args))) for case in cases)


def fingerprint(marked_with: tuple[Paper, ...]) -> str:
    """A hash of all that decides the marks: another one means that they may be others."""
    digest = hashlib.sha256(__version__.encode())
    for paper in marked_with:
        e = paper.exercise
        digest.update(repr((e.name, e.points, e.tolerance, e.limits)).encode())
        for question in (*paper.practice, *paper.hidden):
            digest.update(question.case.hint.encode())
            digest.update(encode([question.case.args, question.expected]))
    return digest.hexdigest()


def read_secret(path: Path) -> bytes:
    """The instructor's secret. Raises CourseError if there is none, or one that is too short."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        message = _(
            "cannot read the seed file {path}: {why}; make one: course exercises seed {path}"
        )
        raise CourseError(message.format(path=path, why=error.strerror)) from None
    if len(secret) < LEAST_BYTES:
        message = _("the secret in {path} is too short: make one with: course exercises seed FILE")
        raise CourseError(message.format(path=path))
    return secret


def secret_fingerprint(secret: bytes) -> str:
    """Tells one secret from another without telling it."""
    return hmac.new(secret, b"fingerprint", hashlib.sha256).hexdigest()
