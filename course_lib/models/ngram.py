"""The n-gram model: the next word depends on the n - 1 words before it, and on nothing else."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from torch import Tensor

from course_lib.models.ngram_base import TableModel
from course_lib.models.ngram_counts import (
    CountTable,
    context_rows,
    count_tables,
    find_grams,
    spell,
    take,
)
from course_lib.models.ngram_smoothing import SMOOTHINGS, Shares, Smoothing
from course_lib.text.vocab import Vocab


def count_ngrams(tokens: Sequence[str], n: int) -> dict[tuple[str, ...], Counter[str]]:
    """For each context of n - 1 tokens, how often each token came next."""
    counts: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for i in range(n - 1, len(tokens)):
        counts[tuple(tokens[i - n + 1 : i])][tokens[i]] += 1
    return dict(counts)


class NGramModel(TableModel):
    """Counts of word sequences, smoothed into probabilities.

    `order` is the n of n-gram, at least 1. `smoothing` is an object, say `AddK(0.1)`, or the name
    of one with its default numbers: "mle", "add-k", "kneser-ney", "modified-kneser-ney". Raises
    ValueError if there is no such order or smoothing.
    """

    def __init__(self, order: int, smoothing: str | Smoothing = "kneser-ney") -> None:
        if order < 1:
            raise ValueError(f"the order must be at least 1, got {order}")
        if isinstance(smoothing, str) and smoothing not in SMOOTHINGS:
            raise ValueError(f"no smoothing {smoothing!r}; there are {', '.join(SMOOTHINGS)}")
        self.order = order
        self.smoothing = SMOOTHINGS[smoothing]() if isinstance(smoothing, str) else smoothing
        self.tables: list[CountTable] = []
        self.shares: list[Shares] = []

    def fit(self, texts: Sequence[Tensor], vocab_size: int) -> "NGramModel":
        """Count the texts, each (T,) ids without <s> and </s>; returns the model itself.

        Raises ValueError if there is no text or an id that is no word of the vocabulary.
        """
        self.tables = count_tables(texts, self.order, vocab_size)
        self.shares = self.smoothing.shares(self.tables)
        return self

    @classmethod
    def from_tables(cls, tables: list[CountTable], smoothing: str | Smoothing) -> "NGramModel":
        """A model of counts made before, one table per order."""
        model = cls(len(tables), smoothing)
        model.tables, model.shares = tables, model.smoothing.shares(tables)
        return model

    def with_smoothing(self, smoothing: str | Smoothing) -> "NGramModel":
        """The same counts, smoothed in another way; nothing is counted again."""
        return NGramModel.from_tables(self.tables, smoothing)

    @property
    def n_parameters(self) -> int:
        """How many numbers are stored: one count per n-gram seen, of every order up to this one."""
        return sum(int((table.counts > 0).sum()) for table in self.tables)

    def counts(self, order: int) -> dict[tuple[int, ...], int]:
        """Every gram of that order, as word ids, with how often it was seen."""
        spelled = spell(self.tables, order).tolist()
        counts = self.tables[order - 1].counts.tolist()
        return {tuple(gram): n for gram, n in zip(spelled, counts, strict=True) if n}

    def _score(self, row: np.ndarray) -> np.ndarray:
        base = self.smoothing.base(self.vocab_size)
        p = np.full(len(row), base)
        grams = find_grams(self.tables, row)
        for (ends, contexts, rows), share in zip(grams, self.shares, strict=True):
            below = p[ends] if self.smoothing.recursive else base
            p[ends] = take(share.kept, rows, 0.0) + take(share.passed, contexts, 1.0) * below
        return _log(p)

    def _log_distribution(self, context: list[int]) -> np.ndarray:
        base = np.full(self.vocab_size, self.smoothing.base(self.vocab_size))
        base[[Vocab.pad_id, Vocab.start_id]] = 0.0
        p = base
        rows = context_rows(self.tables, context)
        for table, share, row in zip(self.tables, self.shares, rows, strict=False):
            below = p if self.smoothing.recursive else base
            passed = share.passed[row] if row >= 0 else 1.0
            p = passed * below
            following = table.following(row)
            p[table.last_words[following]] += share.kept[following]
        return _log(p)


def _log(p: np.ndarray) -> np.ndarray:
    """Natural logarithms; log 0 = -inf is meant, and no reason for a warning."""
    with np.errstate(divide="ignore"):
        logs: np.ndarray = np.log(p)
    return logs
