"""★★ The gradient of softmax and cross-entropy: p - y."""

import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _
from course_lib.training.objectives import softmax_gradient

ONE = _("Raising the true word's logit must lower the loss, raising any other must raise it.")
SIGN = _("Every number has the wrong sign: to go down, one steps *against* the gradient.")
SUM = _(
    "The row sums to {total:.3f}. The same number added to all logits changes no probability, so"
    " the derivatives of a row sum to 0."
)
ROWS = _("Each row is an example of its own, with its own softmax over its own V logits.")
MEAN = _("Every number is divided by {n}: return each example's own gradient, not the mean's.")
LARGE = _(
    "exp(1000) is more than a computer can write. Only differences of logits matter: which number"
    " can you subtract from a row first?"
)


def cases(rng: random.Random) -> list[Case]:
    def batch(n_rows: int, size: int) -> tuple[Tensor, Tensor]:
        logits = [[round(rng.uniform(-2, 2), 2) for _v in range(size)] for _b in range(n_rows)]
        targets = rng.sample(range(size), n_rows)
        return torch.tensor(logits, dtype=torch.float64), torch.tensor(targets)

    large, targets = batch(2, 4)
    return [
        Case(batch(1, rng.randint(3, 5)), ONE),
        Case(batch(3, 5), ROWS),
        Case((large + 1000, targets), LARGE),
    ]


def wrong_sign(result: Any, *args: Tensor) -> dict[str, Any] | None:
    found = -torch.as_tensor(result, dtype=torch.float64)
    return {} if torch.allclose(found, softmax_gradient(*args)) else None


def averaged(result: Any, *args: Tensor) -> dict[str, int] | None:
    n = len(args[0])
    found = torch.as_tensor(result, dtype=torch.float64) * n
    return {"n": n} if torch.allclose(found, softmax_gradient(*args)) else None


def does_not_sum_to_0(result: Any, logits: Tensor, _targets: Tensor) -> dict[str, float] | None:
    """Asked of a single row only: in more rows, they may simply be mixed up."""
    total = torch.as_tensor(result, dtype=torch.float64).sum().item()
    return {"total": total} if len(logits) == 1 and abs(total) > 1e-6 else None


def by_autograd(logits: Tensor, targets: Tensor) -> Tensor:
    leaf = logits.clone().requires_grad_()
    F.cross_entropy(leaf, targets, reduction="sum").backward()
    assert leaf.grad is not None
    return leaf.grad


def by_subtracting_in_place(logits: Tensor, targets: Tensor) -> Tensor:
    p = (logits - logits.max(dim=1, keepdim=True).values).exp()
    p = p / p.sum(dim=1, keepdim=True)
    p[torch.arange(len(p)), targets] -= 1
    return p


def with_plain_exp(logits: Tensor, targets: Tensor) -> Tensor:
    p = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    return p - F.one_hot(targets, logits.size(1))


def one_sum_for_all_rows(logits: Tensor, targets: Tensor) -> Tensor:
    return logits.exp() / logits.exp().sum() - F.one_hot(targets, logits.size(1))


def one_target_for_all_rows(logits: Tensor, targets: Tensor) -> Tensor:
    return logits.softmax(dim=1) - F.one_hot(targets[:1], logits.size(1))


def next_word_as_target(logits: Tensor, targets: Tensor) -> Tensor:
    return softmax_gradient(logits, (targets + 1) % logits.size(1))


EXERCISE = Exercise(
    name="softmax_gradient",
    lecture="03_word2vec",
    stars=2,
    title=_("The gradient of softmax and cross-entropy"),
    points=4,
    minutes=12,
    cases=cases,
    laws=(Law(SIGN, wrong_sign), Law(MEAN, averaged), Law(SUM, does_not_sum_to_0)),
    tolerance=1e-4,  # torch.tensor makes float32 of a list
    reference=softmax_gradient,
    hints=(
        _("The loss is -z[target] + ln(sum of exp z). Take its derivative by each z, by hand."),
        _("The second part gives the probabilities p. What does -z[target] give, and where?"),
        _("p - y: softmax along the last dimension, then 1 less at each row's target."),
    ),
    right_variants=(by_autograd, by_subtracting_in_place),
    wrong_answers=(
        WrongAnswer(next_word_as_target, ONE),
        WrongAnswer(lambda z, t: -softmax_gradient(z, t), SIGN),
        WrongAnswer(lambda z, _t: z.softmax(dim=1), SUM),
        WrongAnswer(lambda z, t: z.softmax(dim=0) - F.one_hot(t, z.size(1)), SUM),
        WrongAnswer(one_sum_for_all_rows, ROWS),
        WrongAnswer(one_target_for_all_rows, ROWS),
        WrongAnswer(lambda z, t: softmax_gradient(z, t) / len(z), MEAN),
        WrongAnswer(with_plain_exp, LARGE),
    ),
)
