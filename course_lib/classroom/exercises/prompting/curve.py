"""★★ The closed form of in-context learning: what can be known after so many examples."""

import random
from collections.abc import Sequence

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

GUESS = _("With no example nothing was seen: the answer is a guess among all labels.")
SEEN = _("A kind that was seen is answered rightly; one that was not is a guess, and may be right.")
NOT_ALL = _("k examples miss a kind of probability p with probability (1 - p) ** k.")
OWN = _(
    "Kinds of unequal probability: ask for each kind how often the question is of this kind *and*"
    " the examples missed it, and add up. A mean of p does not do."
)
FROM_ZERO = _("The curve begins at 0 examples and goes to n_shots: n_shots + 1 numbers.")


def cases(rng: random.Random) -> list[Case]:
    n, n_labels = rng.randint(3, 6), rng.randint(7, 12)
    equal = [1 / n] * n
    first = rng.randint(55, 75) / 100
    unequal = [first, round(0.9 - first, 2), 0.1]
    return [
        Case((equal, n_labels, 0), GUESS),
        Case(([1.0], n_labels, rng.randint(1, 4)), FROM_ZERO),
        Case((equal, n_labels, 1), SEEN),
        Case((equal, n_labels, rng.randint(5, 8)), NOT_ALL),
        Case((unequal, n_labels, rng.randint(4, 7)), OWN),
    ]


def best_accuracy(kinds: Sequence[float], n_labels: int, n_shots: int) -> list[float]:
    """What a perfect learner reaches after 0, 1, ..., n_shots examples."""
    curve = []
    for k in range(n_shots + 1):
        unseen = sum(p * (1 - p) ** k for p in kinds)
        curve.append((1 - unseen) + unseen / n_labels)
    return curve


def with_numpy(kinds: Sequence[float], n_labels: int, n_shots: int) -> np.ndarray:
    p, k = np.array(kinds), np.arange(n_shots + 1)[:, None]
    unseen = (p * (1 - p) ** k).sum(axis=1)
    curve: np.ndarray = 1 - unseen * (1 - 1 / n_labels)
    return curve


def step_by_step(kinds: Sequence[float], n_labels: int, n_shots: int) -> list[float]:
    """Each further example leaves 1 - p of what was still missed."""
    missed, curve = list(kinds), []
    for _example in range(n_shots + 1):
        curve.append(sum(p - m + m / n_labels for p, m in zip(kinds, missed, strict=True)))
        missed = [m * (1 - p) for m, p in zip(missed, kinds, strict=True)]
    return curve


def without_guess(kinds: Sequence[float], n_labels: int, n_shots: int) -> list[float]:
    curve = [1 - sum(p * (1 - p) ** k for p in kinds) for k in range(n_shots + 1)]
    return [1 / n_labels, *curve[1:]]


def never_seen_only(kinds: Sequence[float], n_labels: int, n_shots: int) -> list[float]:
    """Examples are taken as if each showed another kind."""
    seen = [min(1.0, k / len(kinds)) for k in range(n_shots + 1)]
    return [s + (1 - s) / n_labels for s in seen]


def by_the_mean(kinds: Sequence[float], n_labels: int, n_shots: int) -> list[float]:
    return best_accuracy([1 / len(kinds)] * len(kinds), n_labels, n_shots)


def by_the_largest(kinds: Sequence[float], n_labels: int, n_shots: int) -> list[float]:
    missed = [(1 - max(kinds)) ** k for k in range(n_shots + 1)]
    return [1 - m + m / n_labels for m in missed]


def guess_of_kinds(kinds: Sequence[float], _n_labels: int, n_shots: int) -> list[float]:
    return best_accuracy(kinds, len(kinds), n_shots)


EXERCISE = Exercise(
    name="best_accuracy",
    lecture="14_prompting",
    stars=2,
    title=_("What can be known after k examples"),
    points=4,
    minutes=15,
    cases=cases,
    reference=best_accuracy,
    hints=(
        _("When is the answer known? When one of the k examples was of the question's kind."),
        _("A kind of probability p is missed by one example with 1 - p, by k with (1 - p) ** k."),
        _("unseen = sum(p * (1 - p) ** k for p in kinds); then (1 - unseen) + unseen / n_labels."),
    ),
    right_variants=(with_numpy, step_by_step),
    wrong_answers=(
        WrongAnswer(guess_of_kinds, GUESS),
        WrongAnswer(lambda p, v, n: [0.0, *best_accuracy(p, v, n)[1:]], GUESS),
        WrongAnswer(
            lambda p, v, n: best_accuracy(p, v, n)[:1] if n == 0 else best_accuracy(p, v, n)[1:],
            FROM_ZERO,
        ),
        WrongAnswer(without_guess, SEEN),
        WrongAnswer(never_seen_only, NOT_ALL),
        WrongAnswer(by_the_mean, OWN),
        WrongAnswer(by_the_largest, OWN),
    ),
)
