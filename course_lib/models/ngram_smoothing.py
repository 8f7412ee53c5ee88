"""Smoothing: how much probability each seen n-gram keeps, and how much it leaves to the others.

Every smoothing here has the same form. With c a context, c' the same context without its first
word, and w a word,

    p(w | c) = kept(c w) + passed(c) * p_below(w)

kept is 0 for a gram never seen, and passed is 1 for a context never seen. For Kneser-Ney, p_below
is p(w | c'), and below the unigrams the uniform distribution; MLE and add-k look at the longest
context only. Source: Chen & Goodman (1998), An Empirical Study of Smoothing Techniques for Language
Modeling, TR-10-98.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from course_lib.models.ngram_counts import CountTable, adjusted_counts


@dataclass(frozen=True)
class Shares:
    """One order's part of the formula: kept (G,) per gram, passed (C,) per context."""

    kept: np.ndarray
    passed: np.ndarray


class Smoothing(Protocol):
    """A way to turn counts into probabilities. Counting is done once; this is cheap to change."""

    recursive: ClassVar[bool]  # p_below is the shorter context's; if not, it is the base

    def shares(self, tables: Sequence[CountTable]) -> list[Shares]:
        """The shares of orders 1, 2, ..."""
        ...

    def base(self, vocab_size: int) -> float:
        """p_below at the very bottom, for each token that can come next."""
        ...


@dataclass(frozen=True)
class AddK:
    """Pretend to have seen every word k times more after every context: (n + k) / (N + k V).

    V counts the tokens that can come next. k = 1 is Laplace's rule, any k Lidstone's.
    """

    k: float = 1.0
    recursive: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not self.k > 0:
            raise ValueError(f"k must be positive, got {self.k}; MLE() adds nothing")

    def shares(self, tables: Sequence[CountTable]) -> list[Shares]:
        added = self.k / self.base(tables[0].vocab_size)  # k V
        return [_share_out(tables, i, table.counts, added) for i, table in enumerate(tables)]

    def base(self, vocab_size: int) -> float:
        return 1 / n_predictable(vocab_size)


@dataclass(frozen=True)
class MLE:
    """Maximum likelihood: relative frequency n / N. What was never seen has probability 0."""

    recursive: ClassVar[bool] = False

    def shares(self, tables: Sequence[CountTable]) -> list[Shares]:
        return [_share_out(tables, i, table.counts, 0.0) for i, table in enumerate(tables)]

    def base(self, vocab_size: int) -> float:  # noqa: ARG002 (the other smoothings need it)
        return 0.0


@dataclass(frozen=True)
class KneserNey:
    """Interpolated Kneser-Ney with one discount for all orders (Kneser & Ney, 1995).

    With `uniform` the unigrams are discounted too, in favour of words never seen. Without it such
    words have probability 0, as in the two-line formula of most textbooks and in nltk.
    """

    discount: float = 0.75
    uniform: bool = True
    recursive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 < self.discount <= 1:
            raise ValueError(f"a discount must lie above 0 and not above 1, got {self.discount}")

    def shares(self, tables: Sequence[CountTable]) -> list[Shares]:
        discounts = np.array([0.0] + 3 * [self.discount])
        lowest = discounts if self.uniform else np.zeros(4)
        counts = adjusted_counts(tables)
        return [
            _discount(tables, i, counts[i], lowest if i == 0 else discounts)
            for i in range(len(tables))
        ]

    def base(self, vocab_size: int) -> float:
        return 1 / n_predictable(vocab_size)


@dataclass(frozen=True)
class ModifiedKneserNey:
    """Three discounts per order, for grams seen once, twice, and more (Chen & Goodman, 1998)."""

    recursive: ClassVar[bool] = True

    def shares(self, tables: Sequence[CountTable]) -> list[Shares]:
        return [
            _discount(tables, i, counts, estimate_discounts(counts))
            for i, counts in enumerate(adjusted_counts(tables))
        ]

    def base(self, vocab_size: int) -> float:
        return 1 / n_predictable(vocab_size)


SMOOTHINGS = {
    "mle": MLE,
    "add-k": AddK,
    "kneser-ney": KneserNey,
    "modified-kneser-ney": ModifiedKneserNey,
}


def n_predictable(vocab_size: int) -> int:
    """How many tokens can come next: all but <pad> and <s>."""
    return vocab_size - 2


def estimate_discounts(counts: np.ndarray) -> np.ndarray:
    """(G,) counts of one order's grams -> (4,) discounts of a count of 0, 1, 2, and 3 or more.

    Chen & Goodman (1998), equation 26: D_j = j - (j + 1) Y n_(j+1) / n_j, where n_j is the number
    of grams counted j times and Y = n_1 / (n_1 + 2 n_2). A text too small or too regular for that
    (some n_j is 0, or D_j falls outside 0 ... j) gets 0.5, 1, 1.5.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6)[:5].astype(float)
    if n[1:4].all():
        j = np.arange(1, 4)
        estimated = j - (j + 1) * n[1] / (n[1] + 2 * n[2]) * n[2:5] / n[1:4]
        if ((estimated >= 0) & (estimated <= j)).all():
            return np.concatenate([[0.0], estimated])
    return np.array([0.0, 0.5, 1.0, 1.5])


def _share_out(tables: Sequence[CountTable], i: int, counts: np.ndarray, added: float) -> Shares:
    """kept = count / (total + added), passed = added / (total + added), for tables[i]."""
    contexts, n_contexts = tables[i].contexts, _n_contexts(tables, i)
    total = np.bincount(contexts, weights=counts, minlength=n_contexts) + added
    divisor = np.where(total > 0, total, 1)
    return Shares(counts / divisor[contexts], np.where(total > 0, added / divisor, 1.0))


def _discount(
    tables: Sequence[CountTable], i: int, counts: np.ndarray, discounts: np.ndarray
) -> Shares:
    """kept = (count - discount) / total, passed = sum of discounts / total, for tables[i]."""
    contexts, n_contexts = tables[i].contexts, _n_contexts(tables, i)
    taken = discounts[np.minimum(counts, 3)]
    total = np.bincount(contexts, weights=counts, minlength=n_contexts)
    taken_of_all = np.bincount(contexts, weights=taken, minlength=n_contexts)
    divisor = np.where(total > 0, total, 1)
    passed = np.where(total > 0, taken_of_all / divisor, 1.0)
    return Shares((counts - taken) / divisor[contexts], passed)


def _n_contexts(tables: Sequence[CountTable], i: int) -> int:
    """How many contexts tables[i] can have: the grams below, or the empty one."""
    return len(tables[i - 1]) if i else 1
