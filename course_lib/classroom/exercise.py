"""An exercise as one record: what is asked, how it is checked, and what goes wrong typically."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """One call of the student's function, and the idea that is broken if its result is wrong.

    `args` and results are plain data (numbers, strings, lists, tuples, dicts, Counters, sets,
    arrays, tensors): when a notebook is marked, they alone travel between the student's process
    and the judge.
    """

    args: tuple[Any, ...]
    hint: str


@dataclass(frozen=True)
class Law:
    """A property every right result has, for hints that point at the place: "row 2 sums to 1.5".

    `broken(result, *args)` returns None where the law holds, else the values of the placeholders in
    `hint`, {} if it has none. It is asked only about a wrong result that has, as far as the first
    wrong number, the right kind and shape.
    """

    hint: str
    broken: Callable[..., dict[str, Any] | None]


@dataclass(frozen=True)
class WrongAnswer:
    """What a student may well write, and the hint that must answer it (of a Case or a Law)."""

    answer: Callable[..., Any]
    hint: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a student's function may use when it is marked. seconds: of all its calls together."""

    seconds: float = 10.0
    memory_mb: int = 2048  # of all processes of a submission together
    n_processes: int = 64  # and threads
    disk_mb: int = 64


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise. Raises ValueError if the record is too thin to be proven.

    name: of the student's function, unique in the course.     lecture: for example "01_ngrams".
    stars: 1 a line, 2 a function, 3 an experiment.            minutes: for a typical reader.
    cases: makes the cases from a seeded generator, the simplest idea first: `check` stops at the
        first that fails and shows its hint, so an earlier case must not need a later idea.
    reference: the right answer; course_lib's own function, or one that a test holds equal to it.
    tolerance: a number passes if |number - expected| <= tolerance * max(1, |expected|).
    hints: the ladder from a nudge to nearly the solution, shown one at a time by `hint`.
    right_variants: answers written differently that must pass; wrong_answers must fail.
    limits: what a call may use when it is marked.
    """

    name: str
    lecture: str
    stars: int
    title: str
    points: int
    minutes: int
    cases: Callable[[random.Random], list[Case]]
    reference: Callable[..., Any]
    hints: tuple[str, str, str]
    right_variants: tuple[Callable[..., Any], ...]
    wrong_answers: tuple[WrongAnswer, ...]
    laws: tuple[Law, ...] = ()
    tolerance: float = 1e-6
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"{self.name=} cannot be a function's name")
        if self.stars not in (1, 2, 3):
            raise ValueError(f"{self.name}: {self.stars=} must be 1, 2 or 3")
        if min(self.points, self.minutes) < 1:
            raise ValueError(f"{self.name}: {self.points=} and {self.minutes=} must be positive")
        if len(self.hints) != 3:
            raise ValueError(f"{self.name}: the ladder has {len(self.hints)} hints, not 3")
        if len(self.right_variants) < 2:
            raise ValueError(f"{self.name}: at least 2 right variants are needed")
        if len(self.wrong_answers) < (2 if self.stars == 1 else 4):
            raise ValueError(f"{self.name}: too few wrong answers for {self.stars} stars")
