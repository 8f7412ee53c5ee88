"""A text that grows token by token under a model's eyes, at the least cost the model allows."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.models.language_model import LanguageModel, ReadingModel
from course_lib.text.vocab import Vocab


def pad_left(rows: Sequence[Tensor]) -> Tensor:
    """B rows of ids of unequal lengths, each beginning with <s> -> (B, T), <pad> to their left.

    So the last column holds every row's last token, and all rows go on from there together.
    """
    return pad_sequence(list(rows), True, Vocab.pad_id, padding_side="left")


class Reader:
    """B texts that a model is reading; `logits` (B, V) always score what may follow each.

    A model with a memory reads every token once. When a text outgrows its context, the window
    slides: the last `context_length` tokens are read afresh for each new one, because positions
    count from the window's first token. Any other model is given the whole text each time.

    Args:
        ids: (B, T) the beginnings, T >= 1; unequal ones padded by `pad_left`.
    """

    def __init__(self, model: LanguageModel, ids: Tensor) -> None:
        if ids.dim() != 2 or ids.size(1) == 0:
            raise ValueError(f"ids must be (B, T) with T >= 1, got {tuple(ids.shape)}")
        self.model, self.ids = model, ids
        # Asked only once: to look at a protocol takes longer than a step of a small model.
        self.memory: ReadingModel[Any] | None = model if isinstance(model, ReadingModel) else None
        self.limit = self.memory.context_length if self.memory else None
        self.state: Any = None
        self.logits = self._read(ids)

    def append(self, tokens: Tensor) -> None:
        """Read one more token in each row: (B, 1)."""
        self.ids = torch.cat([self.ids, tokens], dim=1)
        self.logits = self._read(tokens)

    def select(self, index: Tensor) -> None:
        """Go on with rows `index` (B',) only: chosen, put into another order, or repeated."""
        self.ids, self.logits = self.ids[index], self.logits[index]
        if self.state is not None:
            self.state = self.state.rows(index)

    def _read(self, new: Tensor) -> Tensor:
        if self.memory is None:
            return _without_padding(self.model, self.ids)
        if self.limit is not None and self.ids.size(1) > self.limit:
            self.state = None
            return self.memory.read(self.ids[:, -self.limit :])[0]
        logits, self.state = self.memory.read(new, self.state)
        return logits


def _without_padding(model: LanguageModel, ids: Tensor) -> Tensor:
    """`next_logits` of a model that knows nothing of padding: rows of one length at a time."""
    n_padding = (ids != Vocab.pad_id).int().argmax(dim=1)
    if not n_padding.any():
        return model.next_logits(ids)
    lengths = n_padding.unique().tolist()
    groups = [(n_padding == n).nonzero()[:, 0] for n in lengths]
    parts = [model.next_logits(ids[group, n:]) for n, group in zip(lengths, groups, strict=True)]
    return torch.cat(parts)[torch.cat(groups).argsort()]
