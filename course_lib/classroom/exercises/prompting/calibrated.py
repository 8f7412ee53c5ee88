"""★★ Contextual calibration: what the prompt alone says about the choices is divided out."""

import math
import random
from collections.abc import Sequence

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Rows = Sequence[Sequence[float]]

CHOICES = _("First make each row a distribution over the choices: exp, divided by the row's sum.")
DIVIDE = _("Divide each choice's probability by what it has without content, choice by choice.")
SUM = _("Row {row} sums to {total:.3f}: divide by that, so that it is a distribution again.")
MEAN = _(
    "Several prompts without content: each becomes a distribution first, then take the mean of"
    " these; not of their logarithms, and not only the first."
)


def cases(rng: random.Random) -> list[Case]:
    def logs(probs: Sequence[float]) -> list[float]:
        return [round(math.log(p), 6) for p in probs]

    def row(n: int) -> list[float]:
        return [round(-rng.uniform(1, 6), 2) for _choice in range(n)]

    def unequal(n: int) -> list[float]:
        return [round(-1.0 - 0.9 * choice - rng.uniform(0, 0.5), 2) for choice in range(n)]

    even = [round(math.log(0.25), 6)] * 4
    own = logs((0.5, 0.3, 0.2))
    return [
        Case(([row(4), row(4)], [even]), CHOICES),
        Case(([row(3), row(3)], [own]), DIVIDE),
        Case(([row(3), row(3)], [unequal(3), unequal(3)[::-1], [-9.0, -9.0, -1.0]]), MEAN),
    ]


def calibrated(scores: Rows, empty: Rows) -> list[list[float]]:
    """p(choice | prompt) / p(choice | no content), made to sum to 1 again."""
    blank = [shares(row) for row in empty]
    prior = [sum(column) / len(blank) for column in zip(*blank, strict=True)]
    return [normal([p / q for p, q in zip(shares(row), prior, strict=True)]) for row in scores]


def normal(values: Sequence[float]) -> list[float]:
    return [value / sum(values) for value in values]


def shares(row: Sequence[float]) -> list[float]:
    return normal([math.exp(x - max(row)) for x in row])


def with_numpy(scores: Rows, empty: Rows) -> np.ndarray:
    p, blank = np.exp(np.array(scores)), np.exp(np.array(empty))
    p = p / (blank / blank.sum(axis=1, keepdims=True)).mean(axis=0)
    result: np.ndarray = p / p.sum(axis=1, keepdims=True)
    return result


def with_logarithms(scores: Rows, empty: Rows) -> list[list[float]]:
    """The logarithm of the prior is subtracted, and one softmax does the rest."""
    import torch

    prior = torch.tensor(empty, dtype=torch.float64).softmax(dim=1).mean(dim=0)
    corrected = torch.tensor(scores, dtype=torch.float64) - prior.log()
    return corrected.softmax(dim=1).tolist()


def not_shared_out(scores: Rows, empty: Rows) -> list[list[float]]:
    prior = [sum(column) / len(empty) for column in zip(*map(shares, empty), strict=True)]
    return [[p / q for p, q in zip(shares(row), prior, strict=True)] for row in scores]


def summing_raw(scores: Rows, empty: Rows) -> list[list[float]]:
    """Probabilities of words, not of choices, are averaged: a likely prompt counts more."""
    prior = [sum(math.exp(x) for x in column) for column in zip(*empty, strict=True)]
    return calibrated(scores, [[math.log(p) for p in prior]])


def mean_of_logs(scores: Rows, empty: Rows) -> list[list[float]]:
    prior = [sum(column) / len(empty) for column in zip(*empty, strict=True)]
    return calibrated(scores, [prior])


def difference(scores: Rows, empty: Rows) -> list[list[float]]:
    """What is left when the prior is subtracted, and not divided out."""
    prior = [sum(column) / len(empty) for column in zip(*map(shares, empty), strict=True)]
    rows = [[p - q for p, q in zip(shares(row), prior, strict=True)] for row in scores]
    return [[x + 1 / len(row) for x in row] for row in rows]


def _total(found: Rows, *_args: object) -> dict[str, float] | None:
    totals = {i: sum(row) for i, row in enumerate(found)}
    wrong = [(i, total) for i, total in totals.items() if abs(total - 1) > 1e-6]
    return {"row": wrong[0][0], "total": wrong[0][1]} if wrong else None


EXERCISE = Exercise(
    name="calibrated",
    lecture="14_prompting",
    stars=2,
    title=_("Divide out what the prompt says by itself"),
    points=4,
    minutes=15,
    cases=cases,
    laws=(Law(SUM, _total),),
    reference=calibrated,
    hints=(
        _("Three steps: rows to distributions, one mean row without content, a division."),
        _("shares(row) = exp of each number, divided by the sum of these. Use it for all rows."),
        _("prior[c] = mean of the shares of choice c; then p[c] / prior[c], divided by the sum."),
    ),
    right_variants=(with_numpy, with_logarithms),
    wrong_answers=(
        WrongAnswer(lambda s, _e: [normal([-x for x in row]) for row in s], CHOICES),
        WrongAnswer(lambda s, _e: [normal([1 / -x for x in row]) for row in s], CHOICES),
        WrongAnswer(lambda s, _e: [shares(row) for row in s], DIVIDE),
        WrongAnswer(lambda s, e: calibrated(s, [[-x for x in row] for row in e]), DIVIDE),
        WrongAnswer(difference, DIVIDE),
        WrongAnswer(not_shared_out, SUM),
        WrongAnswer(lambda s, _e: [[math.exp(x) for x in row] for row in s], SUM),
        WrongAnswer(summing_raw, MEAN),
        WrongAnswer(lambda s, e: calibrated(s, e[:1]), MEAN),
        WrongAnswer(lambda s, e: calibrated(s, e[-1:]) if len(e) > 2 else calibrated(s, e), MEAN),
        WrongAnswer(mean_of_logs, MEAN),
    ),
)
