"""★★ The loss of negative sampling: yes to the true word, no to the drawn ones."""

import math
import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

YES = _("Without negatives only the true word counts: minus the log of sigma of its score.")
NO = _("A negative should be answered with no: its probability of no is sigma(-score).")
SUM = _("The negatives' terms are added, not averaged: more negatives make a larger loss.")
BELOW_0 = _("The loss is {loss:.3f}. A loss is minus the log of a probability, never below 0.")
LARGE = _(
    "sigma(-800) is 0 for a computer, and its log is -inf. PyTorch has log sigma as one step."
)


def cases(rng: random.Random) -> list[Case]:
    def vectors(n: int, size: int) -> Tensor:
        numbers = [[round(rng.uniform(-1.5, 1.5), 2) for _d in range(size)] for _n in range(n)]
        return torch.tensor(numbers, dtype=torch.float64).view(n, size)

    (centre, true), far = vectors(2, 3), vectors(1, 4).abs() + 0.1
    return [
        Case((centre, true, vectors(0, 3)), YES),
        Case((centre, true, vectors(1, 3)), NO),
        Case((centre, true, vectors(rng.randint(3, 5), 3)), SUM),
        Case((far[0] * 1e4, far[0], far * 2), LARGE),
    ]


def is_below_0(result: Any, *_args: Tensor) -> dict[str, float] | None:
    loss = float(result)
    return {"loss": loss} if loss < 0 else None


def negative_sampling_loss(centre: Tensor, true: Tensor, negatives: Tensor) -> Tensor:
    """(D,) input vector, (D,) and (K, D) output vectors -> loss of one example, in nats."""
    return -F.logsigmoid(true @ centre) - F.logsigmoid(-negatives @ centre).sum()


def with_softplus(centre: Tensor, true: Tensor, negatives: Tensor) -> Tensor:
    """-ln sigma(z) = ln(1 + e^-z)."""
    return F.softplus(-(true @ centre)) + F.softplus(negatives @ centre).sum()


def as_cross_entropy(centre: Tensor, true: Tensor, negatives: Tensor) -> Tensor:
    scores = torch.cat([true[None], negatives]) @ centre
    labels = torch.zeros_like(scores)
    labels[0] = 1
    return F.binary_cross_entropy_with_logits(scores, labels, reduction="sum")


def with_the_mean(centre: Tensor, true: Tensor, negatives: Tensor) -> Tensor:
    no = F.logsigmoid(-negatives @ centre)
    return -F.logsigmoid(true @ centre) - (no.mean() if len(no) else 0)


def in_two_steps(centre: Tensor, true: Tensor, negatives: Tensor) -> Tensor:
    return -(true @ centre).sigmoid().log() - (1 - (negatives @ centre).sigmoid()).log().sum()


def yes_to_all(centre: Tensor, true: Tensor, negatives: Tensor) -> Tensor:
    return -F.logsigmoid(true @ centre) - F.logsigmoid(negatives @ centre).sum()


def first_negative_only(centre: Tensor, true: Tensor, negatives: Tensor) -> Tensor:
    return negative_sampling_loss(centre, true, negatives[:1])


EXERCISE = Exercise(
    name="negative_sampling_loss",
    lecture="03_word2vec",
    stars=2,
    title=_("The loss of negative sampling"),
    points=4,
    minutes=12,
    cases=cases,
    laws=(Law(BELOW_0, is_below_0),),
    reference=negative_sampling_loss,
    hints=(
        _("K + 1 questions, each answered yes or no. Which answer is right for which word?"),
        _("The score of a word is a dot product. sigma(score) is yes, sigma(-score) is no."),
        _("Minus logsigmoid(true score), minus the sum of logsigmoid(-score) over the negatives."),
    ),
    right_variants=(with_softplus, as_cross_entropy),
    wrong_answers=(
        WrongAnswer(lambda c, t, n: -negative_sampling_loss(c, t, n), BELOW_0),
        WrongAnswer(lambda c, t, n: F.softplus(t @ c) + F.softplus(n @ c).sum(), YES),
        WrongAnswer(lambda c, t, n: with_softplus(c, t, n) / math.log(2), YES),
        WrongAnswer(yes_to_all, NO),
        WrongAnswer(with_the_mean, SUM),
        WrongAnswer(first_negative_only, SUM),
        WrongAnswer(in_two_steps, LARGE),
    ),
)
