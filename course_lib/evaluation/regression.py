"""How well numbers were predicted. `metrics.spearman` compares their order alone."""

from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.evaluation.metrics import spearman

__all__ = ["pearson", "r_squared", "root_mean_square", "spearman"]


def pearson(x: Sequence[float] | Tensor, y: Sequence[float] | Tensor) -> float:
    """Correlation, -1 to 1: how near the points (x, y) lie to one straight line.

    nan if all values of one list are equal. Raises ValueError if the lengths differ or are below 2.
    """
    a, b = _pair(x, y, least=2)
    if a.min() == a.max() or b.min() == b.max():
        return torch.nan
    # Divided by the largest first, so that no square overflows.
    a, b = a - a.mean(), b - b.mean()
    a, b = a / a.abs().max(), b / b.abs().max()
    return ((a * b).sum() / (a.square().sum() * b.square().sum()).sqrt()).clamp(-1, 1).item()


def r_squared(predicted: Sequence[float] | Tensor, right: Sequence[float] | Tensor) -> float:
    """The share of the right numbers' variance that the predictions explain: 1 - errors / variance.

    1 is perfect, 0 as good as always naming the mean, below 0 worse. For right numbers that are all
    equal there is no variance: 1 if the predictions are perfect, else 0, as scikit-learn has it.
    Raises ValueError if the lengths differ or are below 2.
    """
    guess, truth = _pair(predicted, right, least=2)
    errors = (truth - guess).square().sum()
    variance = (truth - truth.mean()).square().sum()
    if truth.min() == truth.max():
        return float(errors == 0)
    return (1 - errors / variance).item()


def root_mean_square(predicted: Sequence[float] | Tensor, right: Sequence[float] | Tensor) -> float:
    """The usual error, in the unit of the numbers; large errors count the most."""
    guess, truth = _pair(predicted, right, least=1)
    return (guess - truth).square().mean().sqrt().item()


def _pair(
    x: Sequence[float] | Tensor, y: Sequence[float] | Tensor, least: int
) -> tuple[Tensor, Tensor]:
    if len(x) != len(y) or len(x) < least:
        raise ValueError(f"cannot compare {len(x)} numbers with {len(y)}")
    return torch.as_tensor(x, dtype=torch.float64), torch.as_tensor(y, dtype=torch.float64)
