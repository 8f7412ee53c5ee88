"""Byte-pair encoding: join the most frequent pair of neighbours, again and again.

Source: Sennrich, Haddow & Birch (2016), after a compression method of Gage (1994).
"""

import functools
import heapq
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course_lib.text.pair_counts import Pair, PairCounts, Words, merge
from course_lib.text.splitting import split_words
from course_lib.text.tokenizer import BYTES, BaseTokenizer, checked
from course_lib.text.vocab import SPECIAL


def learn_merges(
    words: Words, letters: Sequence[str], n_merges: int, min_count: int = 2
) -> list[Pair]:
    """The pairs to join, first the most frequent one, then the most frequent one after that, ...

    Args:
        words: word, as its symbols -> how often it occurs.
        letters: all symbols in the order of their ids; of equally frequent pairs the one whose ids
            are smallest comes first, the first symbol's id before the second's.
        n_merges: how many pairs to join; fewer if no pair occurs `min_count` times any more.
    """
    counts = PairCounts(words)
    ids = {letter: i for i, letter in enumerate(letters)}
    heap = [(-n, ids[a], ids[b], (a, b)) for (a, b), n in counts.pairs.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    while heap and len(merges) < n_merges:
        minus_n, _a, _b, pair = heapq.heappop(heap)
        if -minus_n != counts.pairs[pair]:
            continue  # an older count: the newer one is in the heap, too
        if -minus_n < max(1, min_count):
            break
        merges.append(pair)
        ids.setdefault("".join(pair), len(ids))
        for a, b in counts.merge(pair, "".join(pair)):
            if counts.pairs[a, b] > 0:
                heapq.heappush(heap, (-counts.pairs[a, b], ids[a], ids[b], (a, b)))
    return merges


def apply_merges(symbols: Sequence[str], ranks: Mapping[Pair, int]) -> list[str]:
    """A word's symbols, joined as they were in training: always the pair learnt first."""
    symbols = list(symbols)
    while len(symbols) > 1:
        pair = min(itertools.pairwise(symbols), key=lambda pair: ranks.get(pair, math.inf))
        if pair not in ranks:
            break
        symbols = merge(symbols, pair, "".join(pair))
    return symbols


class BPETokenizer(BaseTokenizer):
    """Characters, joined by the merges that were learnt. Unknown characters become bytes or <unk>.

    The ids after the special tokens and bytes: the alphabet, then a token per merge, in order.
    With bytes, every text comes back exactly. Japanese, too, is made of characters here: a merge
    joins what stands together often, up to the next sign of punctuation.
    """

    kind = "bpe"

    def __init__(
        self,
        letters: Sequence[str],
        merges: Sequence[Pair],
        special: Sequence[str] = (),
        byte_fallback: bool = True,
    ) -> None:
        self.letters, self.merges = list(letters), [(a, b) for a, b in merges]
        pieces = self.letters + products(self.letters, self.merges)
        super().__init__(pieces, special, byte_fallback)
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        self.split_word = functools.lru_cache(maxsize=100_000)(self._split_word)

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        vocab_size: int,
        special: Sequence[str] = (),
        byte_fallback: bool = True,
        min_count: int = 2,
        min_letter_count: int = 1,
    ) -> "BPETokenizer":
        """Learn merges until there are `vocab_size` tokens, special ones and bytes included.

        min_count: a pair must occur so often to be joined. min_letter_count: a character must occur
        so often to be in the alphabet; at the others a word is cut. Raises ValueError if the
        alphabet alone is larger than `vocab_size`.
        """
        counts = count_words(texts)
        letters = frequent_letters(counts, min_letter_count)
        n_fixed = len(SPECIAL) + len(special) + (len(BYTES) if byte_fallback else 0)
        n_merges = n_merges_for(vocab_size, n_fixed + len(letters))
        merges = learn_merges(known_parts(counts, letters), letters, n_merges, min_count)
        return cls(letters, merges, special, byte_fallback)

    def split(self, text: str) -> list[str]:
        return [token for word in split_words(text) for token in self.split_word(word)]

    def _split_word(self, word: str) -> list[str]:
        known = ([c] if c in self.known else self.fallback(c) for c in word)
        return apply_merges(list(itertools.chain(*known)), self.ranks)

    def settings(self) -> dict[str, Any]:
        return {"letters": self.letters, "merges": [list(pair) for pair in self.merges]}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "BPETokenizer":
        """The tokenizer that `to_settings` described. Raises KeyError, ValueError for another."""
        s = settings
        return cls(s["letters"], s["merges"], s["special"], s["byte_fallback"])


def products(letters: Sequence[str], merges: Sequence[Pair]) -> list[str]:
    """The token that each merge makes. Raises ValueError if one joins what was not there yet."""
    known = set(letters)
    for pair in merges:
        if not known.issuperset(pair):
            raise ValueError(f"the merge {pair} joins tokens that do not exist")
        known.add("".join(pair))
    return ["".join(pair) for pair in merges]


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word of `split_words` occurs."""
    return Counter(itertools.chain.from_iterable(map(split_words, checked(texts))))


def frequent_letters(counts: Mapping[str, int], min_count: int) -> list[str]:
    """The characters of counted words that occur at least `min_count` times, sorted."""
    letters: Counter[str] = Counter()
    for word, n in counts.items():
        for letter in word:
            letters[letter] += n
    return sorted(letter for letter, n in letters.items() if n >= min_count)


def known_parts(counts: Mapping[str, int], letters: Iterable[str]) -> Counter[str]:
    """Counted words, cut where a character is not in the alphabet; nothing is learnt across it."""
    known = set(letters)
    parts: Counter[str] = Counter()
    for word, n in counts.items():
        for is_known, run in itertools.groupby(word, known.__contains__):
            if is_known:
                parts["".join(run)] += n
    return parts


def n_merges_for(vocab_size: int, n_others: int) -> int:
    """How many merges fill the vocabulary. Raises ValueError if there is no room for the others."""
    if vocab_size < n_others:
        raise ValueError(f"{vocab_size=} is less than the {n_others} tokens needed before merges")
    return vocab_size - n_others
