"""WordPiece: pieces that begin a word, and pieces, written with ##, that continue one.

Sources: Schuster & Nakajima (2012), Japanese and Korean voice search; Devlin et al. (2019), BERT.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course_lib.text.bpe import count_words, frequent_letters, known_parts, n_merges_for
from course_lib.text.pair_counts import PairCounts, Words
from course_lib.text.splitting import split_words
from course_lib.text.tokenizer import BYTES, BaseTokenizer
from course_lib.text.vocab import SPECIAL, UNK

MARK = "##"
LONGEST_WORD = 100  # characters; BERT, too, calls a longer one unknown


def mark(word: str) -> tuple[str, ...]:
    """The letters of a word as pieces: " bank" -> (" b", "##a", "##n", "##k").

    The space before a word goes with its first letter; alone, it would be the most frequent piece
    of all and score low with everything.
    """
    first = word[:2] if word.startswith(" ") else word[:1]
    return (first, *(MARK + c for c in word[len(first) :]))


def unmarked(piece: str) -> str:
    """The letters of a piece."""
    return piece.removeprefix(MARK)


def learn_pieces(
    words: Words, letters: Sequence[str], n_pieces: int, min_count: int = 2
) -> list[str]:
    """New pieces, each the join of the two neighbours with the highest score.

    score(a, b) = count(ab) / (count(a) * count(b)): how much more often the two stand together than
    their own counts explain. Joining them raises the likelihood of the text under a unigram model
    the most per occurrence. Equal scores: the pair whose pieces have the smallest ids.

    Args: as in `bpe.learn_merges`; the symbols carry their ##.
    """
    counts = PairCounts(words)
    ids = {letter: i for i, letter in enumerate(letters)}
    pieces: list[str] = []
    while len(pieces) < n_pieces:
        scored = (
            (n / (counts.symbols[a] * counts.symbols[b]), -ids[a], -ids[b], (a, b))
            for (a, b), n in counts.pairs.items()
            if n >= min_count
        )
        best = max(scored, default=None)
        if best is None:
            break
        a, b = best[-1]
        joined = a + unmarked(b)
        if joined not in ids:
            ids[joined] = len(ids)
            pieces.append(joined)
        counts.merge((a, b), joined)
    return pieces


def longest_pieces(word: str, known: frozenset[str], longest: int) -> list[str | None]:
    """A word from left to right, each time the longest piece that fits.

    None stands where no piece fits, for one character. `longest`: characters of the longest piece.
    """
    found: list[str | None] = []
    start = 0
    while start < len(word):
        prefix = MARK if start else ""
        ends = range(min(len(word), start + longest), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in known), None)
        found.append(None if end is None else prefix + word[start:end])
        start = start + 1 if end is None else end
    return found


class WordPieceTokenizer(BaseTokenizer):
    """The longest piece that fits, from left to right; training needs no merges afterwards.

    With `byte_fallback` a character for which there is no piece becomes bytes, and every text comes
    back exactly. Without, the whole word becomes <unk>, as in BERT. A # is always a byte: it could
    be mistaken for the mark. Words are those of `split_words`, so pieces keep the space before a
    word; Japanese words should be split before (BERT uses a morphological analyser), or else every
    run of characters up to a sign is one word.

    The ids after the special tokens and bytes: ## and each letter, each letter, longer pieces.
    """

    kind = "wordpiece"

    def __init__(
        self, pieces: Iterable[str], special: Sequence[str] = (), byte_fallback: bool = True
    ) -> None:
        super().__init__(pieces, special, byte_fallback)
        self.longest = max((len(unmarked(piece)) for piece in self.pieces), default=0)
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
    ) -> "WordPieceTokenizer":
        """Learn pieces until there are `vocab_size` tokens, special ones and bytes included.

        The score favours rare pairs that never part, so `min_count` matters more than in BPE.
        Raises ValueError if the alphabet alone is larger than `vocab_size`.
        """
        counts = count_words(texts)
        letters = marked_alphabet(frequent_letters(counts, min_letter_count))
        words = {mark(word): n for word, n in known_parts(counts, letters).items()}
        letters += sorted({word[0] for word in words} - {*letters})  # " b", " s", ...
        n_fixed = len(SPECIAL) + len(special) + (len(BYTES) if byte_fallback else 0)
        n_pieces = n_merges_for(vocab_size, n_fixed + len(letters))
        learnt = learn_pieces(words, letters, n_pieces, min_count)
        return cls([*letters, *learnt], special, byte_fallback)

    def split(self, text: str) -> list[str]:
        return [token for word in split_words(text) for token in self.split_word(word)]

    def _split_word(self, word: str) -> list[str]:
        pieces = longest_pieces(word, self.known, self.longest)
        if not self.byte_fallback and (None in pieces or len(word) > LONGEST_WORD):
            return [UNK]
        place, tokens = 0, []
        for piece in pieces:
            n = 1 if piece is None else len(unmarked(piece))
            tokens += self.fallback(word[place]) if piece is None else [piece]
            place += n
        return tokens

    def token_bytes(self, token: str) -> bytes:
        return super().token_bytes(unmarked(token))

    def settings(self) -> dict[str, Any]:
        return {"pieces": self.pieces}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "WordPieceTokenizer":
        """The tokenizer that `to_settings` described. Raises KeyError, ValueError for another."""
        return cls(settings["pieces"], settings["special"], settings["byte_fallback"])


def marked_alphabet(letters: Iterable[str]) -> list[str]:
    """Every letter but # in both its forms: those that continue a word, then those that begin one.

    "##" at the beginning of a piece always is the mark, because # itself is in none.
    """
    plain = [letter for letter in letters if letter not in MARK]
    return [MARK + letter for letter in plain] + plain
