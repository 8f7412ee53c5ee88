"""GPT-1's architecture. Source: Radford et al. (2018), and its published weights."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.bert import start_like_bert
from course_lib.models.cache import Cache
from course_lib.models.config import TransformerConfig
from course_lib.models.transformer import PostNormBlock
from course_lib.models.transformer_lm import TransformerLM

PUBLISHED = TransformerConfig(
    vocab_size=40_478,  # pieces of 40,000 BPE merges
    context_length=512,
    d_model=768,
    n_heads=12,
    n_layers=12,
    pad_id=None,
)


class GPT1(TransformerLM):
    """Decoder-only language model: learned positions, post-norm blocks, tied output weights.

    It differs from GPT-2 (`GPT`) in where the norms stand: behind each part, as in the first
    Transformer, and so none is needed at the end.
    """

    def __init__(self, cfg: TransformerConfig, rng: torch.Generator | None = None) -> None:
        super().__init__(cfg)
        self.tokens = nn.Embedding(cfg.vocab_size, cfg.d_model)
        self.positions = nn.Embedding(cfg.context_length, cfg.d_model)
        self.drop = nn.Dropout(cfg.dropout)
        self.blocks = nn.ModuleList(PostNormBlock(cfg, "gelu_tanh") for _ in range(cfg.n_layers))
        start_like_bert(self, rng)  # BERT took its first weights from here: normal, std 0.02

    def hidden(self, ids: Tensor, cache: Cache | None = None) -> Tensor:
        """(B, T) ids -> (B, T, D). With a cache, they follow what it held before."""
        length = ids.size(1)
        if cache is None:
            positions = self.positions.weight[:length]  # (T, D)
        else:
            positions = self.positions(cache.positions(length))  # (B or 1, T, D)
        x: Tensor = self.drop(self.tokens(ids) + positions)
        mask = None if cache is None else cache.mask(length)
        for i, block in enumerate(self.blocks):
            layer = None if cache is None else cache.layers[i]
            x = block(x, mask=mask, causal=cache is None, cache=layer)
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V). The table that reads tokens scores them (Press & Wolf, 2017)."""
        return F.linear(hidden, self.tokens.weight)
