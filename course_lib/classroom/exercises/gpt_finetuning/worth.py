"""★★★ An experiment: how many labels of a model from scratch is one of a trained model worth?"""

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Curve = Mapping[int, Sequence[float]]  # number of labels -> the score of each seed

EXACT = _("Divide the labels that the model from scratch needs by those the trained one had.")
MEANS = _("Compare means over the seeds, for both models.")
FIRST = _("If its smallest number of labels is good enough already, count that number.")
BETWEEN = _(
    "Between two measured numbers of labels go in a straight line on a logarithmic axis: half of"
    " the way from 10 to 1,000 is 100."
)
NEVER = _("If it never becomes as good, no number of labels is known to do: the answer is inf.")
ORDER = _("The numbers of labels may come in any order; go through them from small to large.")


def cases(rng: random.Random) -> list[Case]:
    def spread(mean: float) -> list[float]:
        d = rng.randint(1, 3) / 64
        return [mean - 2 * d, mean + 3 * d, mean - d]  # the middle one is not the mean

    # In 64ths, sums and means are exact: nobody is hurt by rounding where two means are equal.
    low, high = rng.randint(13, 19) / 64, rng.randint(45, 51) / 64
    mid = (low + high) / 2
    steady = {10: [low], 40: [mid], 160: [high]}
    noisy = {10: spread(low), 40: spread(mid), 160: spread(high)}
    goal = round(mid + 0.3 * (high - mid), 3)
    return [
        Case(({20: [mid]}, steady), EXACT),
        Case(({20: spread(mid), 80: spread(high)}, noisy), MEANS),
        Case(({20: [low - 0.1]}, steady), FIRST),
        Case(({20: [goal], 40: [round(low + 0.6 * (mid - low), 3)]}, steady), BETWEEN),
        Case(({20: [goal], 80: [high + 0.05]}, steady), NEVER),
        Case(({80: [goal], 20: [low]}, dict(reversed(steady.items()))), ORDER),
    ]


def labels_worth(trained: Curve, scratch: Curve) -> dict[int, float]:
    """For each number of labels of the trained model: how many times as many the other needs."""
    means = sorted((n, sum(scores) / len(scores)) for n, scores in scratch.items())
    return {n: needed(means, sum(s) / len(s)) / n for n, s in trained.items()}


def needed(means: Sequence[tuple[int, float]], goal: float) -> float:
    """How many labels bring the curve to the goal; -1e-9 forgives the rounding of means."""
    if means[0][1] >= goal - 1e-9:
        return means[0][0]
    for (n, low), (more, high) in itertools.pairwise(means):
        if high >= goal - 1e-9:
            share = (goal - low) / (high - low)
            return float(n * (more / n) ** share)
    return math.inf


def with_logarithms(trained: Curve, scratch: Curve) -> dict[int, float]:
    sizes = sorted(scratch)
    logs = [math.log2(n) for n in sizes]
    heights = [math.fsum(scratch[n]) / len(scratch[n]) for n in sizes]
    factors = {}
    for n, scores in trained.items():
        goal = math.fsum(scores) / len(scores)
        place = next((i for i, height in enumerate(heights) if height >= goal - 1e-9), None)
        if place is None:
            factors[n] = math.inf
        elif place == 0:
            factors[n] = sizes[0] / n
        else:
            share = (goal - heights[place - 1]) / (heights[place] - heights[place - 1])
            log = logs[place - 1] + share * (logs[place] - logs[place - 1])
            factors[n] = 2**log / n
    return factors


def by_halving(trained: Curve, scratch: Curve) -> dict[int, float]:
    """Looks for the place on the curve by cutting the axis in two, again and again."""
    sizes = sorted(scratch)
    logs, heights = (
        [math.log(n) for n in sizes],
        [math.fsum(scratch[n]) / len(scratch[n]) for n in sizes],
    )

    def search(goal: float) -> float:
        if heights[-1] < goal - 1e-9:
            return math.inf
        left, right = logs[0], logs[-1]
        for _step in range(99):
            middle = (left + right) / 2
            low_enough = np.interp(middle, logs, heights) < goal
            left, right = (middle, right) if low_enough else (left, middle)
        return math.exp(right)

    return {n: search(sum(s) / len(s)) / n for n, s in trained.items()}


