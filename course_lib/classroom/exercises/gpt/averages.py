"""★★ The simplest look into the past: at each place the mean of the real tokens so far."""

import random
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

MEANS = _("Row t is a mean: of row t itself and of all rows before it, each with the same share.")
LEAK = _("A row changes when a later token changes: the future leaks.")
HIDDEN = _("A token that is not real has no share, and the other shares still sum to 1.")
ALL = _("Every column of x is averaged in the same way.")


def cases(rng: random.Random) -> list[Case]:
    def tokens(length: int, width: int, hidden: int = 0) -> tuple[Tensor, Tensor]:
        x = [[round(rng.uniform(-3, 3), 2) for _d in range(width)] for _t in range(length)]
        real = torch.ones(length, dtype=torch.bool)
        real[rng.sample(range(1, length - 1), hidden)] = False
        return torch.tensor(x, dtype=torch.float64), real

    return [
        Case(tokens(rng.randint(3, 5), 1), MEANS),
        Case(tokens(4, 3), ALL),
        Case(tokens(rng.randint(6, 8), 2, hidden=3), HIDDEN),
    ]


def averages_so_far(x: Tensor, real: Tensor) -> Tensor:
    """(T, D), (T,) bool -> (T, D): row t is the mean of the real rows among 0 to t."""
    may_look = torch.ones(len(x), len(x), dtype=torch.bool).tril() & real
    scores = torch.zeros(len(x), len(x), dtype=x.dtype).masked_fill(~may_look, -torch.inf)
    return scores.softmax(dim=1) @ x


def with_a_loop(x: Tensor, real: Tensor) -> Tensor:
    return torch.stack([x[: t + 1][real[: t + 1]].mean(dim=0) for t in range(len(x))])


def by_running_sums(x: Tensor, real: Tensor) -> Tensor:
    return (x * real[:, None]).cumsum(dim=0) / real.cumsum(dim=0)[:, None]


def mean_of_all(x: Tensor, real: Tensor) -> Tensor:
    return x[real].mean(dim=0).expand_as(x)


def from_the_end(x: Tensor, real: Tensor) -> Tensor:
    return averages_so_far(x.flip(0), real.flip(0)).flip(0)


def leaks(result: Any, x: Tensor, real: Tensor) -> dict[str, int] | None:
    """Is it what somebody gets who looks at everything, or only ahead?"""
    found = torch.as_tensor(result, dtype=torch.float64)
    ahead = (mean_of_all(x, real), from_the_end(x, real))
    return {} if any(torch.allclose(found, seen, equal_nan=True) for seen in ahead) else None


def without_itself(x: Tensor, real: Tensor) -> Tensor:
    before = averages_so_far(x, real).roll(1, dims=0)
    before[0] = 0
    return before


def divided_by_places(x: Tensor, real: Tensor) -> Tensor:
    return (x * real[:, None]).cumsum(dim=0) / torch.arange(1, len(x) + 1)[:, None]


def score_of_zero(x: Tensor, real: Tensor) -> Tensor:
    """Hidden tokens keep their place in the softmax; their values are 0."""
    return averages_so_far(x * real[:, None], torch.ones_like(real))


EXERCISE = Exercise(
    name="averages_so_far",
    lecture="08_gpt",
    stars=2,
    title=_("Look back, evenly"),
    points=4,
    minutes=12,
    cases=cases,
    laws=(Law(LEAK, leaks),),
    reference=averages_so_far,
    hints=(
        _("It is attention with scores that are all 0, under two masks: the past, and real."),
        _("A table (T, T) of shares times x. Row t of the table: equal shares of what it sees."),
        _("Zeros; -inf where the column is later or not real; softmax along the row; times x."),
    ),
    right_variants=(with_a_loop, by_running_sums),
    wrong_answers=(
        WrongAnswer(mean_of_all, LEAK),
        WrongAnswer(from_the_end, LEAK),
        WrongAnswer(without_itself, MEANS),
        WrongAnswer(lambda x, real: (x * real[:, None]).cumsum(dim=0), MEANS),
        WrongAnswer(lambda x, _real: averages_so_far(x, torch.ones(len(x)).bool()), HIDDEN),
        WrongAnswer(divided_by_places, HIDDEN),
        WrongAnswer(score_of_zero, HIDDEN),
        WrongAnswer(lambda x, r: averages_so_far(x, r)[:, :1].expand_as(x), ALL),
    ),
)
