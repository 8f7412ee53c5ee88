"""★★ The bottleneck as a curve: quality by length, each point with its standard error."""

import itertools
import random
from collections.abc import Sequence
from math import sqrt
from statistics import stdev

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Point = tuple[float, float] | None

SHARE = _("The share of right sentences among those of the range: a number from 0 to 1.")
ERROR = _("The standard error of a share p of n sentences is the root of p (1 - p) / (n - 1).")
EDGE = _("A range (3, 6) holds the lengths 4, 5 and 6: above the lower bound, up to the upper one.")
NOBODY = _("A range without any sentence says nothing: None, neither 0 nor left out.")


def cases(rng: random.Random) -> list[Case]:
    def some(low: int, high: int, n: int) -> list[int]:
        return [rng.randint(low, high) for _i in range(n)]

    n_short, n_long = rng.randint(3, 6), rng.randint(7, 9)
    inside = some(4, 5, n_short) + some(7, 8, n_long)
    clear = [True] * n_short + [False] * n_long
    n_right = rng.randint(2, n_long - 2)
    mixed = [True] * n_short + [True] * n_right + [False] * (n_long - n_right)
    edges = [3, 4, 6, 6, 6, 7, 8, 9, 9, 10]
    at_edge = [False, True, False, True, False, True, True, False, True, True]
    return [
        Case((inside, clear, [3, 6, 9]), SHARE),
        Case((inside, mixed, [3, 6, 9]), ERROR),
        Case((edges, at_edge, [3, 6, 9]), EDGE),
        Case((inside, mixed, [1, 3, 6, 9, 20]), NOBODY),
    ]


def quality_by_length(
    lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]
) -> list[Point]:
    """For each range of lengths: (share of right ones, its standard error), or None."""
    curve: list[Point] = []
    for low, high in itertools.pairwise(bounds):
        chosen = [ok for length, ok in zip(lengths, right, strict=True) if low < length <= high]
        curve.append(share_and_error(sum(chosen), len(chosen)))
    return curve


def share_and_error(n_right: int, n: int) -> Point:
    if n == 0:
        return None
    p = n_right / n
    return p, sqrt(p * (1 - p) / (n - 1))


def by_the_spread(
    lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]
) -> list[Point]:
    curve: list[Point] = []
    for i in range(len(bounds) - 1):
        inside = range(bounds[i] + 1, bounds[i + 1] + 1)
        chosen = [float(right[j]) for j, length in enumerate(lengths) if length in inside]
        spread = stdev(chosen) / sqrt(len(chosen)) if chosen else 0.0
        curve.append((sum(chosen) / len(chosen), spread) if chosen else None)
    return curve


def sorted_into_ranges(
    lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]
) -> list[Point]:
    totals = [[0, 0] for _range in bounds[1:]]
    for length, ok in zip(lengths, right, strict=True):
        place = sum(length > bound for bound in bounds) - 1
        if 0 <= place < len(totals):
            totals[place][0] += ok
            totals[place][1] += 1
    return [share_and_error(*total) for total in totals]


def of_all(lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]) -> list[Point]:
    curve: list[Point] = []
    for low, high in itertools.pairwise(bounds):
        p = sum(ok for n, ok in zip(lengths, right, strict=True) if low < n <= high) / len(right)
        curve.append((p, sqrt(p * (1 - p) / (len(right) - 1))))
    return curve


def changed(curve: Sequence[Point], share: float, error: float, power: float) -> list[Point]:
    """The right curve with both numbers multiplied, and the error to some power."""
    return [point and (point[0] * share, error * point[1] ** power) for point in curve]


def in_per_cent(
    lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]
) -> list[Point]:
    return changed(quality_by_length(lengths, right, bounds), 100, 100, 1)


def without_the_root(
    lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]
) -> list[Point]:
    return changed(quality_by_length(lengths, right, bounds), 1, 1, 2)


def spread_of_one(
    lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]
) -> list[Point]:
    """The spread of the sentences, not of their mean."""
    curve = quality_by_length(lengths, right, bounds)
    return [point and (point[0], sqrt(point[0] * (1 - point[0]))) for point in curve]


def lower_bound_inside(
    lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]
) -> list[Point]:
    return quality_by_length(lengths, right, [bound - 1 for bound in bounds])


def zeros_for_none(
    lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]
) -> list[Point]:
    return [point or (0.0, 0.0) for point in quality_by_length(lengths, right, bounds)]


def left_out(lengths: Sequence[int], right: Sequence[bool], bounds: Sequence[int]) -> list[Point]:
    return [point for point in quality_by_length(lengths, right, bounds) if point]


EXERCISE = Exercise(
    name="quality_by_length",
    lecture="06_seq2seq",
    stars=2,
    title=_("A curve with error bars"),
    points=4,
    minutes=15,
    cases=cases,
    reference=quality_by_length,
    hints=(
        _("Two neighbours of the list of bounds make a range; a list of n bounds makes n - 1."),
        _("For each range collect right[i] of all sentences with low < lengths[i] <= high."),
        _("p = sum / n of them; append (p, sqrt(p * (1 - p) / (n - 1))), or None if n = 0."),
    ),
    right_variants=(by_the_spread, sorted_into_ranges),
    wrong_answers=(
        WrongAnswer(of_all, SHARE),
        WrongAnswer(in_per_cent, SHARE),
        WrongAnswer(without_the_root, ERROR),
        WrongAnswer(spread_of_one, ERROR),
        WrongAnswer(lower_bound_inside, EDGE),
        WrongAnswer(zeros_for_none, NOBODY),
        WrongAnswer(left_out, NOBODY),
    ),
)
