"""How well the stars of reviews can be predicted at best: exact, by trying everything."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cache

from course_lib.data.riverbank.tasks.reviews import (
    AGES,
    NOISE,
    OPINIONS,
    PRICES,
    WAITS,
    Numbers,
    points_of,
    stars_of,
)

Case = tuple[int, Numbers, int, float]  # opinion, numbers, stars, probability


@dataclass(frozen=True)
class Ceilings:
    """The largest share of the stars' variance that can be explained (R squared).

    From the words alone, from the numbers alone and from both. `accuracy` is how often the best
    guess from both is right, `majority` how often the commonest number of stars is.
    """

    words: float
    numbers: float
    both: float
    accuracy: float
    majority: float


@cache
def review_ceilings() -> Ceilings:
    """The ceilings of `reviews`.

    >>> review_ceilings().both
    """
    cases = list(every_case())
    return Ceilings(
        words=r_squared(cases, lambda case: case[0]),
        numbers=r_squared(cases, lambda case: case[1]),
        both=r_squared(cases, lambda case: case[:2]),
        accuracy=best_accuracy(cases, lambda case: case[:2]),
        majority=best_accuracy(cases, lambda _case: None),
    )


def every_case() -> Iterator[Case]:
    """All that can happen, with its probability; they sum to 1."""
    sums = Counter(map(sum, itertools.product(OPINIONS, repeat=3)))
    chance = 1 / len(OPINIONS) ** 3 / len(PRICES) / len(WAITS) / len(AGES)
    for (opinion, count), *values in itertools.product(sums.items(), PRICES, WAITS, AGES):
        numbers = Numbers(*values)
        for noise, p in NOISE.items():
            yield (
                opinion,
                numbers,
                stars_of(points_of(opinion, numbers) + noise),
                count * chance * p,
            )


def r_squared(cases: list[Case], known: Callable[[Case], Hashable]) -> float:
    """The variance of the mean given what is known, over the variance: the best R squared."""
    weights: defaultdict[Hashable, float] = defaultdict(float)
    sums: defaultdict[Hashable, float] = defaultdict(float)
    for case in cases:
        weights[known(case)] += case[3]
        sums[known(case)] += case[3] * case[2]
    mean = sum(sums.values())
    variance = sum(p * (stars - mean) ** 2 for *_known, stars, p in cases)
    return sum(sums[key] ** 2 / weights[key] for key in weights) / variance - mean**2 / variance


def best_accuracy(cases: list[Case], known: Callable[[Case], Hashable]) -> float:
    """The probability that the likeliest number of stars, given what is known, is right."""
    chances: defaultdict[Hashable, Counter[int]] = defaultdict(Counter)
    for case in cases:
        chances[known(case)][case[2]] += case[3]  # type: ignore[assignment]
    return sum(max(stars.values()) for stars in chances.values())