def changed(trained: Curve, scratch: Curve, summary: object) -> dict[int, float]:
    """With one number made of the seeds otherwise than by the mean."""
    one, other = (
        {n: [summary(scores)] for n, scores in curve.items()}  # type: ignore[operator]
        for curve in (trained, scratch)
    )
    return labels_worth(one, other)


def difference(trained: Curve, scratch: Curve) -> dict[int, float]:
    return {n: factor * n - n for n, factor in labels_worth(trained, scratch).items()}


def straight(trained: Curve, scratch: Curve) -> dict[int, float]:
    """In a straight line on an ordinary axis."""
    means = sorted((n, sum(s) / len(s)) for n, s in scratch.items())
    found = {}
    for n, scores in trained.items():
        goal = sum(scores) / len(scores)
        found[n] = needed(means, goal) / n
        for (a, low), (b, high) in itertools.pairwise(means):
            if low < goal - 1e-9 <= high:
                found[n] = (a + (b - a) * (goal - low) / (high - low)) / n
    return found


def next_measured(trained: Curve, scratch: Curve) -> dict[int, float]:
    """Without going between two measured numbers."""
    means = sorted((n, sum(s) / len(s)) for n, s in scratch.items())
    found = {}
    for n, scores in trained.items():
        goal = sum(scores) / len(scores) - 1e-9
        found[n] = next((size for size, mean in means if mean >= goal), math.inf) / n
    return found


def unsorted(trained: Curve, scratch: Curve) -> dict[int, float]:
    means = [(n, sum(s) / len(s)) for n, s in scratch.items()]
    return {n: needed(means, sum(s) / len(s)) / n for n, s in trained.items()}


def never_is_the_last(trained: Curve, scratch: Curve) -> dict[int, float]:
    found = labels_worth(trained, scratch)
    return {n: max(scratch) / n if factor == math.inf else factor for n, factor in found.items()}


def below_is_nothing(trained: Curve, scratch: Curve) -> dict[int, float]:
    lowest = min(sum(s) / len(s) for s in scratch.values())
    found = labels_worth(trained, scratch)
    return {n: 0.0 if sum(trained[n]) / len(trained[n]) < lowest else f for n, f in found.items()}


EXERCISE = Exercise(
    name="labels_worth",
    lecture="10_gpt_finetuning",
    stars=3,
    title=_("What is a label worth?"),
    points=6,
    minutes=30,
    cases=cases,
    reference=labels_worth,
    hints=(
        _("First turn each curve into means. Then, for one goal, walk along the other curve."),
        _("Find the first measured number whose mean reaches the goal, and the one before it."),
        _("n0 * (n1 / n0) ** share, where share = (goal - mean0) / (mean1 - mean0)."),
    ),
    right_variants=(with_logarithms, by_halving),
    wrong_answers=(
        WrongAnswer(difference, EXACT),
        WrongAnswer(lambda t, s: {n: 1 / f for n, f in labels_worth(t, s).items()}, EXACT),
        WrongAnswer(lambda t, s: changed(t, s, max), MEANS),
        WrongAnswer(lambda t, s: changed(t, s, median), MEANS),
        WrongAnswer(lambda t, s: changed(t, s, lambda scores: scores[0]), MEANS),
        WrongAnswer(below_is_nothing, FIRST),
        WrongAnswer(straight, BETWEEN),
        WrongAnswer(next_measured, BETWEEN),
        WrongAnswer(never_is_the_last, NEVER),
        WrongAnswer(unsorted, ORDER),
    ),
)
