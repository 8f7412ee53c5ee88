"""How far a measured number may be off because the sample is what it is: intervals."""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import torch
from torch import Tensor


class Interval(NamedTuple):
    """A number measured on a sample, and the ends between which the true one lies, most likely."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def wilson(n_right: int, n: int, level: float = 0.95) -> Interval:
    """A share, such as an accuracy, with its interval; never outside 0 to 1.

    Sensible near 0 and 1, too, where value ± 2 standard errors is not: 20 right out of 20 gives
    0.84 to 1. Source: Wilson (1927). Raises ValueError unless 0 <= n_right <= n and n > 0.
    """
    if not 0 <= n_right <= n or not n:
        raise ValueError(f"{n_right} of {n} is no share")
    z = _quantile(level)
    share, weight = n_right / n, z**2 / n
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / n + weight / (4 * n))
    low = 0.0 if n_right == 0 else middle - half
    return Interval(share, low, 1.0 if n_right == n else middle + half)


def bootstrap(
    measure: Callable[..., float],
    samples: Sequence[Sequence[Any]],
    rng: torch.Generator,
    n_draws: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Any measure, such as `macro_f1`, with its interval: how it varies over samples of the sample.

    samples: the measure's arguments, each with one item per text, as in
    `bootstrap(macro_f1, [predicted, right], rng)`. Texts are drawn anew, with replacement,
    `n_draws` times; the middle `level` of what is measured is the interval. Draws for which the
    measure is not defined (nan) are left out. Source: Efron (1979), the percentile method. Raises
    ValueError for no texts or arguments of unequal lengths.
    """
    sizes = {len(sample) for sample in samples}
    if len(sizes) != 1 or sizes == {0}:
        raise ValueError(f"need samples of one equal, positive size, got {sizes}")
    (size,) = sizes
    found = []
    for _draw in range(n_draws):
        rows = torch.randint(size, (size,), generator=rng).tolist()
        found.append(measure(*([sample[i] for i in rows] for sample in samples)))
    return _middle(measure(*samples), found, level)


def bootstrap_mean(
    values: Sequence[float] | Tensor, rng: torch.Generator, n_draws: int = 1000, level: float = 0.95
) -> Interval:
    """The mean of one number per text, such as an F1 per question: `bootstrap`, all draws at once.

    For two models on the same texts, bootstrap the differences: an interval above 0 says more than
    two intervals that do not overlap. Raises ValueError for no values.
    """
    sample = torch.as_tensor(values, dtype=torch.float64)
    if not len(sample):
        raise ValueError("the mean of no values is undefined")
    rows = torch.randint(len(sample), (n_draws, len(sample)), generator=rng)
    return _middle(sample.mean().item(), sample[rows].mean(dim=1).tolist(), level)


def _middle(value: float, found: Sequence[float], level: float) -> Interval:
    """The value, and the ends of the middle `level` of what was found; nan if nothing was."""
    known = torch.tensor([x for x in found if not math.isnan(x)], dtype=torch.float64)
    if not len(known):
        return Interval(value, math.nan, math.nan)
    low, high = known.quantile(torch.tensor([(1 - level) / 2, (1 + level) / 2]).double()).tolist()
    return Interval(value, low, high)


def _quantile(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"{level=} must be between 0 and 1")
    return NormalDist().inv_cdf((1 + level) / 2)
