"""★★ Many heads: slices of the vectors that attend by themselves."""

import random
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _
from course_lib.models.attention import attention, join_heads, split_heads

ONE = _("With a single head this is plain attention: nothing is cut.")
SLICES = _("Each head has weights of its own, from its own slice; the answers stand side by side.")
SCALE = _("A head's scores are sums of K = D / H products: divide by the root of K, not of D.")
NEIGHBOURS = _("Head h takes K *neighbouring* numbers: the first K, the next K, and so on.")
TOKENS = _("A head must get its slice of *every* token: mind the order of the dimensions.")


def cases(rng: random.Random) -> list[Case]:
    def numbers(n_rows: int, width: int) -> Tensor:
        rows = [[round(rng.uniform(-2, 2), 2) for _i in range(width)] for _row in range(n_rows)]
        return torch.tensor(rows, dtype=torch.float64)

    sizes = [(3, 4, 1, ONE), (4, 6, 2, SLICES), (5, 12, 3, SLICES)]
    return [
        Case((*(numbers(length, width) for _part in "qkv"), n_heads), hint)
        for length, width, n_heads, hint in sizes
    ]


def multi_head(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    """(T, D), (S, D), (S, D), H -> (T, D)."""
    parts = (split_heads(x[None], n_heads) for x in (q, k, v))  # (1, H, T, K) each
    return join_heads(attention(*parts))[0]


def with_a_loop(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    slices = (x.chunk(n_heads, dim=1) for x in (q, k, v))
    return torch.cat([attention(*part) for part in zip(*slices, strict=True)], dim=1)


def with_einsum(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    q, k, v = (x.unflatten(1, (n_heads, -1)) for x in (q, k, v))
    scores = torch.einsum("thk,shk->hts", q, k) / q.size(2) ** 0.5
    return torch.einsum("hts,shk->thk", scores.softmax(dim=2), v).flatten(1)


def scaled_by_the_width(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    return multi_head(q / n_heads**0.5, k, v, n_heads)


def every_other_number(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    answers = [attention(*(x[:, h::n_heads] for x in (q, k, v))) for h in range(n_heads)]
    return torch.cat(answers, dim=1)


def interleaved(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    """Cut and put back alike: every H-th number belongs to a head."""
    answers = [attention(*(x[:, h::n_heads] for x in (q, k, v))) for h in range(n_heads)]
    return torch.stack(answers, dim=2).flatten(1)


def without_transposing(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    parts = (x.reshape(n_heads, len(x), -1) for x in (q, k, v))
    return attention(*parts).reshape(q.shape)


def joined_without_transposing(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    parts = (split_heads(x[None], n_heads) for x in (q, k, v))
    return attention(*parts).reshape(q.shape)


def is_one_of(result: Any, answers: list[Tensor]) -> dict | None:
    found = torch.as_tensor(result, dtype=torch.float64)
    return {} if any(torch.allclose(found, answer) for answer in answers) else None


def last_head_first(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    slices = (x.chunk(n_heads, dim=1) for x in (q, k, v))
    return torch.cat([attention(*part) for part in zip(*slices, strict=True)][::-1], dim=1)


def mean_of_heads(q: Tensor, k: Tensor, v: Tensor, n_heads: int) -> Tensor:
    slices = (x.chunk(n_heads, dim=1) for x in (q, k, v))
    return torch.stack([attention(*part) for part in zip(*slices, strict=True)]).mean(dim=0)


EXERCISE = Exercise(
    name="multi_head",
    lecture="07_transformer",
    stars=2,
    title=_("Many heads"),
    points=4,
    minutes=15,
    cases=cases,
    laws=(
        Law(SCALE, lambda r, *args: is_one_of(r, [scaled_by_the_width(*args)])),
        Law(
            NEIGHBOURS,
            lambda r, *args: is_one_of(r, [every_other_number(*args), interleaved(*args)]),
        ),
        Law(
            TOKENS,
            lambda r, *args: is_one_of(
                r, [without_transposing(*args), joined_without_transposing(*args)]
            ),
        ),
    ),
    reference=multi_head,
    hints=(
        _("Cut q, k and v into H slices of D / H columns, and attend in each slice by itself."),
        _("`x.chunk(n_heads, dim=1)` cuts; `torch.cat(answers, dim=1)` puts side by side."),
        _(
            "For each head: weights = softmax of (slice of q) @ (slice of k).T / root of K, times"
            " the slice of v. Collect the answers and join them along the columns."
        ),
    ),
    right_variants=(with_a_loop, with_einsum),
    wrong_answers=(
        WrongAnswer(lambda q, k, v, _h: (q @ k.T).softmax(dim=1) @ v, ONE),
        WrongAnswer(lambda q, k, v, _h: attention(q, k, v), SLICES),
        WrongAnswer(last_head_first, SLICES),
        WrongAnswer(mean_of_heads, SLICES),
        WrongAnswer(scaled_by_the_width, SCALE),
        WrongAnswer(every_other_number, NEIGHBOURS),
        WrongAnswer(interleaved, NEIGHBOURS),
        WrongAnswer(without_transposing, TOKENS),
        WrongAnswer(joined_without_transposing, TOKENS),
    ),
)
