"""★ Numbers on one scale: distances from the training mean, in training standard deviations."""

import random
import statistics
from collections.abc import Sequence

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

CENTRE = _("A value equal to the mean of the training values becomes 0.")
SCALE = _(
    "Divide by the standard deviation of the training values: the root of the mean squared"
    " distance from their mean (divide by n, not by n - 1)."
)
TRAINED = _("Mean and standard deviation are those of the training values, whatever the new are.")
CONSTANT = _("Training values that are all equal say nothing: every new value becomes 0.")


def cases(rng: random.Random) -> list[Case]:
    def values(n: int, middle: int) -> list[int]:
        return [middle + rng.randint(1, 9) * sign for sign in (-1, 1) for _i in range(n)]

    mean = rng.randint(20, 40)
    balanced = [mean - 1, mean + 1, mean - 1, mean + 1]
    price = rng.randint(5, 50)
    return [
        Case((balanced, [mean, mean]), CENTRE),
        Case((train := values(3, mean), train), SCALE),
        Case((values(3, mean), values(2, 5 * mean)), TRAINED),
        Case(([price] * 4, [price, price + 7]), CONSTANT),
    ]


def standardise(train: Sequence[float], new: Sequence[float]) -> list[float]:
    """New values as distances from the training mean, in training standard deviations."""
    mean = sum(train) / len(train)
    deviation = (sum((x - mean) ** 2 for x in train) / len(train)) ** 0.5
    return [(x - mean) / deviation if deviation else 0.0 for x in new]


def with_numpy(train: Sequence[float], new: Sequence[float]) -> np.ndarray:
    deviation = np.std(train)
    if deviation == 0:
        return np.zeros(len(new))
    scaled: np.ndarray = (np.array(new) - np.mean(train)) / deviation
    return scaled


def with_statistics(train: Sequence[float], new: Sequence[float]) -> list[float]:
    mean, deviation = statistics.fmean(train), statistics.pstdev(train)
    return [0 if deviation == 0 else (x - mean) / deviation for x in new]


def by_the_sample(train: Sequence[float], new: Sequence[float]) -> list[float]:
    factor = ((len(train) - 1) / len(train)) ** 0.5
    return [factor * z for z in standardise(train, new)]


def by_the_variance(train: Sequence[float], new: Sequence[float]) -> list[float]:
    return [z / (statistics.pstdev(train) or 1) for z in standardise(train, new)]


EXERCISE = Exercise(
    name="standardise",
    lecture="12_bert_finetuning",
    stars=1,
    title=_("Prices, minutes and years on one scale"),
    points=2,
    minutes=8,
    cases=cases,
    reference=standardise,
    hints=(
        _("Two numbers are all that is kept of the training values. Which two?"),
        _("The mean, and the root of the mean of the squared distances from it."),
        _("[(x - mean) / deviation for x in new], and zeros if the deviation is 0."),
    ),
    right_variants=(with_numpy, with_statistics),
    wrong_answers=(
        WrongAnswer(lambda t, n: [x / statistics.pstdev(t) for x in n], CENTRE),
        WrongAnswer(lambda t, n: [(x - min(t)) / (max(t) - min(t)) for x in n], CENTRE),
        WrongAnswer(lambda _t, n: standardise(n, n), TRAINED),
        WrongAnswer(by_the_sample, SCALE),
        WrongAnswer(lambda t, n: [x - statistics.fmean(t) for x in n], SCALE),
        WrongAnswer(by_the_variance, SCALE),
        WrongAnswer(lambda t, n: standardise([*t, *n], n), TRAINED),
        WrongAnswer(lambda t, n: [(x - np.mean(t)) / (np.std(t) or 1) for x in n], CONSTANT),
        WrongAnswer(lambda t, n: (np.array(n) - np.mean(t)) / max(np.std(t), 1e-9), CONSTANT),
    ),
)
