"""★★★ An experiment: how many labels a model from scratch needs to reach a pre-trained one."""

import math
import random
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Runs = Mapping[int, Sequence[float]]

MEASURED = _("If the curve passes through the score at a measured point, that point is the answer.")
MEANS = _("The curve goes through the mean over seeds, not through the best or the first seed.")
BETWEEN = _(
    "Between two points the curve is a straight line over the logarithm of the number of labels:"
    " half of the way up from 100 to 400 labels is at 200, not at 250."
)
FIRST = _("Go from few labels to many, and take the first place where the curve has the score.")
BELOW = _("If already the smallest number of labels is good enough, that number is the answer.")
NEVER = _("If no number of labels that was measured is enough, the answer is infinity: math.inf.")


def cases(rng: random.Random) -> list[Case]:
    def runs(means: Mapping[int, float], spread: float = 0.0) -> dict[int, list[float]]:
        """Three seeds around each mean, the best one first or last."""
        sign = rng.choice([-1, 1])
        return {
            n: [mean + sign * spread * step for step in (1.5, -0.5, -1.0)]
            for n, mean in means.items()
        }

    low = rng.randint(30, 40) / 100
    few = rng.choice([25, 50, 100])
    rising = {few: low, 4 * few: low + 0.2, 16 * few: low + 0.3}
    shuffled = {n: rising[n] for n in (16 * few, few, 4 * few)}
    wavy = {few: low, 4 * few: low + 0.2, 16 * few: low + 0.1, 64 * few: low + 0.4}
    part = rng.choice([0.25, 0.75])
    return [
        Case((runs(rising), low + 0.2), MEASURED),
        Case((runs(rising, spread=0.03), low + 0.2), MEANS),
        Case((runs(rising), low + 0.2 * part), BETWEEN),
        Case((runs(shuffled), low + 0.25), FIRST),
        Case((runs(wavy), low + 0.15), FIRST),
        Case((runs(rising), low - 0.1), BELOW),
        Case((runs(rising), low + 0.35), NEVER),
    ]


def labels_needed(scores: Runs, target: float) -> float:
    """The number of labels at which the curve of mean scores first reaches the target."""
    means = [(n, sum(scores[n]) / len(scores[n])) for n in sorted(scores)]
    if reached(means[0][1], target):
        return means[0][0]
    for (few, low), (many, high) in pairwise(means):
        if reached(high, target):
            part = min(1.0, (target - low) / (high - low))
            return math.exp(math.log(few) + part * (math.log(many) - math.log(few)))
    return math.inf


def reached(score: float, target: float) -> bool:
    """Is it enough? A mean of seeds may lack the target by a rounding error."""
    return score >= target - 1e-9


def by_powers(scores: Runs, target: float) -> float:
    """few * (many / few) ** part, with the points as two lists."""
    labels = sorted(scores)
    means = [math.fsum(scores[n]) / len(scores[n]) for n in labels]
    for i, mean in enumerate(means):
        if mean > target - 1e-9:
            if i == 0:
                return labels[0]
            part = (target - means[i - 1]) / (mean - means[i - 1])
            return math.pow(labels[i] / labels[i - 1], part) * labels[i - 1]
    return math.inf


def with_numpy(scores: Runs, target: float) -> float:
    """np.interp on the curve's highest mean so far, which never falls."""
    import numpy as np

    labels = np.array(sorted(scores), dtype=float)
    means = np.array([np.mean(scores[int(n)]) for n in labels])
    place = bisect_left(np.maximum.accumulate(means).tolist(), target - 1e-9)
    if place == 0 or place == len(labels):
        return float(labels[0]) if place == 0 else math.inf
    between = slice(place - 1, place + 1)
    return float(np.exp(np.interp(target, means[between], np.log(labels[between]))))


def with_the(pick_one: Callable[[Sequence[float]], float], scores: Runs, target: float) -> float:
    """The curve through one seed of each number of labels."""
    return labels_needed({n: [pick_one(values)] for n, values in scores.items()}, target)


def straight(scores: Runs, target: float) -> float:
    """Interpolates over the number of labels itself."""
    found = labels_needed(scores, target)
    means = [(n, sum(scores[n]) / len(scores[n])) for n in sorted(scores)]
    for (few, low), (many, high) in pairwise(means):
        if few < found < many:
            return few + (target - low) / (high - low) * (many - few)
    return found


def next_measured(scores: Runs, target: float) -> float:
    """The first measured number that is enough; no line between the points."""
    found = labels_needed(scores, target)
    return min((n for n in scores if n > found * (1 - 1e-9)), default=math.inf)


def in_the_order_given(scores: Runs, target: float) -> float:
    numbers = list(scores)
    if numbers == sorted(numbers):
        return labels_needed(scores, target)
    return numbers[0]


def last_crossing(scores: Runs, target: float) -> float:
    """Comes from many labels: where the curve is above the target for good."""
    numbers = sorted(scores)
    for i in range(len(numbers) - 1, 0, -1):
        low = sum(scores[numbers[i - 1]]) / len(scores[numbers[i - 1]])
        if not reached(low, target):
            return labels_needed({n: scores[n] for n in numbers[i - 1 :]}, target)
    return labels_needed(scores, target)


def beyond_the_first(scores: Runs, target: float) -> float:
    """Draws the first line on to the left."""
    found = labels_needed(scores, target)
    few, many = sorted(scores)[:2]
    if found > few:
        return found
    low, high = (sum(scores[n]) / len(scores[n]) for n in (few, many))
    return few * math.pow(many / few, (target - low) / (high - low))


EXERCISE = Exercise(
    name="labels_needed",
    lecture="12_bert_finetuning",
    stars=3,
    title=_("What is pre-training worth, in labels?"),
    points=6,
    minutes=25,
    cases=cases,
    reference=labels_needed,
    hints=(
        _("First a list of points (number of labels, mean score), few labels first."),
        _("Look at two neighbouring points: the first of them below the target, the second not."),
        _("part = (target - low) / (high - low); the answer is few * (many / few) ** part."),
    ),
    right_variants=(by_powers, with_numpy),
    wrong_answers=(
        WrongAnswer(lambda s, t: len(s) * labels_needed(s, t), MEASURED),
        WrongAnswer(lambda s, t: math.log(labels_needed(s, t)), MEASURED),
        WrongAnswer(lambda s, t: with_the(max, s, t), MEANS),
        WrongAnswer(lambda s, t: with_the(lambda v: v[0], s, t), MEANS),
        WrongAnswer(straight, BETWEEN),
        WrongAnswer(next_measured, BETWEEN),
        WrongAnswer(in_the_order_given, FIRST),
        WrongAnswer(last_crossing, FIRST),
        WrongAnswer(beyond_the_first, BELOW),
        WrongAnswer(lambda s, t: min(labels_needed(s, t), max(s)), NEVER),
    ),
)
