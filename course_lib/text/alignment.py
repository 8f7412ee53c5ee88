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
from course_lib.text.vocab import UNK, Vocab

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

    A token that is a part of a character's bytes has that character. Tokenizers that keep no spaces
    or capitals are searched for in the text; an unknown token has what is left between its
    neighbours.
    """
    tokens = tokenizer.tokens(text)
    parts = [tokenizer.token_bytes(token) for token in tokens]
    if UNK not in tokens and b"".join(parts) == text.encode():
        return list(_by_bytes(text, parts))
    return _by_search(text, tokens, parts)


def tokens_at(spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """First token and end of those that hold the characters start .. end - 1; spans of all tokens.

    The tokens may hold a little more. Raises CourseError if no token holds any of them.
    """
    found = [i for i, (first, last) in enumerate(spans) if first < end and start < last]
    if not found:
        message = _("characters {start} to {end} are in no token of the text: check the positions")
        raise CourseError(message.format(start=start, end=end))
    return found[0], found[-1] + 1


def _by_bytes(text: str, parts: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """The tokens' bytes are the text's: count along."""
    character_at = [i for i, character in enumerate(text) for _byte in character.encode()]
    place = 0
    for part in parts:
        here = character_at[place : place + len(part)]
        yield here[0], here[-1] + 1
        place += len(part)


def _by_search(text: str, tokens: Sequence[str], parts: Sequence[bytes]) -> list[tuple[int, int]]:
    """Look for one token after the other; what lies between goes to those that are not found."""
    plain = _folded(text)
    spans: list[tuple[int, int]] = []
    lost: list[int] = []  # tokens not found since the last one that was
    place = 0
    for token, part in zip(tokens, parts, strict=True):
        wanted = _folded(part.decode(errors="replace").strip())
        at = plain.find(wanted, place) if wanted and token != UNK else -1
        if at < 0:
            lost.append(len(spans))
            spans.append((place, place))
            continue
        _fill(spans, lost, text, place, at)
        place = at + len(wanted)
        spans.append((at, place))
        lost = []
    _fill(spans, lost, text, place, len(text))
    return spans


def _folded(text: str) -> str:
    """As many characters, all of them small and with straight apostrophes."""
    return "".join(low if len(low := c.lower()) == 1 else c for c in text).replace("’", "'")


def _fill(
    spans: list[tuple[int, int]], lost: Sequence[int], text: str, start: int, end: int
) -> None:
    """Give the lost tokens the characters between, without the spaces around them."""
    between = text[start:end]
    first = start + len(between) - len(between.lstrip())
    for token in lost:
        spans[token] = first, max(first, start + len(between.rstrip()))
