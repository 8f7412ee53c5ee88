"""Sources of an encoder-decoder that can do several things: a mark in front says what to write."""

from collections.abc import Sequence

from torch import Tensor

from course_lib.text.vocab import Vocab

TO_JAPANESE, TO_ENGLISH, HEADLINE = "<ja>", "<en>", "<headline>"
ASKED = (TO_JAPANESE, TO_ENGLISH, HEADLINE)


def translation_source(vocab: Vocab, asked: str, words: Sequence[str]) -> Tensor:
    """`<ja> he swam .` as ids: (S,). Raises ValueError for a mark that is not one of ASKED."""
    if asked not in ASKED:
        raise ValueError(f"{asked!r} is none of {ASKED}")
    return vocab.encode([asked, *words])
