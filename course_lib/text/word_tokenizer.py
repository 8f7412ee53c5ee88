"""The two simplest tokenizers: a token is a word, or a token is a character."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course_lib.text.splitting import split_words
from course_lib.text.tokenizer import BYTES, BaseTokenizer, checked
from course_lib.text.vocab import SPECIAL, Vocab
from course_lib.text.words import SPLITTERS

WAYS = {"pieces": split_words, **SPLITTERS}


class WordTokenizer(BaseTokenizer):
    """A token is a word; unknown words become bytes, or <unk> without `byte_fallback`.

    split_by: how words are found. With "pieces" (`split_words`) every space is kept, and with bytes
    every text comes back exactly. The others, see `text.words`, drop white space and, some of them,
    capitals: what comes back is readable, but not the same. Raises ValueError for another name.
    """

    kind = "word"

    def __init__(
        self,
        pieces: Iterable[str],
        special: Sequence[str] = (),
        byte_fallback: bool = True,
        split_by: str = "pieces",
    ) -> None:
        super().__init__(pieces, special, byte_fallback)
        if split_by not in WAYS:
            raise ValueError(f"words cannot be found by {split_by!r}, but by {', '.join(WAYS)}")
        self.split_by = split_by

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        vocab_size: int | None = None,
        special: Sequence[str] = (),
        byte_fallback: bool = True,
        split_by: str = "pieces",
        min_count: int = 1,
    ) -> "WordTokenizer":
        """The most frequent words; `vocab_size` counts bytes and special tokens, too."""
        n_fixed = len(special) + (len(BYTES) if byte_fallback else 0)
        size = None if vocab_size is None else vocab_size - n_fixed
        vocab = Vocab.from_texts(map(WAYS[split_by], checked(texts)), min_count, size)
        words = [word for word in vocab.words[len(SPECIAL) :] if word not in special]
        return cls(words, special, byte_fallback, split_by)

    def split(self, text: str) -> list[str]:
        found: list[str] = []
        for word in WAYS[self.split_by](text):
            found += [word] if word in self.known else self.fallback(word)
        return found

    def join(self, tokens: Sequence[str]) -> str:
        return " ".join(tokens) if self.split_by in ("words", "spaces") else super().join(tokens)

    def settings(self) -> dict[str, Any]:
        return {"pieces": self.pieces, "split_by": self.split_by}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "WordTokenizer":
        """The tokenizer that `to_settings` described. Raises KeyError, ValueError for another."""
        s = settings
        return cls(s["pieces"], s["special"], s["byte_fallback"], s["split_by"])


def words_of(vocab: Vocab, split: str = "spaces") -> WordTokenizer:
    """The tokenizer that splits text and knows the words of the vocabulary, under their ids."""
    return WordTokenizer(vocab.words[len(SPECIAL) :], byte_fallback=False, split_by=split)


class CharacterTokenizer(BaseTokenizer):
    """A token is a character, spaces and line ends included; unknown ones become bytes or <unk>."""

    kind = "character"

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        special: Sequence[str] = (),
        byte_fallback: bool = True,
        min_count: int = 1,
    ) -> "CharacterTokenizer":
        """The characters that occur at least `min_count` times, in the order of Unicode."""
        return cls(alphabet(texts, min_count), special, byte_fallback)

    def split(self, text: str) -> list[str]:
        found: list[str] = []
        for character in text:
            found += [character] if character in self.known else self.fallback(character)
        return found

    def settings(self) -> dict[str, Any]:
        return {"pieces": self.pieces}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "CharacterTokenizer":
        """The tokenizer that `to_settings` described. Raises KeyError, ValueError for another."""
        return cls(settings["pieces"], settings["special"], settings["byte_fallback"])


def alphabet(texts: Iterable[str], min_count: int = 1) -> list[str]:
    """The characters that occur at least `min_count` times, in the order of Unicode."""
    counts = Counter(itertools.chain.from_iterable(checked(texts)))
    return sorted(character for character, n in counts.items() if n >= min_count)
