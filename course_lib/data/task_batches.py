"""Labelled texts in batches, for models that read a whole text and answer.

Letters in shapes: B batch, T tokens, K numbers known with a text.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.data.batching import IGNORED, PAD_ID
from course_lib.data.lengths import cut, of_like_length


class Example(NamedTuple):
    """One text as a model reads it, special tokens included, and the right answer to it.

    target: a label () int64; a score () float; a label for each token (T,) int64, -100 where there
    is none to predict; or the answer's first and last place (2,) int64, 0 and 0 for no answer.
    None where the answer is not known.
    """

    ids: Tensor  # (T,) int64
    segment_ids: Tensor  # (T,) int64: 0 for the first text of a pair, 1 for the second
    target: Tensor | None = None
    may_answer: Tensor | None = None  # (T,) bool: the places where an answer may start and end
    numbers: Tensor | None = None  # (K,) float


class TextBatch(NamedTuple):
    """What a model is given: texts of like length, padded on the right."""

    ids: Tensor  # (B, T) int64
    segment_ids: Tensor  # (B, T) int64
    may_answer: Tensor | None = None  # (B, T) bool
    numbers: Tensor | None = None  # (B, K) float

    def to(self, device: torch.device) -> "TextBatch":
        """The same on another device."""
        may_answer = None if self.may_answer is None else self.may_answer.to(device)
        numbers = None if self.numbers is None else self.numbers.to(device)
        return TextBatch(self.ids.to(device), self.segment_ids.to(device), may_answer, numbers)


def task_batches(
    examples: Sequence[Example], n_tokens: int, rng: torch.Generator, pad_id: int = PAD_ID
) -> Iterator[tuple[TextBatch, Tensor]]:
    """Endless (batch, targets); each pass visits every example once, in a new order.

    Texts of like length share a batch, so that little is padded; B * T <= n_tokens, or B = 1.
    Targets are stacked: (B,), (B, 2), or (B, T) with -100 beside padding. Raises ValueError if
    there are no examples, or if one has no target.
    """
    if not examples:
        raise ValueError("there are no examples to make batches of")
    if any(example.target is None for example in examples):
        raise ValueError("an example without a target can be answered, but not learnt from")
    lengths = [(len(example.ids),) for example in examples]
    for rows in of_like_length(lengths, n_tokens, rng):
        chosen = [examples[i] for i in rows]
        yield padded(chosen, pad_id), _targets(chosen)


def in_order(
    read: Callable[[TextBatch], Tensor],
    examples: Sequence[Example],
    n_tokens: int,
    pad_id: int = PAD_ID,
) -> list[Tensor]:
    """What `read` answers to each example, in the order given; no chance, one pass.

    read: from a batch to a tensor with one row per text, such as a model. Where a row has something
    for each token, it also has it for the padding behind the text: cut at `len(example.ids)`.
    """
    lengths = [(len(example.ids),) for example in examples]
    order = sorted(range(len(examples)), key=lengths.__getitem__)
    found: dict[int, Tensor] = {}
    for rows in cut(order, lengths, n_tokens) if order else ():
        found |= zip(rows, read(padded([examples[i] for i in rows], pad_id)), strict=True)
    return [found[i] for i in range(len(examples))]


def padded(examples: Sequence[Example], pad_id: int = PAD_ID) -> TextBatch:
    """Examples as one batch. Raises ValueError if only some have numbers or places to answer."""
    return TextBatch(
        pad_sequence([example.ids for example in examples], True, pad_id),
        pad_sequence([example.segment_ids for example in examples], True, 0),
        _joined([example.may_answer for example in examples]),
        _joined([example.numbers for example in examples]),
    )


def _joined(rows: Sequence[Tensor | None]) -> Tensor | None:
    """The rows padded with 0 (False), or None if none has any."""
    present = [row for row in rows if row is not None]
    if not present:
        return None
    if len(present) < len(rows):
        raise ValueError("some examples of a batch lack what others have")
    return pad_sequence(present, batch_first=True)


def _targets(examples: Sequence[Example]) -> Tensor:
    targets = [example.target for example in examples if example.target is not None]
    if targets[0].dim() == 0:
        return torch.stack(targets)
    return pad_sequence(targets, batch_first=True, padding_value=IGNORED)
