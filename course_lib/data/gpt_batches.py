"""Batches for GPT-1's heads: examples of C texts each, all of which end with `<e>`.

Letters: B examples, C texts of each, T tokens. An example is its texts and its target.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.data.batching import PAD_ID
from course_lib.data.lengths import cut, of_like_length

Example = tuple[Sequence[Tensor], float]


class GPTBatch(NamedTuple):
    """Some examples; `places` says where in each text its last token stands, `<e>`."""

    ids: Tensor  # (B, C, T), padded on the right
    places: Tensor  # (B, C)
    targets: Tensor  # (B,): labels as int64, or scores as float32


def gpt_batches(
    examples: Sequence[Example], n_tokens: int, rng: torch.Generator
) -> Iterator[GPTBatch]:
    """Endless batches; each pass visits every example once, in a new order.

    Examples of like length share a batch. B * C * T <= n_tokens, or B = 1. Raises ValueError if
    there is no example, or if they differ in their number of texts.
    """
    lengths = _lengths(examples)
    for batch in of_like_length(lengths, n_tokens, rng):
        yield collate([examples[i] for i in batch])


def in_order(examples: Sequence[Example], n_tokens: int) -> Iterator[tuple[list[int], GPTBatch]]:
    """Every example once, from short to long, without chance: their numbers, and the batch."""
    lengths = _lengths(examples)
    for batch in cut(sorted(range(len(examples)), key=lengths.__getitem__), lengths, n_tokens):
        yield batch, collate([examples[i] for i in batch])


def collate(examples: Sequence[Example]) -> GPTBatch:
    """One batch of all examples. A target that is an int is a label, any other a score."""
    rows = [text for texts, _target in examples for text in texts]
    shape = (len(examples), len(examples[0][0]))
    ids = pad_sequence(rows, batch_first=True, padding_value=PAD_ID)
    places = torch.tensor([len(row) - 1 for row in rows])
    targets = torch.tensor([target for _texts, target in examples])
    return GPTBatch(ids.unflatten(0, shape), places.view(shape), targets)


def _lengths(examples: Sequence[Example]) -> list[tuple[int, ...]]:
    """Of each example its longest text, times the number of texts: what it takes in a batch."""
    counts = {len(texts) for texts, _target in examples}
    if len(counts) != 1 or counts == {0}:
        raise ValueError(f"need examples, all with equally many texts, found {sorted(counts)}")
    return [(max(map(len, texts)) * len(texts),) for texts, _target in examples]
