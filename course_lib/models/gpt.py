"""GPT-2's architecture. Source: Radford et al. (2019), and its published weights."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.cache import Cache
from course_lib.models.config import TransformerConfig
from course_lib.models.transformer import Block, layer_norm
from course_lib.models.transformer_lm import TransformerLM


class GPT(TransformerLM):
    """Decoder-only language model: learned positions, pre-norm blocks, tied output weights."""

    def __init__(self, cfg: TransformerConfig, rng: torch.Generator | None = None) -> None:
        super().__init__(cfg)
        self.tokens = nn.Embedding(cfg.vocab_size, cfg.d_model)
        self.positions = nn.Embedding(cfg.context_length, cfg.d_model)
        self.drop = nn.Dropout(cfg.dropout)
        self.blocks = nn.ModuleList(Block(cfg, "gelu_tanh") for _ in range(cfg.n_layers))
        self.norm = layer_norm(cfg)
        start_like_gpt2(self, cfg.n_layers, rng)

    def hidden(self, ids: Tensor, cache: Cache | None = None) -> Tensor:
        """(B, T) ids -> (B, T, D), normalised. With a cache, they follow what it held before."""
        length = ids.size(1)
        if cache is None:
            positions = self.positions.weight[:length]  # (T, D)
        else:
            positions = self.positions(cache.positions(length))  # (B or 1, T, D)
        x = self.drop(self.tokens(ids) + positions)
        mask = None if cache is None else cache.mask(length)
        for i, block in enumerate(self.blocks):
            layer = None if cache is None else cache.layers[i]
            x = block(x, mask=mask, causal=cache is None, cache=layer)
        out: Tensor = self.norm(x)
        return out

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V). The table that reads tokens scores them (Press & Wolf, 2017)."""
        return F.linear(hidden, self.tokens.weight)


def start_like_gpt2(model: nn.Module, n_layers: int, rng: torch.Generator | None = None) -> None:
    """Small random weights (std 0.02), zero biases: all first logits nearly equal, the loss ln V.

    The two matrices of each block that add to the residual stream start smaller by
    sqrt(2 n_layers), so that the sum of all blocks does not grow with their number.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            adds = name.endswith(("w_o", "mlp.2"))
            std = 0.02 / math.sqrt(2 * n_layers) if adds else 0.02
            nn.init.normal_(module.weight, std=std, generator=rng)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
