"""★★★ An experiment: how far does each temperature lead away from the truth?"""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.classroom.exercises.decoding.heat import heated_probs
from course_lib.i18n import _

Rows = Sequence[Sequence[float]]

TRUTH = _("The truth decides how often each word comes: weigh log2(p / q) with p, not with q.")
BITS = _("Every number is {ratio:.3f} of what it should be. That is ln 2: bits need log2, not log.")
HEAT = _("q is the softmax of the logits divided by the temperature.")
ZERO = _("A word that never comes costs nothing: where p is 0, p log2(p / q) counts as 0.")
MEAN = _("Each position counts the same: the mean over the rows, each with its own p and q.")
GIVEN = _("Return one number for each of the temperatures, in the order in which they are given.")


def cases(rng: random.Random) -> list[Case]:
    def rows(n: int, size: int) -> tuple[list[list[float]], list[list[float]]]:
        truth, logits = [], []
        for _row in range(n):
            weights = [rng.uniform(0.1, 1) ** 2 for _word in range(size)]
            truth.append([w / sum(weights) for w in weights])
            logits.append([round(math.log(w) + rng.gauss(0, 0.7), 3) for w in weights])
        return logits, truth

    one, three = rows(1, 4), rows(3, 5)
    impossible = [[0.75, 0.0, 0.25, 0.0]]
    return [
        Case((*one, [1.0]), TRUTH),
        Case((*one, [0.6]), HEAT),
        Case((rows(1, 4)[0], impossible, [1.0]), ZERO),
        Case((*three, [1.4]), MEAN),
        Case((*three, [2.0, 0.5, 1.0]), GIVEN),
    ]


def kl_by_temperature(logits: Rows, truth: Rows, temperatures: Sequence[float]) -> list[float]:
    """Mean over positions of KL(p || q) in bits, q the heated model, for each temperature."""
    return [
        sum(_kl(p, heated_probs(z, t)) for p, z in zip(truth, logits, strict=True)) / len(truth)
        for t in temperatures
    ]


def with_numpy(logits: Rows, truth: Rows, temperatures: Sequence[float]) -> list[float]:
    p, curve = np.asarray(truth, dtype=float), []
    log_p = np.log2(np.where(p > 0, p, 1))
    for t in temperatures:
        z = np.asarray(logits, dtype=float) / t / math.log(2)
        log_q = z - np.logaddexp2.reduce(z, axis=1, keepdims=True)
        curve.append(float((p * (log_p - log_q)).sum(axis=1).mean()))
    return curve


def as_cross_entropy(logits: Rows, truth: Rows, temperatures: Sequence[float]) -> list[float]:
    """Cross-entropy less entropy."""
    entropy = [-sum(x * math.log2(x) for x in p if x) for p in truth]
    return [
        sum(h - e for h, e in zip(_cross(logits, truth, t), entropy, strict=True)) / len(truth)
        for t in temperatures
    ]


def _cross(logits: Rows, truth: Rows, t: float) -> list[float]:
    return [
        -sum(x * math.log2(q) for x, q in zip(p, heated_probs(z, t), strict=True))
        for p, z in zip(truth, logits, strict=True)
    ]


def _kl(p: Sequence[float], q: Sequence[float]) -> float:
    return sum(x * math.log2(x / y) for x, y in zip(p, q, strict=True) if x > 0)


def _reverse(p: Sequence[float], q: Sequence[float]) -> float:
    return sum(y * math.log2(y / x) for x, y in zip(p, q, strict=True) if x > 0)


def _with_every_word(p: Sequence[float], q: Sequence[float]) -> float:
    return sum(x * math.log2(x / y) for x, y in zip(p, q, strict=True))


def measured_by(
    distance: Callable[[Sequence[float], Sequence[float]], float],
) -> Callable[[Rows, Rows, Sequence[float]], list[float]]:
    """The experiment with another distance."""

    def answer(logits: Rows, truth: Rows, temperatures: Sequence[float]) -> list[float]:
        heated = [[heated_probs(z, t) for z in logits] for t in temperatures]
        return [sum(map(distance, truth, rows)) / len(truth) for rows in heated]

    return answer


def of_the_mean_row(logits: Rows, truth: Rows, temperatures: Sequence[float]) -> list[float]:
    p = [sum(column) / len(truth) for column in zip(*truth, strict=True)]
    curve = []
    for t in temperatures:
        heated = [heated_probs(z, t) for z in logits]
        q = [sum(column) / len(heated) for column in zip(*heated, strict=True)]
        curve.append(_kl(p, q))
    return curve


def natural_logarithm(result: Sequence[float], *args: Any) -> dict[str, float] | None:
    ratios = [r / due for r, due in zip(result, kl_by_temperature(*args), strict=True)]
    return {"ratio": ratios[0]} if all(abs(r - math.log(2)) < 1e-6 for r in ratios) else None


EXERCISE = Exercise(
    name="kl_by_temperature",
    lecture="09_decoding",
    stars=3,
    title=_("Which temperature is nearest to the truth?"),
    points=6,
    minutes=25,
    cases=cases,
    laws=(Law(BITS, natural_logarithm),),
    reference=kl_by_temperature,
    hints=(
        _("For each temperature: heat every row of logits, compare it with its row of truth."),
        _("KL(p || q) of a row is the sum of p log2(p / q) over the words with p > 0."),
        _("[mean of KL(p, heated_probs(z, t)) over the rows for t in temperatures]"),
    ),
    right_variants=(with_numpy, as_cross_entropy),
    wrong_answers=(
        WrongAnswer(measured_by(_reverse), TRUTH),
        WrongAnswer(lambda z, p, ts: [sum(_cross(z, p, t)) / len(p) for t in ts], TRUTH),
        WrongAnswer(lambda *args: [x * math.log(2) for x in kl_by_temperature(*args)], BITS),
        WrongAnswer(lambda z, p, ts: kl_by_temperature(z, p, [1 / t for t in ts]), HEAT),
        WrongAnswer(lambda z, p, ts: kl_by_temperature(z, p, [1.0] * len(ts)), HEAT),
        WrongAnswer(measured_by(_with_every_word), ZERO),
        WrongAnswer(lambda z, p, ts: [x * len(p) for x in kl_by_temperature(z, p, ts)], MEAN),
        WrongAnswer(of_the_mean_row, MEAN),
        WrongAnswer(lambda z, p, ts: kl_by_temperature(z, p, sorted(ts)), GIVEN),
        WrongAnswer(lambda z, p, ts: [min(kl_by_temperature(z, p, ts))], GIVEN),
    ),
)
