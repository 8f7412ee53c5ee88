"""Targets for many sources at once."""

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.inference.decoding import cut_at_end, generate, greedy
from course_lib.models.language_model import LanguageModel
from course_lib.text.vocab import Vocab


class ConditionalModel(Protocol):
    """A model of targets that is asked about some sources."""

    def given(self, source: Tensor) -> LanguageModel:
        """(B, S) sources, padded on the right -> p(target | source), row by row."""
        ...


def translate(
    model: ConditionalModel,
    sources: Sequence[Tensor],
    n_new: int,
    choose: Callable[[Tensor], Tensor] = greedy,
    batch_size: int = 256,
) -> list[Tensor]:
    """A target of at most `n_new` tokens for each source, without <s> and </s>, in their order.

    sources: (S,) ids each. Those of like length are read together, so that little is padded.
    """
    written = [torch.empty(0, dtype=torch.long)] * len(sources)
    by_length = torch.tensor([len(source) for source in sources]).argsort(stable=True)
    for batch in by_length.split(batch_size) if sources else ():
        chosen = batch.tolist()
        source = pad_sequence([sources[i] for i in chosen], True, Vocab.pad_id)
        start = torch.full_like(source[:, :1], Vocab.start_id)
        ids = generate(model.given(source), start, n_new, choose, Vocab.end_id)
        for i, row in zip(chosen, cut_at_end(ids[:, 1:], Vocab.end_id), strict=True):
            written[i] = row[row != Vocab.pad_id]
    return written
