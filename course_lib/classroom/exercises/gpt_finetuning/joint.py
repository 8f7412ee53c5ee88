"""★★ The task's loss and, with a weight, the loss of reading the task's own texts."""

import math
import random

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

TASK = _("With weight 0 only the task counts: the mean of -ln p(right label), in nats.")
SHIFT = _("The scores at place t predict the token at t + 1; the first token is predicted nowhere.")
WEIGHT = _("The weight multiplies the loss of reading, and nothing else.")
PADDING = _("Only the first `length` tokens of a row are real; padding is never predicted.")
TOKENS = _("The loss of reading is the mean over all real predictions of the batch together.")

Arguments = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, float]


def cases(rng: random.Random) -> list[Case]:
    def numbers(*shape: int) -> Tensor:
        flat = [round(rng.gauss(0, 2), 2) for _i in range(math.prod(shape))]
        return torch.tensor(flat, dtype=torch.float64).view(shape)

    def batch(lengths: tuple[int, ...], size: int, weight: float) -> Arguments:
        labels = torch.tensor([rng.randrange(3) for _b in lengths])
        ids = [
            [rng.randrange(1, 5) if t < length else 0 for t in range(size)] for length in lengths
        ]
        tokens = numbers(len(lengths), size, 5)
        return (
            *(numbers(len(lengths), 3), labels, tokens),
            *(torch.tensor(ids), torch.tensor(lengths), weight),
        )

    return [
        Case(batch((3, 3), 3, 0.0), TASK),
        Case(batch((4,), 4, 1.0), SHIFT),
        Case(batch((4, 4), 4, 0.25), WEIGHT),
        Case(batch((3, 3), 6, 0.5), PADDING),
        Case(batch((6, 2), 6, 0.5), TOKENS),
    ]


def joint_loss(
    task_logits: Tensor, labels: Tensor, token_logits: Tensor, ids: Tensor, lengths: Tensor,
    weight: float,
) -> Tensor:  # fmt: skip
    """(B, L), (B,), (B, T, V), (B, T), (B,), number -> number."""
    targets = ids[:, 1:].clone()
    targets[torch.arange(1, ids.size(1)) >= lengths[:, None]] = -100
    reading = F.cross_entropy(token_logits[:, :-1].flatten(0, 1), targets.flatten())
    return F.cross_entropy(task_logits, labels) + weight * reading


def with_loops(
    task_logits: Tensor, labels: Tensor, token_logits: Tensor, ids: Tensor, lengths: Tensor,
    weight: float,
) -> float:  # fmt: skip
    task = [-float(row.log_softmax(0)[y]) for row, y in zip(task_logits, labels, strict=True)]
    reading = [
        -float(token_logits[b, t].log_softmax(0)[ids[b, t + 1]])
        for b, length in enumerate(lengths.tolist())
        for t in range(length - 1)
    ]
    return sum(task) / len(task) + weight * sum(reading) / len(reading)


def by_masking(
    task_logits: Tensor, labels: Tensor, token_logits: Tensor, ids: Tensor, lengths: Tensor,
    weight: float,
) -> Tensor:  # fmt: skip
    real = torch.arange(1, ids.size(1)) < lengths[:, None]
    log_p = token_logits.log_softmax(dim=-1)[:, :-1].gather(2, ids[:, 1:, None])[..., 0]
    task = task_logits.log_softmax(dim=-1).gather(1, labels[:, None])
    return -task.mean() - weight * log_p[real].mean()


def unshifted(z: Tensor, y: Tensor, tokens: Tensor, ids: Tensor, n: Tensor, w: float) -> Tensor:
    targets = ids.masked_fill(torch.arange(ids.size(1)) >= n[:, None], -100)
    reading = F.cross_entropy(tokens.flatten(0, 1), targets.flatten())
    return F.cross_entropy(z, y) + w * reading


def backwards(z: Tensor, y: Tensor, tokens: Tensor, ids: Tensor, n: Tensor, w: float) -> Tensor:
    return joint_loss(z, y, tokens.flip(1), ids.flip(1), n, w)


def text_by_text(z: Tensor, y: Tensor, tokens: Tensor, ids: Tensor, n: Tensor, w: float) -> Tensor:
    rows = [slice(b, b + 1) for b in range(len(y))]
    each = [joint_loss(z[b], y[b], tokens[b], ids[b], n[b], w) for b in rows]
    return torch.stack(each).mean()


def all_places(z: Tensor, y: Tensor, tokens: Tensor, ids: Tensor, n: Tensor, w: float) -> Tensor:
    return joint_loss(z, y, tokens, ids, torch.full_like(n, ids.size(1)), w)


def mixed(z: Tensor, y: Tensor, tokens: Tensor, ids: Tensor, n: Tensor, w: float) -> Tensor:
    both = joint_loss(z, y, tokens, ids, n, 1.0)
    return (1 - w) * F.cross_entropy(z, y) + w * (both - F.cross_entropy(z, y))


def one_too_many(z: Tensor, y: Tensor, tokens: Tensor, ids: Tensor, n: Tensor, w: float) -> Tensor:
    return joint_loss(z, y, tokens, ids, (n + 1).clamp(max=ids.size(1)), w)


EXERCISE = Exercise(
    name="joint_loss",
    lecture="10_gpt_finetuning",
    stars=2,
    title=_("The joint loss"),
    points=4,
    minutes=15,
    cases=cases,
    reference=joint_loss,
    hints=(
        _("Two cross-entropies: one over labels, one over tokens. Compute them one by one."),
        _("For the tokens: scores[:, :-1] against ids[:, 1:], at the real places only."),
        _("Make targets = ids[:, 1:].clone() and put -100 where nothing real is to be predicted."),
    ),
    right_variants=(with_loops, by_masking),
    wrong_answers=(
        WrongAnswer(lambda z, y, *_rest: -z.gather(1, y[:, None]).mean(), TASK),
        WrongAnswer(lambda z, y, *_rest: F.cross_entropy(z, y, reduction="sum"), TASK),
        WrongAnswer(lambda z, y, k, i, n, _w: joint_loss(z, y, k, i, n, 0.5), TASK),
        WrongAnswer(unshifted, SHIFT),
        WrongAnswer(backwards, SHIFT),
        WrongAnswer(lambda z, y, k, i, n, w: joint_loss(z, y, k, i, n, float(w > 0)), WEIGHT),
        WrongAnswer(lambda z, y, k, i, n, w: joint_loss(z, y, k, i, n, w**2), WEIGHT),
        WrongAnswer(all_places, PADDING),
        WrongAnswer(one_too_many, PADDING),
        WrongAnswer(text_by_text, TOKENS),
        WrongAnswer(mixed, SHIFT),
    ),
)
