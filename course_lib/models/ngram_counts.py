"""Counting n-grams with NumPy: one sorted table per order instead of a dictionary.

A gram of order k is stored as two numbers: which gram of order k - 1 its first k - 1 words are
(its *context*), and its last word. Both fit in one 64-bit integer whatever the order, because the
context is a row number and not k - 1 words written side by side.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from course_lib.text.vocab import Vocab


@dataclass(frozen=True)
class GramTable:
    """All grams of one order, sorted by context, then by last word.

    `keys` (G,) int64: context * vocab_size + last word. Row numbers are the contexts of the next
    order's table. The table of order 1 has one row per word of the vocabulary, seen or not, so a
    word's row is its id.
    """

    keys: np.ndarray
    vocab_size: int

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def contexts(self) -> np.ndarray:
        """(G,) row of each gram's first k - 1 words in the table of the order below."""
        return self.keys // self.vocab_size

    @property
    def last_words(self) -> np.ndarray:
        """(G,) id of each gram's last word."""
        return self.keys % self.vocab_size

    def find(self, contexts: np.ndarray, words: np.ndarray) -> np.ndarray:
        """(N,) contexts, (N,) last words -> (N,) rows; -1 for a gram that was never seen.

        A context of -1 stands for one that was itself never seen.
        """
        if not len(self):
            return np.full(len(words), -1)
        wanted = contexts * self.vocab_size + words
        rows = np.minimum(np.searchsorted(self.keys, wanted), len(self) - 1)
        return np.where((contexts >= 0) & (self.keys[rows] == wanted), rows, -1)

    def following(self, context: int) -> slice:
        """The rows of all grams that begin with `context`, side by side; none for -1."""
        first, end = np.searchsorted(self.keys, np.array([context, context + 1]) * self.vocab_size)
        return slice(int(first), int(end))


@dataclass(frozen=True)
class CountTable(GramTable):
    """Grams and how often each was seen: `counts` (G,) int64, in the order of `keys`."""

    counts: np.ndarray


def stream(texts: Sequence[Tensor], vocab_size: int) -> np.ndarray:
    """All texts in one row, each between <s> and </s>: (N + 2 * number of texts,) int64.

    Raises ValueError if there is no text, or if a text holds <pad>, <s>, </s> or an id that is not
    in the vocabulary.
    """
    if not len(texts):
        raise ValueError("no texts: an n-gram model needs at least one, which may be empty")
    lengths = np.array([len(text) for text in texts])
    words = torch.cat([*texts, torch.zeros(0, dtype=torch.long)]).cpu().numpy()
    refused = (words < 0) | (words >= vocab_size)
    refused |= np.isin(words, (Vocab.pad_id, Vocab.start_id, Vocab.end_id))
    if refused.any():
        raise ValueError(f"id {words[refused.argmax()]} cannot be a word: {vocab_size=}")
    ends = np.cumsum(lengths + 2) - 1
    row = np.empty(len(words) + 2 * len(lengths), dtype=np.int64)
    row[ends], row[ends - lengths - 1] = Vocab.end_id, Vocab.start_id
    is_word = np.ones(len(row), dtype=bool)
    is_word[ends] = is_word[ends - lengths - 1] = False
    row[is_word] = words
    return row


def count_tables(row: np.ndarray, order: int, vocab_size: int) -> list[CountTable]:
    """Count the grams of orders 1 to `order` in a row made by `stream`; O(N log N) per order.

    No gram reaches back across <s>: at the beginning of a text there are only shorter ones. <s> is
    a context and never a prediction, so its own count is 0.
    """
    ends = np.flatnonzero(row != Vocab.start_id)  # where grams end
    seen = np.bincount(row[ends], minlength=vocab_size).astype(np.int64)
    tables = [CountTable(np.arange(vocab_size), vocab_size, seen)]
    contexts = row[ends - 1]
    for _ in range(2, order + 1):
        keys, rows, counts = np.unique(
            contexts * vocab_size + row[ends], return_inverse=True, return_counts=True
        )
        tables.append(CountTable(keys, vocab_size, counts.astype(np.int64)))
        ends, contexts = one_longer(ends, rows)
    return tables


def one_longer(ends: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where grams one word longer end, and the row numbers of their contexts.

    ends (N,) places where a gram ends, rows (N,) which gram it is. A longer one ends where another
    gram ended one place before.
    """
    longer = np.flatnonzero(np.diff(ends) == 1) + 1
    return ends[longer], rows[longer - 1]


def find_grams(
    tables: Sequence[GramTable], row: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each order: places (N,) where its grams end, their contexts (N,) and their rows (N,).

    -1 stands for a context or a gram that was never counted. At order 1 the context is row 0, the
    empty gram, and the places are all but those of <s>.
    """
    ends = np.flatnonzero(row != Vocab.start_id)
    yield ends, np.zeros_like(ends), row[ends]
    contexts = row[ends - 1]
    for table in tables[1:]:
        rows = table.find(contexts, row[ends])
        yield ends, contexts, rows
        ends, contexts = one_longer(ends, rows)


def context_rows(tables: Sequence[GramTable], context: Sequence[int]) -> list[int]:
    """Rows of the contexts of length 0, 1, ...: the last words of `context`; -1 if never seen."""
    rows = [0]
    for length in range(1, min(len(context), len(tables) - 1) + 1):
        first, *others = context[-length:]
        row = np.array([first])
        for table, word in zip(tables[1:], others, strict=False):
            row = table.find(row, np.array([word]))
        rows.append(int(row[0]))
    return rows


def spell(tables: Sequence[GramTable], order: int) -> np.ndarray:
    """(G, order) word ids of every gram of one order, in the order of its table."""
    table = tables[order - 1]
    if order == 1:
        return table.last_words[:, None]
    return np.column_stack([spell(tables, order - 1)[table.contexts], table.last_words])


def suffix_rows(tables: Sequence[GramTable]) -> list[np.ndarray]:
    """For each order, (G,) the row, one order below, of each gram without its first word.

    That gram was seen wherever the longer one was, so every row is found. At order 1 it is row 0,
    the empty gram.
    """
    suffixes = [np.zeros(len(tables[0]), dtype=np.int64)]
    for below, table in itertools.pairwise(tables):
        suffixes.append(below.find(suffixes[-1][table.contexts], table.last_words))
    return suffixes


def adjusted_counts(tables: Sequence[CountTable]) -> list[np.ndarray]:
    """What Kneser-Ney counts: below the highest order, the number of different words seen before.

    A gram that begins with <s> has nothing before it and keeps its own count, as in KenLM (Heafield
    et al., 2013). One (G,) array per order.
    """
    begins = np.arange(len(tables[0])) == Vocab.start_id  # does the gram begin with <s>?
    adjusted = []
    for below, table, suffixes in zip(tables, tables[1:], suffix_rows(tables)[1:], strict=False):
        n_before = np.bincount(suffixes, minlength=len(below))
        adjusted.append(np.where(begins, below.counts, n_before))
        begins = begins[table.contexts]
    return [*adjusted, tables[-1].counts]


def take(values: np.ndarray, rows: np.ndarray, missing: float) -> np.ndarray:
    """values[rows], and `missing` where the row is -1."""
    if not len(values):
        return np.full(len(rows), missing)
    return np.where(rows >= 0, values[rows], missing)
