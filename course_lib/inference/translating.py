"""Targets for many sources at once."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.inference.beam import beam_search
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

    sources: (S,) ids each; those of like length are read together, so that little is padded. Or
    pictures, for a captioner. A target ends where the model's context does.
    """
    written = [torch.empty(0, dtype=torch.long)] * len(sources)
    for chosen, source in _batches(sources, batch_size):
        given, start = _asked(model, source)
        ids = generate(given, start, _reach(given, n_new), choose, Vocab.end_id)
        for i, row in zip(chosen, cut_at_end(ids[:, 1:], Vocab.end_id), strict=True):
            written[i] = row[row != Vocab.pad_id]
    return written


def translate_best(
    model: ConditionalModel,
    sources: Sequence[Tensor],
    n_new: int,
    n_beams: int = 5,
    length_penalty: float = 1.0,
    batch_size: int = 64,
) -> list[Tensor]:
    """The same by beam search: the best target found for each source, in the order given.

    The arguments are those of `translate` and `beam_search`; the beams of up to `batch_size`
    sources are followed at once.
    """
    written = [torch.empty(0, dtype=torch.long)] * len(sources)
    for chosen, source in _batches(sources, batch_size):
        given, start = _asked(model, source)
        reach = _reach(given, n_new)
        found = beam_search(given, start, reach, n_beams, Vocab.end_id, length_penalty)
        for i, hypotheses in zip(chosen, found, strict=True):
            best = hypotheses[0].ids
            written[i] = best[best != Vocab.end_id]  # which is its last, or cut off
    return written


def _batches(sources: Sequence[Tensor], batch_size: int) -> Iterator[tuple[list[int], Tensor]]:
    """Places in `sources` with the sources there, (B, S), those of like length together."""
    by_length = torch.tensor([len(source) for source in sources]).argsort(stable=True)
    for batch in by_length.split(batch_size) if sources else ():
        chosen = batch.tolist()
        yield chosen, pad_sequence([sources[i] for i in chosen], True, Vocab.pad_id)


def _asked(model: ConditionalModel, source: Tensor) -> tuple[LanguageModel, Tensor]:
    """The model of these sources' targets, and their beginnings: <s>, (B, 1)."""
    start = source.new_full((len(source), 1), Vocab.start_id, dtype=torch.long)
    return model.given(source), start


def _reach(given: LanguageModel, n_new: int) -> int:
    """At most as many tokens as the model reads: <s> counts, but the last is not read again."""
    limit: int | None = getattr(given, "context_length", None)
    return n_new if limit is None else min(n_new, limit)
