"""Every task as texts that a language model can read, as GPT-1 did it.

    classification   <s> text <e>
    entailment       <s> premise $ hypothesis <e>
    similarity       <s> one $ other <e>      and      <s> other $ one <e>
    multiple choice  <s> context $ option <e>, once for each option

`$` (delimiter) and `<e>` (extract) are new words, unknown to the pre-trained model. Source: Radford
et al. (2018), section 3.3 and figure 1.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.text.vocab import Vocab

DELIMITER, EXTRACT = "<$>", "<e>"


class GPTMarks(NamedTuple):
    """Ids of the marks, and the most tokens that a text may have, marks included."""

    start_id: int
    delimiter_id: int
    extract_id: int
    context_length: int

    @classmethod
    def of(cls, vocab: Vocab, context_length: int) -> "GPTMarks":
        """Raises ValueError if the vocabulary lacks them: see `with_marks`."""
        missing = [mark for mark in (DELIMITER, EXTRACT) if mark not in vocab]
        if missing:
            raise ValueError(f"the vocabulary lacks {', '.join(missing)}")
        return cls(vocab.start_id, vocab.ids[DELIMITER], vocab.ids[EXTRACT], context_length)


def with_marks(vocab: Vocab, words: Iterable[str] = ()) -> Vocab:
    """A vocabulary with the same ids, and behind them the marks and such `words` as it lacked."""
    new = dict.fromkeys((DELIMITER, EXTRACT, *words))
    return Vocab([*vocab.words[len(Vocab([])) :], *(word for word in new if word not in vocab)])


def single(text: Tensor, marks: GPTMarks) -> list[Tensor]:
    """Classification: one text of T ids -> [(T + 2,)]."""
    return [_checked([marks.start_id], text, [marks.extract_id], marks=marks)]


def pair(first: Tensor, second: Tensor, marks: GPTMarks) -> list[Tensor]:
    """Entailment: premise and hypothesis, whose order matters, in one text."""
    delimiter, extract = [marks.delimiter_id], [marks.extract_id]
    return [_checked([marks.start_id], first, delimiter, second, extract, marks=marks)]


def both_orders(first: Tensor, second: Tensor, marks: GPTMarks) -> list[Tensor]:
    """Similarity: neither of two texts comes first, so each does once."""
    return [*pair(first, second, marks), *pair(second, first, marks)]


def choices(context: Tensor, options: Sequence[Tensor], marks: GPTMarks) -> list[Tensor]:
    """Multiple choice: the context with each option in turn."""
    return [text for option in options for text in pair(context, option, marks)]


def _checked(*parts: Tensor | list[int], marks: GPTMarks) -> Tensor:
    """The parts in a row. Raises CourseError if they are too long: nothing is cut off silently."""
    row = torch.cat([torch.as_tensor(part, dtype=torch.long) for part in parts])
    if len(row) > marks.context_length:
        message = _(
            "a text of {n} tokens, marks included, is too long: the model reads {most};"
            " shorten it, or leave it out"
        )
        raise CourseError(message.format(n=len(row), most=marks.context_length))
    return row
