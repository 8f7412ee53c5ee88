"""The shape of a Transformer."""

from dataclasses import dataclass

from course_lib.text.vocab import Vocab


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Sizes of a Transformer. Raises ValueError if they cannot fit together."""

    vocab_size: int
    context_length: int = 128  # most tokens the model can read at once
    d_model: int = 128
    n_heads: int = 4
    n_layers: int = 4
    d_ff: int | None = None  # width inside the feed-forward part; None means 4 * d_model
    dropout: float = 0.1
    norm_eps: float = 1e-5  # added to the variance, so that nothing is divided by 0
    pad_id: int | None = Vocab.pad_id  # None: no id marks padding, as in GPT-2's own vocabulary
    start_id: int = Vocab.start_id
    end_id: int = Vocab.end_id

    def __post_init__(self) -> None:
        if self.d_ff is None:
            object.__setattr__(self, "d_ff", 4 * self.d_model)
        sizes = ("vocab_size", "context_length", "d_model", "n_heads", "n_layers", "d_ff")
        for name in sizes:
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} must be at least 1")
        if self.d_model % self.n_heads:
            raise ValueError(f"{self.d_model=} must be a multiple of {self.n_heads=}")
        if not 0 <= self.dropout < 1 or self.norm_eps <= 0:
            raise ValueError(f"{self} needs 0 <= dropout < 1 and norm_eps > 0")

    @property
    def d_head(self) -> int:
        return self.d_model // self.n_heads

    @property
    def d_hidden(self) -> int:
        """`d_ff` as a number: never None."""
        return 4 * self.d_model if self.d_ff is None else self.d_ff
