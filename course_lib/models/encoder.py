"""What every encoder can do, whatever it is made of: read a text in both directions at once."""

from typing import Protocol

from torch import Tensor

from course_lib.models.config import TransformerConfig


class Encoder(Protocol):
    """From tokens to one vector for each, which has seen the whole text.

    segment_ids (B, T): 0 for the first text of a pair, 1 for the second; None means all 0.
    attention_mask (B, T): True where a token may be looked at; None means all but padding.
    """

    cfg: TransformerConfig

    def hidden(
        self, ids: Tensor, segment_ids: Tensor | None = None, attention_mask: Tensor | None = None
    ) -> Tensor:
        """(B, T) -> (B, T, D). Raises ValueError if T > cfg.context_length."""
        ...

    def pooled(self, hidden: Tensor) -> Tensor:
        """(B, T, D) -> (B, D): the vector of the first token, made ready to stand for them all."""
        ...
