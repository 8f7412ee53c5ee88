"""How texts become ids for a model: by words, or by a tokenizer's pieces."""

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from course_lib.text.marks import Marks
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.vocab import Vocab


class Encoding(NamedTuple):
    """What it takes to make inputs for a model of texts.

    encode: a text -> (N,) ids without marks; the text is words or a string, as the maker says.
    encode_word: one word inside a text -> its ids.
    max_length: tokens, marks included, that the model reads at once.
    """

    encode: Callable[[Any], Tensor]
    encode_word: Callable[[str], Tensor]
    marks: Marks
    max_length: int


def word_encoding(vocab: Vocab, max_length: int) -> Encoding:
    """For texts that are lists of words. Raises ValueError if the vocabulary lacks the marks."""
    return Encoding(vocab.encode, lambda word: vocab.encode([word]), Marks.of(vocab), max_length)


def piece_encoding(tokenizer: Tokenizer, max_length: int, space: str = " ") -> Encoding:
    """For texts that are strings, and words that stand with a `space` before them ("" in Japanese).

    Raises ValueError if the tokenizer was not made with the marks as special tokens.
    """
    marks = Marks.of(tokenizer.vocab)
    return Encoding(
        tokenizer.encode, lambda word: tokenizer.encode(space + word), marks, max_length
    )
