"""What stands in a grade book besides markings, and in which form."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from course_lib.classroom.marking.mark import Mark, Marking
from course_lib.classroom.registry import find

Kind = Literal["marks", "rehearsal"]
Keep = Literal["last", "best"]


@dataclass(frozen=True)
class Attempt:
    """One file as one set of records judged it: without overrides.

    at: when, UTC.      counts: there is no newer judgement of this file.
    last: it is the file that was met last of this student.
    """

    marking: Marking
    fingerprint: str
    at: str
    counts: bool
    last: bool


@dataclass(frozen=True)
class Override:
    """Points that the instructor set, whatever the marker said, and why. `at` is UTC."""

    student: str
    exercise: str
    points: float
    reason: str
    who: str
    at: str


def lasting(attempt: Attempt) -> Attempt:
    """The attempt without times and memory."""
    marks = tuple(replace(mark, seconds=0.0) for mark in attempt.marking.marks)
    marking = replace(attempt.marking, marks=marks, seconds=0.0, peak_mb=0.0)
    return replace(attempt, marking=marking, at="")


def overridden(marking: Marking, points: dict[str, float]) -> Marking:
    """With the points the instructor set, by exercise; the marks say still what was found."""
    marks = [replace(m, points=points.get(m.exercise, m.points)) for m in marking.marks]
    unmarked = set(points) - {mark.exercise for mark in marks}  # where nothing could be marked
    return replace(marking, marks=(*marks, *(_given(e, points[e]) for e in sorted(unmarked))))


def _given(exercise: str, points: float) -> Mark:
    most = find(exercise).points
    return Mark(
        exercise=exercise, status="missing", n_passed=0, n_cases=0, points=points, max_points=most
    )


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def storable(value: Any) -> Any:
    """A string as the file can hold it: half characters, as in odd file names, are spelled out."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value
