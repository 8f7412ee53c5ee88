"""★★ Label smoothing: a loss whose target is not quite sure."""

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

NATS = _("Without smoothing (0) it is the cross-entropy in nats: the mean of -ln p(right token).")
SHARE = _("The right token gets 1 - e, and then e / V more, as every one of the V tokens does.")
PLACES = _("It is a mean over the places of the text: the number of places must not change it.")
PADDING = _("A target of -100 is padding: it has no part in the sum, nor in the number of places.")
LARGE = _("e to the power 1000 is too large for a computer: use log_softmax.")


def cases(rng: random.Random) -> list[Case]:
    def case(n: int, v: int, e: float, hint: str, n_pad: int = 0, scale: float = 1.0) -> Case:
        rows = [[round(rng.gauss(0, 2), 1) * scale for _v in range(v)] for _t in range(n)]
        targets = [rng.randrange(v) for _t in range(n - n_pad)] + [-100] * n_pad
        return Case((torch.tensor(rows, dtype=torch.float64), torch.tensor(targets), e), hint)

    e = round(rng.uniform(0.1, 0.3), 2)
    return [
        case(1, rng.randint(3, 6), 0.0, NATS),
        case(1, rng.randint(4, 6), e, SHARE),
        case(rng.randint(3, 5), 4, e, PLACES),
        case(rng.randint(4, 6), 5, e, PADDING, n_pad=2),
        case(3, 4, e, LARGE, scale=500.0),
    ]


def smoothed_loss(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """(T, V), (T,), number -> () in nats per token."""
    return F.cross_entropy(logits, targets, label_smoothing=smoothing)


def with_the_target_written_out(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    real = targets >= 0
    n_words = logits.size(1)
    target = (1 - smoothing) * F.one_hot(targets[real], n_words) + smoothing / n_words
    return -(target * logits[real].log_softmax(-1)).sum(-1).mean()


def two_means(logits: Tensor, targets: Tensor, smoothing: float) -> float:
    total, n = 0.0, 0
    for row, target in zip(logits.log_softmax(-1), targets.tolist(), strict=True):
        if target != -100:
            total -= float((1 - smoothing) * row[target] + smoothing * row.mean())
            n += 1
    return total / n


def changed(logits: Tensor, targets: Tensor, right: float, others: float) -> Tensor:
    """The loss of a target with other shares: of the right token, of each other one."""
    real = targets >= 0
    hot = F.one_hot(targets[real], logits.size(1)).double()
    target = hot * right + (1 - hot) * others
    return -(target * logits[real].log_softmax(-1)).sum(-1).mean()


def in_bits(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    return smoothed_loss(logits, targets, smoothing) / torch.tensor(2.0).log()


def minus_forgotten(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    return -smoothed_loss(logits, targets, smoothing)


def only_the_others(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    n = logits.size(1)
    return changed(logits, targets, 1 - smoothing, smoothing / (n - 1))


def nothing_taken_off(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    n = logits.size(1)
    return changed(logits, targets, 1 + smoothing / n, smoothing / n)


def all_for_each(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    return changed(logits, targets, 1, smoothing)


def logits_smoothed(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """The model's probabilities made less sure, and not the target."""
    p = (1 - smoothing) * logits.softmax(-1) + smoothing / logits.size(1)
    return F.nll_loss(p.log(), targets)


def sum_of_places(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    return F.cross_entropy(logits, targets, label_smoothing=smoothing, reduction="sum")


def divided_by_all_places(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    return sum_of_places(logits, targets, smoothing) / len(targets)


def padding_counts(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    return smoothed_loss(logits, targets.clamp(min=0), smoothing)


def logarithm_afterwards(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    powers = logits[targets >= 0].exp()
    log_probs = (powers / powers.sum(-1, keepdim=True)).log()
    right = log_probs.gather(1, targets[targets >= 0, None])[:, 0]
    return -((1 - smoothing) * right + smoothing * log_probs.mean(-1)).mean()


EXERCISE = Exercise(
    name="smoothed_loss",
    lecture="13_translation",
    stars=2,
    title=_("Not quite sure"),
    points=4,
    minutes=15,
    cases=cases,
    reference=smoothed_loss,
    hints=(
        _("Two losses, mixed: that of the right token, and the mean of those of all V tokens."),
        _("log_probs = logits.log_softmax(-1); for each place take log_probs[target] and .mean()."),
        _("-((1 - e) * right + e * mean), then the mean over the places with targets >= 0."),
    ),
    right_variants=(with_the_target_written_out, two_means),
    wrong_answers=(
        WrongAnswer(in_bits, NATS),
        WrongAnswer(minus_forgotten, NATS),
        WrongAnswer(only_the_others, SHARE),
        WrongAnswer(nothing_taken_off, SHARE),
        WrongAnswer(all_for_each, SHARE),
        WrongAnswer(logits_smoothed, SHARE),
        WrongAnswer(sum_of_places, PLACES),
        WrongAnswer(divided_by_all_places, PADDING),
        WrongAnswer(padding_counts, PADDING),
        WrongAnswer(logarithm_afterwards, LARGE),
    ),
)
