"""Which two neighbours occur how often, kept up to date while neighbours are joined."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

Pair = tuple[str, str]
Words = Mapping[str, int] | Mapping[tuple[str, ...], int]  # a word's symbols -> how often it occurs


def merge(symbols: Sequence[str], pair: Pair, joined: str) -> list[str]:
    """Replace the pair by `joined` wherever it stands, from left to right: aaa -> aa, a."""
    merged: list[str] = []
    i = 0
    while i < len(symbols):
        found = tuple(symbols[i : i + 2]) == pair
        merged.append(joined if found else symbols[i])
        i += 2 if found else 1
    return merged


class PairCounts:
    """Words as lists of symbols, each with its count, and the counts of all pairs of neighbours.

    After a merge only the words in which the pair stood are looked at again: that is what makes
    training quick. Counting everything again gives the same numbers.

    pairs: pair -> how often it stands in the text. symbols: symbol -> how often it does.
    """

    def __init__(self, words: Words) -> None:
        self.words = [list(word) for word in words]
        self.n_times = list(words.values())
        self.pairs: Counter[Pair] = Counter()
        self.symbols: Counter[str] = Counter()
        self.places: defaultdict[Pair, set[int]] = defaultdict(set)  # pair -> numbers of words
        for i, (word, n) in enumerate(zip(self.words, self.n_times, strict=True)):
            for symbol in word:
                self.symbols[symbol] += n
            self._change(i, [], word)

    def merge(self, pair: Pair, joined: str) -> set[Pair]:
        """Join the pair in all words; returns the pairs whose counts have changed."""
        changed: set[Pair] = set()
        for i in sorted(self.places[pair]):
            before, after = self.words[i], merge(self.words[i], pair, joined)
            self.words[i] = after
            n = self.n_times[i] * (len(before) - len(after))
            self.symbols[joined] += n
            for symbol in pair:
                self.symbols[symbol] -= n
            changed |= self._change(i, before, after)
        return changed

    def _change(self, i: int, before: Sequence[str], after: Sequence[str]) -> set[Pair]:
        """Word i had one list of symbols and has another: adjust the counts of its pairs."""
        there = Counter(itertools.pairwise(after))
        differences = there.copy()
        differences.subtract(itertools.pairwise(before))
        changed = {pair for pair, n in differences.items() if n}
        for pair in changed:
            self.pairs[pair] += differences[pair] * self.n_times[i]
            if pair in there:
                self.places[pair].add(i)
            else:
                self.places[pair].discard(i)
            if not self.pairs[pair]:
                del self.pairs[pair], self.places[pair]
        return changed
