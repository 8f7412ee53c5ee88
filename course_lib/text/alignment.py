"""Which pieces a word became, and which characters a piece stands for.

Letters in shapes: N pieces of a text.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import WAYS

NO_TARGET = -100  # F.cross_entropy leaves such targets out


class Pieces(NamedTuple):
    """Words as ids: piece i is a part of word number word_of[i]. Every word has at least one."""

    ids: Tensor  # (N,) int64
    word_of: Tensor  # (N,) int64

    @property
    def is_first(self) -> Tensor:
        """(N,) bool: whether a piece begins its word. The first piece speaks for the word."""
        return self.word_of != torch.cat([torch.tensor([-1]), self.word_of[:-1]])


def pieces_of(words: Sequence[str], encode: Callable[[str], Tensor]) -> Pieces:
    """Words -> pieces. `encode`: one word -> its ids, such as `lambda w: vocab.encode([w])`.

    A word of which nothing is left, such as an empty one, becomes <unk>, so that none is lost.
    """
    unknown = torch.tensor([Vocab.unk_id])
    parts = [found if len(found := encode(word)) else unknown for word in words]
    sizes = torch.tensor([len(part) for part in parts], dtype=torch.long)
    ids = torch.cat([torch.empty(0, dtype=torch.long), *parts])
    return Pieces(ids, torch.arange(len(words)).repeat_interleave(sizes))


def tag_targets(pieces: Pieces, labels: Sequence[int]) -> Tensor:
    """(N,) int64: each word's label at its first piece, -100 at its others.

    Raises CourseError unless there is one label for each word.
    """
    n_words = int(pieces.word_of[-1]) + 1 if len(pieces.ids) else 0
    if len(labels) != n_words:
        message = _("{n_words} words, but {n_tags} tags: each word needs exactly one")
        raise CourseError(message.format(n_words=n_words, n_tags=len(labels)))
    of_words = torch.tensor(labels, dtype=torch.long)
    return of_words[pieces.word_of].masked_fill(~pieces.is_first, NO_TARGET)


def token_spans(text: str, tokenizer: Tokenizer) -> list[tuple[int, int]]:
    """For each token of `tokenizer.tokens(text)` its characters: start and end in the text.

    A token that is a part of a character's bytes has that character. Where a token is not what is
    written (unknown, or in small letters) it has all characters of its word. Raises CourseError if
    a word is nowhere in the text, because Unicode writes it in another way.
    """
    plain, place_of = _folded(text)
    spans: list[tuple[int, int]] = []
    place = 0
    for word in WAYS[getattr(tokenizer, "split_by", "pieces")](text):
        wanted = _folded(word)[0]
        start = plain.find(wanted, place)
        if start < 0:
            message = _("{word!r} is not found in its text: bring the text to Unicode's form NFC")
            raise CourseError(message.format(word=word))
        place = start + len(wanted)
        spans += _in_word(
            text, place_of[start], place_of[place - 1] + 1, tokenizer.tokens(word), tokenizer
        )
    return spans


def tokens_at(spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """First token and end of those that hold the characters start .. end - 1; spans of all tokens.

    The tokens may hold a little more. Raises CourseError if no token holds any of them.
    """
    found = [i for i, (first, last) in enumerate(spans) if first < end and start < last]
    if not found:
        message = _("characters {start} to {end} are in no token of the text: check the positions")
        raise CourseError(message.format(start=start, end=end))
    return found[0], found[-1] + 1


def _in_word(
    text: str, start: int, end: int, tokens: Sequence[str], tokenizer: Tokenizer
) -> Iterator[tuple[int, int]]:
    """The characters of one word's tokens: counted along if their bytes are the word's."""
    parts = [tokenizer.token_bytes(token) for token in tokens]
    word = text[start:end]
    if b"".join(parts) != word.encode():
        yield from [(start, end)] * len(tokens)
        return
    place_of = [i for i, c in enumerate(word, start) for _byte in c.encode()]
    done = 0
    for part in parts:
        yield place_of[done], place_of[done + len(part) - 1] + 1
        done += len(part)


def _folded(text: str) -> tuple[str, list[int]]:
    """In small letters, with straight apostrophes; and where each character stood.

    Letter by letter, for the small form of one may be two (İ), or depend on its neighbours (Σ).
    """
    parts = [c.lower().replace("’", "'").replace("ς", "σ") for c in text]
    return "".join(parts), [i for i, part in enumerate(parts) for _c in part]
