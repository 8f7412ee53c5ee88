"""A language model of the target that knows its source: what `generate` and beam search need."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.models.attention import KeysValues
from course_lib.models.cache import Cache
from course_lib.models.scoring import NEVER_NEXT, without_never_next
from course_lib.text.vocab import Vocab

if TYPE_CHECKING:
    from course_lib.models.encoder_decoder import EncoderDecoder


class Source(NamedTuple):
    """What is written from, ready to be looked at; it never changes while a target grows."""

    kept: list[KeysValues]  # of each decoder block, (B, H, S, K) twice
    mask: Tensor | None  # (B, 1, 1, S)

    def of(self, origins: Tensor) -> "Source":
        """The source of each row, given its number (B',); groups of equal size share one.

        So the beams of a source, which stand together, need no copies of it.
        """
        chosen, sizes = torch.unique_consecutive(origins, return_counts=True)
        chosen = chosen if (sizes == sizes[:1]).all() else origins
        if torch.equal(chosen, torch.arange(len(self.kept[0][0]), device=chosen.device)):
            return self
        kept = [(k.index_select(0, chosen), v.index_select(0, chosen)) for k, v in self.kept]
        return Source(kept, None if self.mask is None else self.mask[chosen])


class TranslatorState(NamedTuple):
    """What was written so far, and which source each row is written from."""

    cache: Cache
    source: Source  # a row for each row, or for each group of rows that stand together
    origins: Tensor  # (B,) the number of each row's source in `sources`
    sources: Source  # as first given

    def rows(self, index: Tensor) -> "TranslatorState":
        """The state of rows `index` (B',): chosen, put into another order, or repeated."""
        origins = self.origins[index]
        same = torch.equal(origins, self.origins)
        source = self.source if same else self.sources.of(origins)
        return TranslatorState(self.cache.rows(index), source, origins, self.sources)


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

    def _origins(self, n_rows: int) -> Tensor:
        """(n_rows,) The source of each row. Raises ValueError if there is not one per row."""
        keys = self.source.kept[0][0]
        if len(keys) not in (1, n_rows):
            raise ValueError(f"{n_rows} rows of ids for {len(keys)} sources")
        return torch.arange(n_rows, device=keys.device) % len(keys)

    @torch.no_grad()
    def read(
        self, ids: Tensor, state: TranslatorState | None = None
    ) -> tuple[Tensor, TranslatorState]:
        """(B, T) ids -> (B, V) logits of the token that comes next, and the state behind them.

        Without a state the rows begin with <s>, and leading <pad> are passed over.
        """
        if state is None:
            origins = self._origins(len(ids))
            empty = Cache.empty(self.model.cfg, ids, self.source.kept[0][0])
            state = TranslatorState(empty, self.source.of(origins), origins, self.source)
        cache = state.cache.before(ids.size(1))
        if cache.n_read > self.context_length:
            raise ValueError(f"{cache.n_read} tokens, but {self.context_length=}")
        hidden = self.model.continued(ids, state.source.kept, state.source.mask, cache)
        logits = self.model.logits(hidden[:, -1])
        logits[:, NEVER_NEXT] = -torch.inf
        return logits, state._replace(cache=cache)

    def next_logits(self, ids: Tensor) -> Tensor:
        """(B, T) -> (B, V), as every language model of the course."""
        return self.read(ids)[0]

    @torch.no_grad()
    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """(T + 1,) natural logarithms for each target, its </s> last; float64 on the CPU."""
        source = self.source.of(self._origins(len(texts)))
        device = source.kept[0][0].device
        start, end = torch.tensor([Vocab.start_id]), torch.tensor([Vocab.end_id])
        rows = [torch.cat([start, text.cpu(), end]) for text in texts]
        ids = pad_sequence(rows, batch_first=True, padding_value=Vocab.pad_id).to(device)
        cache = Cache.empty(self.model.cfg, ids, source.kept[0][0]).before(ids.size(1) - 1)
        hidden = self.model.continued(ids[:, :-1], source.kept, source.mask, cache)
        logits = without_never_next(self.model.logits(hidden)).double()
        log_probs = logits.log_softmax(dim=-1).gather(-1, ids[:, 1:, None]).squeeze(-1).cpu()
        return [row[: len(text) + 1] for row, text in zip(log_probs, texts, strict=True)]
