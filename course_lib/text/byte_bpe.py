"""Byte-level BPE, the tokenizer of GPT-2: 256 bytes are the whole alphabet.

Source: Radford et al. (2019), Language models are unsupervised multitask learners.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course_lib.text.bpe import apply_merges, count_words, learn_merges, n_merges_for, products
from course_lib.text.pair_counts import Pair
from course_lib.text.splitting import split_words
from course_lib.text.tokenizer import BaseTokenizer
from course_lib.text.vocab import SPECIAL

# Each byte is shown as one character: itself if it can be seen, else one from U+0100 upwards. So a
# space is written Ġ, and a line end Ċ.
VISIBLE = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
HIDDEN = [byte for byte in range(256) if byte not in VISIBLE]
LETTER_OF = {b: chr(b) if b in VISIBLE else chr(256 + HIDDEN.index(b)) for b in range(256)}
BYTE_OF_LETTER = {letter: byte for byte, letter in LETTER_OF.items()}
LETTERS = sorted(BYTE_OF_LETTER)  # the order of GPT-2's own ids


def byte_letters(text: str) -> str:
    """A text as the letters of its bytes: " é" -> "ĠÃ©"."""
    return "".join(LETTER_OF[byte] for byte in text.encode())


class ByteBPETokenizer(BaseTokenizer):
    """BPE on bytes: nothing is unknown, and every text comes back exactly.

    A token may be a part of a character only: one Japanese character is three bytes. The ids after
    the special tokens: 256 letters for the bytes, then a token per merge.
    """

    kind = "byte-bpe"

    def __init__(self, merges: Sequence[Pair], special: Sequence[str] = ()) -> None:
        self.merges = [(a, b) for a, b in merges]
        pieces = LETTERS + products(LETTERS, self.merges)
        super().__init__(pieces, special, byte_fallback=False)
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        self.split_word = functools.lru_cache(maxsize=100_000)(self._split_word)

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        vocab_size: int,
        special: Sequence[str] = (),
        min_count: int = 2,
    ) -> "ByteBPETokenizer":
        """Learn merges until there are `vocab_size` tokens, special ones and bytes included.

        min_count: a pair must occur so often to be joined. Raises ValueError if `vocab_size` is too
        small for the bytes.
        """
        n_merges = n_merges_for(vocab_size, len(SPECIAL) + len(special) + len(LETTERS))
        words = {byte_letters(word): n for word, n in count_words(texts).items()}
        return cls(learn_merges(words, LETTERS, n_merges, min_count), special)

    def split(self, text: str) -> list[str]:
        return [token for word in split_words(text) for token in self.split_word(word)]

    def _split_word(self, word: str) -> list[str]:
        return apply_merges(byte_letters(word), self.ranks)

    def token_bytes(self, token: str) -> bytes:
        ordinary = token in self.known
        return bytes(BYTE_OF_LETTER[c] for c in token) if ordinary else token.encode()

    def settings(self) -> dict[str, Any]:
        return {"merges": [list(pair) for pair in self.merges]}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "ByteBPETokenizer":
        """The tokenizer that `to_settings` described. Raises KeyError, ValueError for another."""
        return cls(settings["merges"], settings["special"])
