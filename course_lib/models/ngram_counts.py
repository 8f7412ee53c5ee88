"""Counting n-grams with NumPy: one sorted table per order instead of a dictionary.

A gram of order k is stored as two numbers: which gram of order k - 1 its first k - 1 words are
(its *context*), and its last word. Both fit in one 64-bit integer whatever the order, because the
context is a row number and not k - 1 words written side by side.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from course_lib.text.packed import pack
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
        wanted = contexts * self.vocab_size + words  # below 0 where the context is -1
        # In sorted order neighbours are looked up one after the other, which spares the
        # processor's cache: twice as fast.
        by_key = np.argsort(wanted)
        wanted = wanted[by_key]
        found = np.minimum(np.searchsorted(self.keys, wanted), len(self) - 1)
        rows = np.empty(len(wanted), dtype=np.int64)
        rows[by_key] = np.where(self.keys[found] == wanted, found, -1)
        return rows

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

    Raises ValueError if a text holds <pad>, <s>, </s> or an id that is not in the vocabulary.
    """
    packed = pack(texts)
    words, lengths = packed.words, packed.lengths
    refused = (words < 0) | (words >= vocab_size)
    for i in (Vocab.pad_id, Vocab.start_id, Vocab.end_id):
        refused |= words == i
    if refused.any():
        raise ValueError(f"id {words[refused.argmax()]} cannot be a word: {vocab_size=}")
    ends = np.cumsum(lengths + 2) - 1
    row = np.empty(len(words) + 2 * len(lengths), dtype=np.int64)
    row[ends], row[ends - lengths - 1] = Vocab.end_id, Vocab.start_id
    is_word = np.ones(len(row), dtype=bool)
    is_word[ends] = is_word[ends - lengths - 1] = False
    row[is_word] = words
    return row


def count_tables(
    texts: Sequence[Tensor], order: int, vocab_size: int, n_at_once: int = 4_000_000
) -> list[CountTable]:
    """Count the grams of orders 1 to `order`; O(N log N) per order.

    No gram reaches back across <s>: at the beginning of a text there are only shorter ones. <s> is
    a context and never a prediction, so its own count is 0. About `n_at_once` words are unpacked
    at a time. Raises ValueError if there is no text, or as `stream` does.
    """
    if not len(texts):
        raise ValueError("no texts: an n-gram model needs at least one, which may be empty")
    packs = list(pack(texts).batches(n_at_once))
    seen = np.zeros(vocab_size, dtype=np.int64)
    for part in packs:
        seen += np.bincount(stream(part, vocab_size), minlength=vocab_size)
    seen[Vocab.start_id] = 0
    tables = [CountTable(np.arange(vocab_size), vocab_size, seen)]
    for _ in range(2, order + 1):
        keys, counts = _count_keys(_longer_keys(tables, stream(p, vocab_size)) for p in packs)
        tables.append(CountTable(keys, vocab_size, counts))
    return tables


def _longer_keys(tables: Sequence[GramTable], row: np.ndarray) -> np.ndarray:
    """(N,) keys of the grams one word longer than those of the last table, where they stand."""
    *_, (ends, _, rows) = find_grams(tables, row)
    if len(tables) == 1:  # <s> is a context, too, though no gram ends in it
        contexts = row[ends - 1]
    else:
        ends, contexts = one_longer(ends, rows)
    keys: np.ndarray = contexts * tables[0].vocab_size + row[ends]
    return keys


def _count_keys(parts: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Different keys (G,), sorted, of all parts together, and how often each occurs (G,).

    Parts wait until together they are as large as the whole, and are merged into it then: so each
    key is sorted a few times only, and what waits needs no more memory than what is kept.
    """
    merged: list[tuple[np.ndarray, np.ndarray]] = []  # the whole, then the parts that wait
    for part in parts:
        ordered = np.sort(part)
        first = np.flatnonzero(np.diff(ordered, prepend=-1))
        merged.append((ordered[first], np.diff(first, append=len(ordered))))
        if sum(len(keys) for keys, _ in merged[1:]) >= len(merged[0][0]):
            merged = [_merge(merged)]
    return _merge(merged)


def _merge(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Tables of keys and counts -> one such table; counts of equal keys are added up."""
    if len(parts) == 1:
        return parts[0]
    keys, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    by_key = np.argsort(keys, kind="stable")
    keys = keys[by_key]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.add.reduceat(counts[by_key], first)


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
    suffixes += [table.last_words for table in tables[1:2]]  # a word's row is its id
    for below, table in itertools.pairwise(tables[1:]):
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
