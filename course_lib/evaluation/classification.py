"""How well labels were chosen. `metrics.accuracy` is the plain share of right ones."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from course_lib.evaluation.metrics import accuracy

__all__ = ["Score", "accuracy", "class_scores", "macro_f1", "matthews"]


class Score(NamedTuple):
    """precision: of what was found, the share that is right; recall: of what is there, the share
    that was found; f1: their harmonic mean. 0 where there is nothing to divide by.
    """

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, n_right: int, n_found: int, n_there: int) -> "Score":
        """From how many were found and right, were found, and are there to be found."""
        return cls(
            n_right / n_found if n_found else 0.0,
            n_right / n_there if n_there else 0.0,
            2 * n_right / (n_found + n_there) if n_found + n_there else 0.0,
        )


def class_scores(predicted: Sequence[Hashable], right: Sequence[Hashable]) -> dict[Hashable, Score]:
    """One score for each label that was predicted or is right, in order of their text.

    Raises ValueError if there is nothing to compare, or not as much on both sides.
    """
    if len(predicted) != len(right) or not right:
        raise ValueError(f"cannot compare {len(predicted)} predictions with {len(right)} answers")
    hits = Counter(p for p, r in zip(predicted, right, strict=True) if p == r)
    found, there = Counter(predicted), Counter(right)
    labels = sorted(found.keys() | there.keys(), key=str)
    return {label: Score.of(hits[label], found[label], there[label]) for label in labels}


def macro_f1(predicted: Sequence[Hashable], right: Sequence[Hashable]) -> float:
    """The mean F1 of the labels, each counting alike, however rare it is."""
    scores = class_scores(predicted, right)
    return sum(score.f1 for score in scores.values()) / len(scores)


def matthews(predicted: Sequence[Hashable], right: Sequence[Hashable]) -> float:
    """Correlation of two labellings, -1 to 1; 0 if either uses one label only.

    Guessing scores 0 whatever the labels' shares, where accuracy rewards naming the commonest.
    Sources: Matthews (1975); for more than two labels Gorodkin (2004), eq. 8.
    """
    n_right = round(accuracy(predicted, right) * len(right))
    found, there, n = Counter(predicted), Counter(right), len(right)
    both = n_right * n - sum(found[label] * there[label] for label in there)
    spread_found = n**2 - sum(count**2 for count in found.values())
    spread_there = n**2 - sum(count**2 for count in there.values())
    if not spread_found or not spread_there:
        return 0.0
    return both / math.sqrt(spread_found * spread_there)
