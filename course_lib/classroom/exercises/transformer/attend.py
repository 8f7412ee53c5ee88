"""★★ Attention with a mask: scores, softmax, mixture."""

import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _
from course_lib.models.attention import attention

MIXTURE = _("The answer is a mixture of the values, in shares that are a softmax over the keys.")
SCALE = _("Wide queries have large scores: which number brings them back to size 1?")
ROWS = _("Each query has shares of its own: every *row* of weights sums to 1.")
MASK = _(
    "A key that must not be looked at gets weight 0, and the other weights of its row still sum"
    " to 1. So it must be hidden before the softmax."
)
TURNED = _("The mask is turned round: True means that the query *may* look.")


def cases(rng: random.Random) -> list[Case]:
    def numbers(n_rows: int, width: int) -> Tensor:
        rows = [[round(rng.uniform(-2, 2), 2) for _i in range(width)] for _row in range(n_rows)]
        return torch.tensor(rows, dtype=torch.float64)

    def question(n_queries: int, n_keys: int, width: int, mask: Tensor | None = None) -> Case:
        everywhere = torch.ones(n_queries, n_keys, dtype=torch.bool)
        mask = everywhere if mask is None else mask
        q, k, v = numbers(n_queries, width), numbers(n_keys, width), numbers(n_keys, 3)
        hint = SCALE if n_queries == 1 else ROWS if mask.all() else MASK
        return Case((q, k, v, mask), MIXTURE if width == 1 else hint)

    mask = torch.ones(3, 5, dtype=torch.bool)
    for row in mask:
        row[rng.sample(range(5), 2)] = False
    return [question(1, 3, 1), question(1, 4, 6), question(3, 4, 2), question(3, 5, 2, mask)]


def turned_round(result: Any, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> dict | None:
    found = torch.as_tensor(result, dtype=torch.float64)
    return {} if torch.allclose(found, attention(q, k, v, ~mask), equal_nan=True) else None


def with_a_loop(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    rows = []
    for query, may_look in zip(q, mask, strict=True):
        powers = (k @ query / len(query) ** 0.5).exp() * may_look
        rows.append((powers / powers.sum()) @ v)
    return torch.stack(rows)


def fused(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(q[None], k[None], v[None], mask)[0]


def scores_as_shares(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    answer: Tensor = (q @ k.T / q.size(1) ** 0.5 * mask) @ v
    return answer


def best_key_only(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    return v[(q @ k.T).masked_fill(~mask, -torch.inf).argmax(dim=1)]


def scaled_by(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, factor: float) -> Tensor:
    answer: Tensor = (q @ k.T * factor).masked_fill(~mask, -torch.inf).softmax(dim=1) @ v
    return answer


def one_sum_for_all(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    powers = (q @ k.T / q.size(1) ** 0.5).exp() * mask
    answer: Tensor = powers / powers.sum() @ v
    return answer


def hidden_too_late(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    answer: Tensor = ((q @ k.T / q.size(1) ** 0.5).softmax(dim=1) * mask) @ v
    return answer


def score_of_zero(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    answer: Tensor = (q @ k.T / q.size(1) ** 0.5 * mask).softmax(dim=1) @ v
    return answer


EXERCISE = Exercise(
    name="attend",
    lecture="07_transformer",
    stars=2,
    title=_("Attention by hand"),
    points=4,
    minutes=12,
    cases=cases,
    laws=(Law(TURNED, turned_round),),
    reference=attention,
    hints=(
        _("Three steps: a score for each query and key, shares from scores, a mixture of values."),
        _("All scores are one product of matrices, (T, K) by (K, S). Which one must be turned?"),
        _(
            "Scores q @ k.T divided by the root of K; -inf where the mask is False; softmax along"
            " the keys; times v."
        ),
    ),
    right_variants=(with_a_loop, fused),
    wrong_answers=(
        WrongAnswer(scores_as_shares, MIXTURE),
        WrongAnswer(best_key_only, MIXTURE),
        WrongAnswer(lambda q, k, v, m: scaled_by(q, k, v, m, 1.0), SCALE),
        WrongAnswer(lambda q, k, v, m: scaled_by(q, k, v, m, 1 / q.size(1)), SCALE),
        WrongAnswer(one_sum_for_all, ROWS),
        WrongAnswer(lambda q, k, v, _m: attention(q, k, v), MASK),
        WrongAnswer(hidden_too_late, MASK),
        WrongAnswer(score_of_zero, MASK),
        WrongAnswer(lambda q, k, v, m: attention(q, k, v, ~m), TURNED),
    ),
)
