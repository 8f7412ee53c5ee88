"""What a class's marks say about an exercise: counts, times, and how well it tells students apart.

Numbers are of the markings that could be marked at all; the points are those that count, with the
instructor's corrections, and the statuses are what the marker found.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.marking.mark import STATUSES, Mark, Marking

FEWEST = 3  # pairs of numbers that a correlation can be taken of


@dataclass(frozen=True)
class ExerciseStatistics:
    """One exercise of n submissions.

    statuses: how often each status, only those that occur, in the order of STATUSES.
    hints: which ideas were missing, how often each, the most common first.
    wrong_answers: the record's typical wrong answers that were met, in the same way.
    median_seconds, most_seconds: of the submissions in which the function was called.
    discrimination: see `discrimination`.
    """

    exercise: Exercise
    n: int
    statuses: dict[str, int]
    hints: tuple[tuple[str, int], ...]
    wrong_answers: tuple[tuple[str, int], ...]
    median_seconds: float | None
    most_seconds: float | None
    discrimination: float | None

    @property
    def n_right(self) -> int:
        return self.statuses.get("right", 0)


def of_exercise(exercise: Exercise, markings: Sequence[Marking]) -> ExerciseStatistics:
    """Sum up one exercise over the markings that have it."""
    having = [(marking, mark) for marking in markings if (mark := mark_of(marking, exercise.name))]
    marks = [mark for _marking, mark in having]
    found: Counter[str] = Counter(mark.status for mark in marks)
    seconds = [mark.seconds for mark in marks if mark.status not in ("stub", "missing")]
    return ExerciseStatistics(
        exercise=exercise,
        n=len(marks),
        statuses={status: found[status] for status in STATUSES if found[status]},
        hints=most_common(mark.hint for mark in marks if mark.hint),
        wrong_answers=most_common(mark.wrong_answer for mark in marks if mark.wrong_answer),
        median_seconds=statistics.median(seconds) if seconds else None,
        most_seconds=max(seconds, default=None),
        discrimination=discrimination(
            [mark.status == "right" for mark in marks],
            [points_elsewhere(marking, exercise.name) for marking, _mark in having],
        ),
    )


def mark_of(marking: Marking, exercise: str) -> Mark | None:
    return next((mark for mark in marking.marks if mark.exercise == exercise), None)


def points_elsewhere(marking: Marking, exercise: str) -> float:
    """The points of all other exercises: with its own, an exercise would agree with itself."""
    points = sum(mark.points for mark in marking.marks if mark.exercise != exercise)
    return round(points, 9)  # sums of the same points in another order are equal


def most_common(texts: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Texts with their counts, the largest first; of equal ones the alphabet's first."""
    return tuple(sorted(Counter(texts).items(), key=lambda item: (-item[1], item[0])))


def discrimination(right: Sequence[bool], rest: Sequence[float]) -> float | None:
    """Point-biserial correlation of getting an exercise right with the points of the others.

    From -1 to 1; near 0 or below, the exercise says little about what else a student can do. None
    where it has no meaning: fewer than 3 submissions, all right or none, or equal points.
    Source: Lord & Novick (1968), "corrected item-total correlation".
    """
    if len(right) < FEWEST or len(set(right)) < 2 or len(set(rest)) < 2:
        return None
    return statistics.correlation([float(x) for x in right], rest)


def idea_of(exercise: Exercise, name: str) -> str:
    """The idea that a typical wrong answer lacks. `name` is as the marker writes it in a `Mark`."""
    for number, wrong in enumerate(exercise.wrong_answers, start=1):
        if name in (wrong.answer.__name__, f"wrong answer {number}"):
            return wrong.hint
    return ""
