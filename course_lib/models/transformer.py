"""Blocks of a Transformer: attention moves facts between tokens, the feed-forward part thinks about
each token alone. Both *add* to what is there (residual connections).
"""

from typing import Literal

from torch import Tensor, nn

from course_lib.models.attention import MultiHeadAttention
from course_lib.models.cache import LayerCache
from course_lib.models.config import TransformerConfig


def feed_forward(cfg: TransformerConfig, gelu: Literal["none", "tanh"] = "none") -> nn.Sequential:
    """(B, T, D) -> (B, T, D), each token by itself. `gelu`: the exact curve, or GPT-2's tanh."""
    return nn.Sequential(
        nn.Linear(cfg.d_model, cfg.d_hidden),
        nn.GELU(approximate=gelu),
        nn.Linear(cfg.d_hidden, cfg.d_model),
    )


def layer_norm(cfg: TransformerConfig) -> nn.LayerNorm:
    """Each token's D numbers are brought to mean 0 and variance 1, then scaled and moved."""
    return nn.LayerNorm(cfg.d_model, eps=cfg.norm_eps)


class Block(nn.Module):
    """Pre-norm block: x + attention(norm(x)), then x + mlp(norm(x)). Source: GPT-2."""

    def __init__(self, cfg: TransformerConfig, gelu: Literal["none", "tanh"] = "none") -> None:
        super().__init__()
        self.norm_1, self.norm_2 = layer_norm(cfg), layer_norm(cfg)
        self.attention = MultiHeadAttention(cfg)
        self.mlp = feed_forward(cfg, gelu)
        self.drop = nn.Dropout(cfg.dropout)

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None = None,
        causal: bool = False,
        cache: LayerCache | None = None,
    ) -> Tensor:
        """(B, T, D) -> (B, T, D); mask, causal and cache as in `MultiHeadAttention`."""
        y = self.attention(self.norm_1(x), mask=mask, causal=causal, cache=cache)
        x = x + self.drop(y)
        out: Tensor = x + self.drop(self.mlp(self.norm_2(x)))
        return out


class PostNormBlock(nn.Module):
    """The first Transformer's block: norm(x + attention(x)), then norm(x + mlp(x)).

    Source: Vaswani et al. (2017); used by GPT-1 and BERT.
    """

    def __init__(self, cfg: TransformerConfig, gelu: Literal["none", "tanh"] = "none") -> None:
        super().__init__()
        self.norm_1, self.norm_2 = layer_norm(cfg), layer_norm(cfg)
        self.attention = MultiHeadAttention(cfg)
        self.mlp = feed_forward(cfg, gelu)
        self.drop = nn.Dropout(cfg.dropout)

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None = None,
        causal: bool = False,
        cache: LayerCache | None = None,
    ) -> Tensor:
        """(B, T, D) -> (B, T, D); mask, causal and cache as in `MultiHeadAttention`."""
        y = self.attention(x, mask=mask, causal=causal, cache=cache)
        x = self.norm_1(x + self.drop(y))
        out: Tensor = self.norm_2(x + self.drop(self.mlp(x)))
        return out


class CrossBlock(nn.Module):
    """Pre-norm decoder block: look at the own text so far, then at the memory, then think.

    The queries of the second step come from x, its keys and values from the memory.
    """

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.norm_1, self.norm_2, self.norm_3 = (layer_norm(cfg) for _ in range(3))
        self.self_attention = MultiHeadAttention(cfg)
        self.cross_attention = MultiHeadAttention(cfg)
        self.mlp = feed_forward(cfg)
        self.drop = nn.Dropout(cfg.dropout)

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        memory_mask: Tensor | None = None,
        mask: Tensor | None = None,
        causal: bool = True,
        cache: LayerCache | None = None,
    ) -> Tensor:
        """(B, T, D), memory (B, S, D) -> (B, T, D).

        `memory_mask`, such as `padding_mask(source)`, hides padding of the memory; the others are
        for the own text, as in `MultiHeadAttention`.
        """
        y = self.self_attention(self.norm_1(x), mask=mask, causal=causal, cache=cache)
        x = x + self.drop(y)
        x = x + self.drop(self.cross_attention(self.norm_2(x), memory, mask=memory_mask))
        out: Tensor = x + self.drop(self.mlp(self.norm_3(x)))
        return out
