"""The reading half of sequence to sequence: tokens in, one vector for each and one for all out."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_lib.text.vocab import Vocab


@dataclass(frozen=True, kw_only=True)
class Seq2SeqConfig:
    """Shape of an encoder and a decoder. Raises ValueError if the numbers make no sense."""

    source_size: int  # words of the language that is read
    target_size: int  # words of the language that is written
    d_model: int = 128
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if min(self.source_size, self.target_size) < 4:
            raise ValueError(f"{self} needs at least the four special words on each side")
        if self.d_model < 2 or self.d_model % 2:
            raise ValueError(f"{self.d_model=} must be even: half of it reads in each direction")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"{self.dropout=} must be from 0 to below 1")


class Memory(NamedTuple):
    """What the encoder leaves behind. A row per source."""

    summary: Tensor  # (B, D) the one vector z*: both directions' last states
    states: Tensor  # (B, S, D) one vector per source token; 0 beyond a source's end
    mask: Tensor  # (B, S) True where there is a token

    def rows(self, index: Tensor) -> "Memory":
        """The rows in another order, or some of them twice: (B',) -> B' rows."""
        return Memory(*(part[index] for part in self))


class Encoder(nn.Module):
    """A GRU that reads in both directions, half of the width each. Source: Cho et al. (2014)."""

    def __init__(self, cfg: Seq2SeqConfig) -> None:
        super().__init__()
        self.tokens = nn.Embedding(cfg.source_size, cfg.d_model)
        self.dropout = nn.Dropout(cfg.dropout)
        self.gru = nn.GRU(cfg.d_model, cfg.d_model // 2, batch_first=True, bidirectional=True)

    def forward(self, source: Tensor) -> Memory:
        """(B, S) -> Memory. Raises ValueError if a row holds nothing but <pad>."""
        mask = source != Vocab.pad_id
        lengths = mask.sum(dim=1)
        if source.size(1) == 0 or not lengths.all():
            raise ValueError("a source has no token; leave empty texts out")
        x = self.dropout(self.tokens(source))  # (B, S, D)
        # Packed, the backward direction begins at each row's last token, not at its padding.
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        packed_states, last = self.gru(packed)
        states, _ = pad_packed_sequence(packed_states, True, total_length=source.size(1))
        return Memory(torch.cat([last[0], last[1]], dim=-1), states, mask)
