"""Recurrent language models: one vector of memory, carried from word to word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from course_lib.models.scoring import score_texts, without_never_next
from course_lib.text.vocab import Vocab

CELLS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig:
    """Shape of a recurrent language model. Raises ValueError if it makes no sense."""

    vocab_size: int
    d_embedding: int = 64
    d_hidden: int = 192
    n_layers: int = 1
    cell: str = "lstm"  # or gru or rnn
    dropout: float = 0.0  # on what goes into each layer and into the output

    def __post_init__(self) -> None:
        if self.vocab_size <= Vocab.end_id:
            raise ValueError(f"{self.vocab_size=} has no room for the four special words")
        if min(self.d_embedding, self.d_hidden, self.n_layers) < 1:
            raise ValueError(f"{self} needs sizes of at least 1")
        if self.cell not in CELLS:
            raise ValueError(f"{self.cell=} is not one of {', '.join(CELLS)}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"{self.dropout=} must be from 0 to below 1")


@dataclass(frozen=True)
class RecurrentState:
    """All a recurrent model knows of what it has read: h, and for an LSTM c; (L, B, H) each."""

    parts: tuple[Tensor, ...]

    def rows(self, index: Tensor) -> "RecurrentState":
        """(B',) row numbers -> the state of these rows, in this order."""
        return RecurrentState(tuple(part[:, index] for part in self.parts))


class RecurrentLM(nn.Module):
    """Embedding, recurrent layers, linear scores: one vector of memory per layer.

    Source: Mikolov et al. (2010); with LSTM cells, Sundermeyer et al. (2012).
    """

    context_length = None  # it reads on for ever

    def __init__(self, cfg: RecurrentConfig, rng: torch.Generator | None = None) -> None:
        super().__init__()
        self.cfg = cfg
        self.embedding = nn.Embedding(cfg.vocab_size, cfg.d_embedding)
        self.dropout = nn.Dropout(cfg.dropout)
        self.recurrent = CELLS[cfg.cell](
            cfg.d_embedding,
            cfg.d_hidden,
            cfg.n_layers,
            batch_first=True,
            dropout=cfg.dropout if cfg.n_layers > 1 else 0.0,  # torch's is between layers
        )
        self.head = nn.Linear(cfg.d_hidden, cfg.vocab_size)
        self.start(rng)

    def start(self, rng: torch.Generator | None = None) -> None:
        """Random weights as torch's modules have them; but an LSTM begins by remembering.

        A forget gate near 1 lets gradients pass from the start: Jozefowicz et al. (2015). The
        first scores are nearly equal, so the loss starts near ln V.
        """
        nn.init.normal_(self.embedding.weight, generator=rng)
        limit = self.cfg.d_hidden**-0.5
        for weight in (*self.recurrent.parameters(), self.head.weight):
            nn.init.uniform_(weight, -limit, limit, generator=rng)
        nn.init.zeros_(self.head.bias)
        if self.cfg.cell == "lstm":
            for layer in range(self.cfg.n_layers):
                bias = getattr(self.recurrent, f"bias_ih_l{layer}")
                nn.init.ones_(bias[self.cfg.d_hidden : 2 * self.cfg.d_hidden])  # forget gates

    def set_unigram(self, counts: Tensor) -> None:
        """Start from the words' frequencies: bias = log frequency. (V,) counts of each id.

        Nothing then has to be learnt about which words are rare. An id never seen counts as half
        a time.
        """
        smoothed = counts.to(self.head.bias).clamp(min=0.5)
        with torch.no_grad():
            self.head.bias.copy_((smoothed / smoothed.sum()).log())

    def hidden(self, ids: Tensor) -> Tensor:
        """(B, T) ids -> (B, T, H): the last layer's h after each id, <pad> on the left skipped."""
        n_skipped = _leading_pads(ids)
        x = self.dropout(self.embedding(_move_left(ids, n_skipped)))  # (B, T, D)
        hidden, _state = self.recurrent(x)
        return _move_left(hidden, -n_skipped)

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) ids -> (B, T, V) logits; row t is the guess at the id after the first t + 1.

        <pad> on the left changes nothing, nor does <pad> on the right; there, the logits of pads
        themselves mean nothing.
        """
        logits: Tensor = self.head(self.dropout(self.hidden(ids)))
        return logits

    @torch.no_grad()
    def read(
        self, ids: Tensor, state: RecurrentState | None = None
    ) -> tuple[Tensor, RecurrentState]:
        """(B, T) ids -> (B, V) scores of the next one, and the state to read on from.

        <pad> on the left is skipped where a text begins, that is without a state. Raises
        ValueError if there is nothing to read.
        """
        self.eval()
        if ids.size(1) == 0:
            raise ValueError("there is no id to read")
        if state is None:
            last = self.recurrent(self._packed(ids))[1]
        else:
            before = state.parts if self.cfg.cell == "lstm" else state.parts[0]
            last = self.recurrent(self.embedding(ids), before)[1]
        parts = last if isinstance(last, tuple) else (last,)
        return without_never_next(self.head(parts[0][-1])), RecurrentState(parts)

    def _packed(self, ids: Tensor) -> Tensor | PackedSequence:
        """Vectors of the ids; rows with <pad> on their left become shorter, so as to end in time.

        torch's modules give the state after the last vector of each packed row.
        """
        n_skipped = _leading_pads(ids)
        x: Tensor = self.embedding(_move_left(ids, n_skipped))
        if not n_skipped.any():
            return x
        lengths = (ids.size(1) - n_skipped).cpu()
        return pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)

    def next_logits(self, ids: Tensor) -> Tensor:
        """(B, T) ids that begin with <s> -> (B, V) scores of the next id."""
        return self.read(ids)[0]

    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """For a text of T ids, (T + 1,) log p(id | ids before) in nats, that of </s> last."""
        return score_texts(self.eval(), texts, self.head.weight.device)


def _leading_pads(ids: Tensor) -> Tensor:
    """(B, T) -> (B,): how many <pad> stand before the first other id."""
    return (ids != Vocab.pad_id).int().argmax(dim=1)


def _move_left(rows: Tensor, n: Tensor) -> Tensor:
    """Turn each row n places to the left; what falls off comes in again on the right.

    (B, T, ...), (B,) -> (B, T, ...). A negative n turns it back.
    """
    if not n.any():
        return rows
    places = (torch.arange(rows.size(1), device=rows.device) + n[:, None]) % rows.size(1)
    return rows[torch.arange(len(rows), device=rows.device)[:, None], places]
