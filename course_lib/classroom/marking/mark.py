"""What marking finds out about a submission. Nothing in it tells a hidden case."""

from dataclasses import dataclass
from typing import Literal, get_args

Status = Literal[
    "right",
    "wrong",  # a value came back, and not the right one
    "raises",  # the function stopped with an exception
    "stub",  # it still says NotImplementedError
    "missing",  # no function of that name after all cells have run
    "time",  # a call took longer than the exercise allows
    "memory",  # more memory than the exercise allows
    "died",  # the worker's process came to an end
    "protocol",  # what came back is not a message: only tampering does that
]
STATUSES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One exercise of one submission.

    n_passed: hidden cases in order, up to the first that fails, of n_cases.
    hint: the idea that the first failing hidden case stands for: text of the record, no values.
    practice: what `check` prints for the first failing practice case, which anybody may see;
        "" if they all pass, or if the function cannot be called.
    error: name of a built-in exception, "" for every other.
    wrong_answer: which typical wrong answer of the record gives the same result, "" for none.
    seconds: of all its calls together.
    """

    exercise: str
    status: Status
    n_passed: int
    n_cases: int
    points: float
    max_points: float
    hint: str = ""
    practice: str = ""
    error: str = ""
    wrong_answer: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Marking:
    """One submission, marked.

    path: of the notebook, relative to the submissions' folder, with `/`.
    sha256: of the file's bytes.     peak_mb: largest memory of its workers.
    problem: why nothing of it could be marked, in one line; "" if it was.
    judged: False if marking itself failed: such a submission is marked again the next time.
    """

    student: str
    path: str
    sha256: str
    marks: tuple[Mark, ...]
    seconds: float = 0.0
    peak_mb: float = 0.0
    problem: str = ""
    judged: bool = True

    @property
    def points(self) -> float:
        return sum(mark.points for mark in self.marks)

    @property
    def max_points(self) -> float:
        return sum(mark.max_points for mark in self.marks)
