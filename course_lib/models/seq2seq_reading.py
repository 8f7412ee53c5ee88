"""A language model of the target that knows its source: what `generate` and beam search need."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.models.scoring import without_never_next
from course_lib.models.seq2seq_encoder import Memory
from course_lib.text.vocab import Vocab

if TYPE_CHECKING:
    from course_lib.models.seq2seq import Seq2Seq


class DecoderState(NamedTuple):
    """What a decoder carries from one step to the next; the memory never changes."""

    hidden: Tensor  # (B, D)
    memory: Memory

    def rows(self, index: Tensor) -> "DecoderState":
        """The rows in another order, or some of them twice: (B',) -> B' rows."""
        return DecoderState(self.hidden[index], self.memory.rows(index))


class Conditioned:
    """p(target | source), one source per row of ids; a single source serves any number of rows."""

    context_length = None  # it reads on for ever

    def __init__(self, model: "Seq2Seq", source: Tensor) -> None:
        self.model = model
        with torch.no_grad():
            self.memory = model.eval().encoder(source)

    def first_state(self, n_rows: int) -> DecoderState:
        """The state before <s>. Raises ValueError if there is not one source per row."""
        memory = self.memory
        if len(memory.summary) == 1:
            memory = memory.rows(torch.zeros(n_rows, dtype=torch.long))
        if len(memory.summary) != n_rows:
            raise ValueError(f"{n_rows} rows of ids for {len(memory.summary)} sources")
        return DecoderState(memory.summary, memory)

    @torch.no_grad()
    def read(self, ids: Tensor, state: DecoderState | None = None) -> tuple[Tensor, DecoderState]:
        """(B, T) ids -> (B, V) logits of the token that comes next, and the state behind them.

        Without a state the rows begin with <s>, and leading <pad> are passed over.
        """
        state = self.first_state(len(ids)) if state is None else state
        n_pad = (ids != Vocab.pad_id).int().argmax(dim=1)  # (B,) leading <pad>
        # Left padding becomes right padding, which a causal network does not see in time.
        moved = (torch.arange(ids.size(1), device=ids.device) + n_pad[:, None]) % ids.size(1)
        model = self.model.eval()
        states, _ = model.decode(state.memory, ids.gather(1, moved), state.hidden)
        last = states[torch.arange(len(ids)), ids.size(1) - 1 - n_pad]  # (B, D)
        logits = model.logits(last[:, None], state.memory)[:, 0]  # (B, V)
        return without_never_next(logits), DecoderState(last, state.memory)

    def next_logits(self, ids: Tensor) -> Tensor:
        """(B, T) -> (B, V), as every language model of the course."""
        return self.read(ids)[0]

    @torch.no_grad()
    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """(T + 1,) natural logarithms for each target, its </s> last; float64 on the CPU."""
        state = self.first_state(len(texts))
        start, end = torch.tensor([Vocab.start_id]), torch.tensor([Vocab.end_id])
        rows = [torch.cat([start, text.cpu(), end]) for text in texts]
        ids = pad_sequence(rows, batch_first=True).to(state.hidden.device)  # <pad> is 0
        states, _ = self.model.eval().decode(state.memory, ids[:, :-1], state.hidden)
        logits = without_never_next(self.model.logits(states, state.memory)).double()
        log_probs = logits.log_softmax(dim=-1).gather(-1, ids[:, 1:, None]).squeeze(-1).cpu()
        return [row[: len(text) + 1] for row, text in zip(log_probs, texts, strict=True)]
