"""★★ The loss of a batch from its logits; what is ignored does not count."""

import math
import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

SURPRISE = _(
    "The loss of one place is minus the natural logarithm of the probability that the right token"
    " gets; the probabilities are a softmax of the scores."
)
MEAN = _("The loss is the mean over places: twice as many places do not make it larger.")
IGNORED = _("A target of -100 asks nothing: neither its loss nor its place counts.")
TOKENS = _("Every real place counts the same: do not take the mean of each text first.")
BITS = _("Every number is {ratio:.3f} of what it should be: these are bits, the loss is in nats.")


def cases(rng: random.Random) -> list[Case]:
    def batch(lengths: tuple[int, ...], size: int) -> tuple[Tensor, Tensor]:
        scores = [[[round(rng.gauss(0, 2), 2) for _v in range(4)] for _t in range(size)]
                  for _b in lengths]  # fmt: skip
        targets = [
            [rng.randrange(4) if t < length else -100 for t in range(size)] for length in lengths
        ]
        return torch.tensor(scores, dtype=torch.float64), torch.tensor(targets)

    return [
        Case(batch((1,), 1), SURPRISE),
        Case(batch((3, 3), 3), MEAN),
        Case(batch((2, 2), 4), IGNORED),
        Case(batch((1, 5, 2), 5), TOKENS),
    ]


def token_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """(B, T, V) scores, (B, T) targets -> mean cross-entropy over targets that are not -100."""
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def with_loops(logits: Tensor, targets: Tensor) -> float:
    losses = [
        -math.log(row[target].exp() / row.exp().sum())
        for rows, its in zip(logits, targets.tolist(), strict=True)
        for row, target in zip(rows, its, strict=True)
        if target != -100
    ]
    return sum(losses) / len(losses)


def by_masking(logits: Tensor, targets: Tensor) -> Tensor:
    real = targets >= 0
    chosen, right = logits[real], targets[real]
    return (chosen.logsumexp(dim=1) - chosen[torch.arange(len(right)), right]).mean()


def losses_with_zeros(logits: Tensor, targets: Tensor) -> Tensor:
    """(B, T): the loss of each place, 0 where nothing is asked."""
    return F.cross_entropy(logits.mT, targets, reduction="none")


def in_bits(result: Any, logits: Tensor, targets: Tensor) -> dict[str, float] | None:
    ratio = float(result) / token_loss(logits, targets).item()
    return {"ratio": ratio} if abs(ratio * math.log(2) - 1) < 1e-6 else None


def mean_of_means(logits: Tensor, targets: Tensor) -> Tensor:
    each = losses_with_zeros(logits, targets).sum(dim=1) / (targets >= 0).sum(dim=1)
    return each.mean()


def padding_as_a_token(logits: Tensor, targets: Tensor) -> Tensor:
    return token_loss(logits, targets.clamp(min=0))


EXERCISE = Exercise(
    name="token_loss",
    lecture="08_gpt",
    stars=2,
    title=_("The loss of a batch"),
    points=4,
    minutes=12,
    cases=cases,
    laws=(Law(BITS, in_bits),),
    reference=token_loss,
    hints=(
        _("First keep only the places that have a target; then each one is a row of V scores."),
        _("`targets != -100` picks rows of `logits` and of `targets` alike."),
        _("log_softmax along the last dimension, the entry of each target, minus the mean."),
    ),
    right_variants=(with_loops, by_masking),
    wrong_answers=(
        WrongAnswer(lambda z, y: -token_loss(z, y), SURPRISE),
        WrongAnswer(lambda z, y: torch.exp(-token_loss(z, y)), SURPRISE),
        WrongAnswer(lambda z, y: -z[y >= 0].gather(1, y[y >= 0][:, None]).mean(), SURPRISE),
        WrongAnswer(lambda z, y: token_loss(z, y) / math.log(2), BITS),
        WrongAnswer(lambda z, y: losses_with_zeros(z, y).sum(), MEAN),
        WrongAnswer(lambda z, y: losses_with_zeros(z, y).sum() / len(y), MEAN),
        WrongAnswer(lambda z, y: losses_with_zeros(z, y).mean(), IGNORED),
        WrongAnswer(padding_as_a_token, IGNORED),
        WrongAnswer(mean_of_means, TOKENS),
    ),
)
