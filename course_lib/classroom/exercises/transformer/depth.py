"""★★★ An experiment: what many layers of attention do to tokens, with and without residuals."""

import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _
from course_lib.models.attention import attention

ATTEND = _(
    "One layer: every token is query, key and value. Scores by the root of D, softmax, mixture;"
    " then measure."
)
PAIRS = _("A token's cosine with itself is 1: leave it out, and take the mean of the other pairs.")
COSINE = _("A cosine is the dot product divided by both lengths.")
RESIDUAL = _("With a residual connection the layer *adds* its answer to what was there.")
STACK = _("Each layer works on what the layer before it has left, and gets a number of its own.")


def cases(rng: random.Random) -> list[Case]:
    def tokens() -> Tensor:
        rows = [[round(rng.uniform(-2, 2), 2) for _i in range(5)] for _token in range(4)]
        return torch.tensor(rows, dtype=torch.float64)

    return [
        Case((tokens(), 1, False), ATTEND),
        Case((tokens(), 1, True), RESIDUAL),
        Case((tokens(), 4, False), STACK),
        Case((tokens(), 3, True), STACK),
    ]


def mean_cosine(x: Tensor) -> float:
    """(T, D) -> the mean cosine of two different tokens."""
    unit = F.normalize(x, dim=1)
    n = len(x)
    return ((unit @ unit.T).sum().item() - n) / (n * (n - 1))


def cosines_by_depth(x: Tensor, n_layers: int, residual: bool) -> list[float]:
    """(T, D) tokens -> the mean cosine of two tokens after each layer of attention."""
    cosines = []
    for _layer in range(n_layers):
        answer = attention(x, x, x)
        x = x + answer if residual else answer
        cosines.append(mean_cosine(x))
    return cosines


def with_loops_over_pairs(x: Tensor, n_layers: int, residual: bool) -> list[float]:
    cosines = []
    for _layer in range(n_layers):
        weights = (x @ x.T / x.size(1) ** 0.5).softmax(dim=1)
        x = residual * x + weights @ x
        pairs = [(i, j) for i in range(len(x)) for j in range(i)]
        found = [F.cosine_similarity(x[i], x[j], dim=0).item() for i, j in pairs]
        cosines.append(sum(found) / len(found))
    return cosines


def by_recursion(x: Tensor, n_layers: int, residual: bool) -> list[float]:
    if n_layers == 0:
        return []
    x = attention(x, x, x) + (x if residual else 0)
    off_diagonal = ~torch.eye(len(x), dtype=torch.bool)
    products, lengths = x @ x.T, x.norm(dim=1)
    now = (products / lengths / lengths[:, None])[off_diagonal].mean().item()
    return [now, *by_recursion(x, n_layers - 1, residual)]


def measured(x: Tensor, n_layers: int, residual: bool, measure: Any) -> list[float]:
    """The right layers, with another measure."""
    found = []
    for _layer in range(n_layers):
        x = attention(x, x, x) + (x if residual else 0)
        found.append(measure(x))
    return found


def with_itself(x: Tensor) -> float:
    unit = F.normalize(x, dim=1)
    return float((unit @ unit.T).mean())


def dot_products(x: Tensor) -> float:
    off_diagonal = ~torch.eye(len(x), dtype=torch.bool)
    return float((x @ x.T)[off_diagonal].mean())


def measures(measure: Any) -> Any:
    def broken(result: Any, x: Tensor, n_layers: int, residual: bool) -> dict | None:
        found = torch.as_tensor(result, dtype=torch.float64)
        due = torch.tensor(measured(x, n_layers, residual, measure), dtype=torch.float64)
        return {} if torch.allclose(found, due) else None

    return broken


def unscaled(x: Tensor, n_layers: int, residual: bool) -> list[float]:
    found = []
    for _layer in range(n_layers):
        x = (x @ x.T).softmax(dim=1) @ x + (x if residual else 0)
        found.append(mean_cosine(x))
    return found


def measured_before(x: Tensor, n_layers: int, residual: bool) -> list[float]:
    return [mean_cosine(x), *cosines_by_depth(x, n_layers - 1, residual)]


def always_the_first(x: Tensor, n_layers: int, residual: bool) -> list[float]:
    return cosines_by_depth(x, 1, residual) * n_layers


def first_tokens_added(x: Tensor, n_layers: int, residual: bool) -> list[float]:
    first, found = x, []
    for _layer in range(n_layers):
        x = attention(x, x, x) + (first if residual else 0)
        found.append(mean_cosine(x))
    return found


EXERCISE = Exercise(
    name="cosines_by_depth",
    lecture="07_transformer",
    stars=3,
    title=_("What depth does to tokens"),
    points=6,
    minutes=30,
    cases=cases,
    laws=(Law(PAIRS, measures(with_itself)), Law(COSINE, measures(dot_products))),
    reference=cosines_by_depth,
    hints=(
        _("A loop over layers. In each: attention of x with itself, add or replace, measure."),
        _("Divide each row of x by its length; then one matrix product gives all cosines."),
        _("The sum of all cosines, less T for the diagonal, divided by T (T - 1)."),
    ),
    right_variants=(with_loops_over_pairs, by_recursion),
    wrong_answers=(
        WrongAnswer(unscaled, ATTEND),
        WrongAnswer(measured_before, ATTEND),
        WrongAnswer(lambda x, n, _residual: cosines_by_depth(x, n, True), ATTEND),
        WrongAnswer(lambda x, n, r: measured(x, n, r, with_itself), PAIRS),
        WrongAnswer(lambda x, n, r: measured(x, n, r, dot_products), COSINE),
        WrongAnswer(lambda x, n, _residual: cosines_by_depth(x, n, False), RESIDUAL),
        WrongAnswer(always_the_first, STACK),
        WrongAnswer(first_tokens_added, STACK),
        WrongAnswer(lambda x, n, r: cosines_by_depth(x, n, r)[-1:], STACK),
    ),
)
