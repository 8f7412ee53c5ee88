"""★★ BERT's loss: the mean over the hidden words plus the mean over the pairs."""

import math
import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

SUM = _("The loss has two parts, one for the hidden words and one for the pairs: add them.")
WORDS = _("The first part is a mean over the hidden words: a target of -100 asks nothing.")
TEXTS = _("Every hidden word counts the same: do not take the mean of each text first.")
PAIRS = _("The second part is a mean over the pairs, however many words are hidden in each.")
BITS = _("Every number is {ratio:.3f} of what it should be: these are bits, the loss is in nats.")


def cases(rng: random.Random) -> list[Case]:
    def batch(hidden: list[int], length: int, size: int = 5) -> tuple[Tensor, ...]:
        rows = len(hidden)
        words = [
            [[round(rng.gauss(0, 2), 2) for _v in range(size)] for _t in range(length)]
            for _row in range(rows)
        ]
        targets = [[-100] * length for _row in range(rows)]
        for row, n in enumerate(hidden):
            for place in rng.sample(range(length), n):
                targets[row][place] = rng.randrange(size)
        follows = [[round(rng.gauss(0, 1), 2) for _c in range(2)] for _row in range(rows)]
        labels = [rng.randrange(2) for _row in range(rows)]
        return (
            torch.tensor(words, dtype=torch.float64),
            torch.tensor(targets),
            torch.tensor(follows, dtype=torch.float64),
            torch.tensor(labels),
        )

    return [
        Case(batch([1], 1), SUM),
        Case(batch([4], 7), WORDS),
        Case(batch([3, 3, 3, 3], 3), PAIRS),
        Case(batch([1, 5, 2], 6), TEXTS),
    ]


def bert_loss(words: Tensor, targets: Tensor, follows: Tensor, labels: Tensor) -> Tensor:
    """(B, T, V), (B, T), (B, 2), (B,) -> mean over hidden words + mean over pairs, in nats."""
    return F.cross_entropy(words.flatten(0, 1), targets.flatten()) + F.cross_entropy(
        follows, labels
    )


def with_loops(words: Tensor, targets: Tensor, follows: Tensor, labels: Tensor) -> float:
    asked = [(words[b, t], int(targets[b, t])) for b, t in (targets != -100).nonzero().tolist()]
    pairs = list(zip(follows, labels.tolist(), strict=True))

    def mean(rows: list[tuple[Tensor, int]]) -> float:
        return sum(-math.log(row.softmax(dim=0)[i]) for row, i in rows) / len(rows)

    return mean(asked) + mean(pairs)


def by_log_softmax(words: Tensor, targets: Tensor, follows: Tensor, labels: Tensor) -> Tensor:
    hidden = targets >= 0
    of_words = F.nll_loss(words[hidden].log_softmax(dim=1), targets[hidden])
    right = follows[torch.arange(len(labels)), labels]
    return of_words + (follows.logsumexp(dim=1) - right).mean()


def words_alone(words: Tensor, targets: Tensor, _follows: Tensor, _labels: Tensor) -> Tensor:
    return F.cross_entropy(words.flatten(0, 1), targets.flatten())


def mean_of_both(*batch: Tensor) -> Tensor:
    return bert_loss(*batch) / 2


def all_places(words: Tensor, targets: Tensor, follows: Tensor, labels: Tensor) -> Tensor:
    """Places that ask nothing count with a loss of 0."""
    each = F.cross_entropy(words.mT, targets, reduction="none")
    return each.mean() + F.cross_entropy(follows, labels)


def means_of_texts(words: Tensor, targets: Tensor, follows: Tensor, labels: Tensor) -> Tensor:
    each = F.cross_entropy(words.mT, targets, reduction="none").sum(dim=1)
    return (each / (targets != -100).sum(dim=1)).mean() + F.cross_entropy(follows, labels)


def zero_for_nothing(words: Tensor, targets: Tensor, follows: Tensor, labels: Tensor) -> Tensor:
    return bert_loss(words, targets.clamp(min=0), follows, labels)


def one_mean_of_all(words: Tensor, targets: Tensor, follows: Tensor, labels: Tensor) -> Tensor:
    """As if a pair were one more hidden word."""
    n_words, n_pairs = int((targets != -100).sum()), len(labels)
    sums = n_words * words_alone(words, targets, follows, labels) + F.cross_entropy(
        follows, labels, reduction="sum"
    )
    return 2 * sums / (n_words + n_pairs)


def sum_over_pairs(words: Tensor, targets: Tensor, follows: Tensor, labels: Tensor) -> Tensor:
    pairs = F.cross_entropy(follows, labels, reduction="sum")
    return words_alone(words, targets, follows, labels) + pairs


def in_bits(result: Any, *batch: Tensor) -> dict[str, float] | None:
    ratio = float(result) / bert_loss(*batch).item()
    return {"ratio": ratio} if abs(ratio * math.log(2) - 1) < 1e-6 else None


EXERCISE = Exercise(
    name="bert_loss",
    lecture="11_bert",
    stars=2,
    title=_("Two losses in one"),
    points=4,
    minutes=12,
    cases=cases,
    laws=(Law(BITS, in_bits),),
    reference=bert_loss,
    hints=(
        _("Do one part after the other. Each is a mean of -ln p of what is right."),
        _("`targets != -100` picks the hidden places of `words` and of `targets` alike."),
        _("F.cross_entropy gives a mean over rows (N, V) and targets (N,): call it twice, add."),
    ),
    right_variants=(with_loops, by_log_softmax),
    wrong_answers=(
        WrongAnswer(words_alone, SUM),
        WrongAnswer(mean_of_both, SUM),
        WrongAnswer(lambda *batch: bert_loss(*batch) / math.log(2), BITS),
        WrongAnswer(all_places, WORDS),
        WrongAnswer(means_of_texts, TEXTS),
        WrongAnswer(zero_for_nothing, WORDS),
        WrongAnswer(one_mean_of_all, WORDS),
        WrongAnswer(sum_over_pairs, PAIRS),
    ),
)
