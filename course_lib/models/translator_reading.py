"""A language model of the target that knows its source: what `generate` and beam search need."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.models.attention import KeysValues
from course_lib.models.cache import Cache
from course_lib.models.scoring import without_never_next
from course_lib.text.vocab import Vocab

if TYPE_CHECKING:
    from course_lib.models.encoder_decoder import EncoderDecoder


class Source(NamedTuple):
    """What is written from, ready to be looked at; it never changes while a target grows."""

    kept: list[KeysValues]  # of each decoder block, (B, H, S, K) twice
    mask: Tensor | None  # (B, 1, 1, S)

    def rows(self, index: Tensor) -> "Source":
        """The sources of rows `index` (B',): chosen, put into another order, or repeated."""
        kept = [(k.index_select(0, index), v.index_select(0, index)) for k, v in self.kept]
        return Source(kept, None if self.mask is None else self.mask[index])


class TranslatorState(NamedTuple):
    """What was written so far, and which source each row is written from."""

    cache: Cache
    source: Source
    origins: Tensor  # (B,) the number of each row's source among those first given

    def rows(self, index: Tensor) -> "TranslatorState":
        """The state of rows `index` (B',): chosen, put into another order, or repeated."""
        origins = self.origins[index]
        # Beams change places among themselves, but not their source: nothing need be copied then.
        same = torch.equal(origins, self.origins)
        source = self.source if same else self.source.rows(index)
        return TranslatorState(self.cache.rows(index), source, origins)


class TranslatorReader:
    """p(target | source), one source per row of ids; a single source serves any number of rows."""

    def __init__(self, model: "EncoderDecoder", source: Tensor) -> None:
        self.model = model.eval()
        with torch.no_grad():
            memory = self.model.encode(source)
            self.source = Source(self.model.keys_values(memory), memory.mask)

    @property
    def context_length(self) -> int:
        return self.model.context_length

    def _source_of(self, n_rows: int) -> Source:
        """Raises ValueError if there is not one source per row."""
        n_sources = len(self.source.kept[0][0])
        if n_sources == 1 and n_rows > 1:
            return self.source.rows(torch.zeros(n_rows, dtype=torch.long))
        if n_sources != n_rows:
            raise ValueError(f"{n_rows} rows of ids for {n_sources} sources")
        return self.source

    @torch.no_grad()
    def read(
        self, ids: Tensor, state: TranslatorState | None = None
    ) -> tuple[Tensor, TranslatorState]:
        """(B, T) ids -> (B, V) logits of the token that comes next, and the state behind them.

        Without a state the rows begin with <s>, and leading <pad> are passed over.
        """
        if state is None:
            empty = Cache.empty(self.model.cfg, ids, self.source.kept[0][0])
            origins = torch.arange(len(ids), device=ids.device)
            state = TranslatorState(empty, self._source_of(len(ids)), origins)
        cache = state.cache.before(ids.size(1))
        if cache.n_read > self.context_length:
            raise ValueError(f"{cache.n_read} tokens, but {self.context_length=}")
        hidden = self.model.continued(ids, state.source.kept, state.source.mask, cache)
        logits = without_never_next(self.model.logits(hidden[:, -1]))
        return logits, TranslatorState(cache, state.source, state.origins)

    def next_logits(self, ids: Tensor) -> Tensor:
        """(B, T) -> (B, V), as every language model of the course."""
        return self.read(ids)[0]

    @torch.no_grad()
    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """(T + 1,) natural logarithms for each target, its </s> last; float64 on the CPU."""
        source = self._source_of(len(texts))
        device = source.kept[0][0].device
        start, end = torch.tensor([Vocab.start_id]), torch.tensor([Vocab.end_id])
        rows = [torch.cat([start, text.cpu(), end]) for text in texts]
        ids = pad_sequence(rows, batch_first=True, padding_value=Vocab.pad_id).to(device)
        cache = Cache.empty(self.model.cfg, ids, source.kept[0][0]).before(ids.size(1) - 1)
        hidden = self.model.continued(ids[:, :-1], source.kept, source.mask, cache)
        logits = without_never_next(self.model.logits(hidden)).double()
        log_probs = logits.log_softmax(dim=-1).gather(-1, ids[:, 1:, None]).squeeze(-1).cpu()
        return [row[: len(text) + 1] for row, text in zip(log_probs, texts, strict=True)]
