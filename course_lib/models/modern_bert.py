"""A BERT with what was learnt since, as `modern_gpt` is a GPT: better for its size and time."""

import torch
from torch import Tensor, nn

from course_lib.models.bert import visible
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_block import ModernBlock, start_modern
from course_lib.models.positions import rotary_table


class ModernBERT(nn.Module):
    """An encoder with the interface of `BERT`: each token looks at all others, left and right.

    Args:
        cfg: sizes; the context length only bounds the window, no weight depends on it.
        rotary_base: as in `ModernGPT`.
        embedding_std: size of the first token vectors.

    Named after Warner et al. (2024), who train such an encoder at full size.
    """

    cos: Tensor
    sin: Tensor

    def __init__(
        self,
        cfg: TransformerConfig,
        rotary_base: float = 100.0,
        embedding_std: float = 0.3,
        rng: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.cfg, self.rotary_base = cfg, rotary_base
        self.tokens = nn.Embedding(cfg.vocab_size, cfg.d_model)
        self.segments = nn.Embedding(2, cfg.d_model)
        self.blocks = nn.ModuleList(ModernBlock(cfg) for _ in range(cfg.n_layers))
        self.norm = nn.RMSNorm(cfg.d_model, eps=cfg.norm_eps)
        self.pooler = nn.Linear(cfg.d_model, cfg.d_model)
        cos, sin = rotary_table(torch.arange(cfg.context_length), cfg.d_head, rotary_base)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        start_modern(self, embedding_std, rng)
        nn.init.zeros_(self.segments.weight)  # at first the two texts are read alike
        nn.init.zeros_(self.pooler.bias)

    def forward(
        self, ids: Tensor, segment_ids: Tensor | None = None, attention_mask: Tensor | None = None
    ) -> Tensor:
        """(B, T) -> (B, T, D), as `hidden`."""
        return self.hidden(ids, segment_ids, attention_mask)

    def hidden(
        self, ids: Tensor, segment_ids: Tensor | None = None, attention_mask: Tensor | None = None
    ) -> Tensor:
        """(B, T) -> (B, T, D), normalised; arguments as in `Encoder`.

        Raises ValueError if T > cfg.context_length.
        """
        length = ids.size(1)
        if length > self.cfg.context_length:
            raise ValueError(f"{length} tokens, but {self.cfg.context_length=}")
        table = self.cos[:length], self.sin[:length]
        mask = visible(ids, attention_mask, self.cfg.pad_id)
        segment_ids = torch.zeros_like(ids) if segment_ids is None else segment_ids
        x = self.tokens(ids) + self.segments(segment_ids)
        for block in self.blocks:
            x = block(x, table, mask, causal=False)
        out: Tensor = self.norm(x)
        return out

    def pooled(self, hidden: Tensor) -> Tensor:
        """(B, T, D) -> (B, D): tanh of a linear map of the first token's vector, as in BERT."""
        out: Tensor = self.pooler(hidden[:, 0]).tanh()
        return out
