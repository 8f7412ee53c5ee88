"""Numbers made ready to stand beside a text's vector: all of one size, none missing.

Letters in shapes: N texts, K numbers known with each.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _


class NumberScaler:
    """(x - mean) / standard deviation, both of the training texts.

    A missing number (nan) becomes the mean, 0; for each column in which one is missing in training,
    a further column says so with a 1. A column that is always the same says nothing: 0.

    Attributes: mean, spread (K,) and has_missing (K,) bool; they are all that a file need hold.
    """

    def __init__(self, mean: Tensor, spread: Tensor, has_missing: Tensor) -> None:
        self.mean, self.spread, self.has_missing = mean, spread, has_missing

    @classmethod
    def fit(cls, rows: Sequence[Sequence[float]]) -> "NumberScaler":
        """From the training texts' numbers, (N, K). Raises CourseError for none or an infinite one.

        The standard deviation is that of a population (divided by N).
        """
        values = table(rows)
        if not len(values):
            raise CourseError(_("there are no numbers to learn their usual size from"))
        present = ~values.isnan()
        counts = present.sum(dim=0).clamp(min=1)
        mean = values.nan_to_num(0.0).sum(dim=0) / counts
        squares = torch.where(present, values - mean, 0.0).square().sum(dim=0) / counts
        highest, lowest = _edges(values)
        return cls(mean, squares.sqrt() * (highest > lowest), ~present.all(dim=0))

    @property
    def n_columns(self) -> int:
        """How many numbers a text has after scaling: K and one per column with missing ones."""
        return len(self.mean) + int(self.has_missing.sum())

    def __call__(self, rows: Sequence[Sequence[float]]) -> Tensor:
        """(N, K) -> (N, n_columns) float32. Raises CourseError for other than K numbers."""
        values = table(rows, len(self.mean))
        scale = torch.where(self.spread > 0, 1 / self.spread, 0.0)  # a constant column says nothing
        scaled = ((values - self.mean) * scale).nan_to_num(0.0)
        missing = values.isnan()[:, self.has_missing]
        return torch.cat([scaled, missing.double()], dim=1).float()


def table(rows: Sequence[Sequence[float]], n_columns: int | None = None) -> Tensor:
    """(N, K) float64. Raises CourseError, naming the row, for unequal lengths or infinite numbers.

    n_columns: K, where it is known; None takes that of the first row.
    """
    width = n_columns if n_columns is not None else len(rows[0]) if rows else 0
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            message = _("text {n} has {found} numbers, but {wanted} are expected")
            raise CourseError(message.format(n=number, found=len(row), wanted=width))
        if any(math.isinf(value) for value in row):
            message = _("a number of text {n} is infinite; leave out what is not known")
            raise CourseError(message.format(n=number))
    return torch.tensor([list(row) for row in rows], dtype=torch.float64).view(len(rows), width)


def _edges(values: Tensor) -> tuple[Tensor, Tensor]:
    """Of each column the largest and the smallest number; missing ones do not count."""
    highest = values.nan_to_num(-torch.inf).amax(dim=0)
    return highest, values.nan_to_num(torch.inf).amin(dim=0)
