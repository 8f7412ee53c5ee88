"""Blocks of a Transformer: attention moves facts between tokens, the feed-forward part thinks about
each token alone. Both *add* to what is there (residual connections).
"""

from collections.abc import Callable
from functools import partial

import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.attention import KeysValues, MultiHeadAttention
from course_lib.models.cache import LayerCache
from course_lib.models.config import TransformerConfig


class SquaredReLU(nn.Module):
    """max(0, x)^2, number by number. Source: So et al. (2021)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x).square()


ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,  # the first Transformer's
    "gelu": nn.GELU,  # BERT's
    "gelu_tanh": partial(nn.GELU, approximate="tanh"),  # GPT's: nearly the same curve
    "relu_squared": SquaredReLU,
}


def feed_forward(cfg: TransformerConfig, activation: str = "gelu") -> nn.Sequential:
    """(B, T, D) -> (B, T, D), each token by itself. `activation`: one of ACTIVATIONS."""
    return nn.Sequential(
        nn.Linear(cfg.d_model, cfg.d_hidden),
        ACTIVATIONS[activation](),
        nn.Linear(cfg.d_hidden, cfg.d_model),
    )


def layer_norm(cfg: TransformerConfig) -> nn.LayerNorm:
    """Each token's D numbers are brought to mean 0 and variance 1, then scaled and moved."""
    return nn.LayerNorm(cfg.d_model, eps=cfg.norm_eps)


class Block(nn.Module):
    """Pre-norm block: x + attention(norm(x)), then x + mlp(norm(x)). Source: GPT-2."""

    def __init__(self, cfg: TransformerConfig, activation: str = "gelu") -> None:
        super().__init__()
        self.norm_1, self.norm_2 = layer_norm(cfg), layer_norm(cfg)
        self.attention = MultiHeadAttention(cfg)
        self.mlp = feed_forward(cfg, activation)
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

    def __init__(self, cfg: TransformerConfig, activation: str = "gelu") -> None:
        super().__init__()
        self.norm_1, self.norm_2 = layer_norm(cfg), layer_norm(cfg)
        self.attention = MultiHeadAttention(cfg)
        self.mlp = feed_forward(cfg, activation)
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

    def __init__(self, cfg: TransformerConfig, activation: str = "gelu") -> None:
        super().__init__()
        self.norm_1, self.norm_2, self.norm_3 = (layer_norm(cfg) for _ in range(3))
        self.self_attention = MultiHeadAttention(cfg)
        self.cross_attention = MultiHeadAttention(cfg)
        self.mlp = feed_forward(cfg, activation)
        self.drop = nn.Dropout(cfg.dropout)

    def forward(
        self,
        x: Tensor,
        memory: Tensor | KeysValues,
        memory_mask: Tensor | None = None,
        mask: Tensor | None = None,
        causal: bool = True,
        cache: LayerCache | None = None,
    ) -> Tensor:
        """(B, T, D), memory (B, S, D) -> (B, T, D).

        The memory may also be what `cross_attention.keys_values` made of it: one that writes token
        by token computes that once. `memory_mask`, such as `padding_mask(source)`, hides padding of
        the memory; the others are for the own text, as in `MultiHeadAttention`.
        """
        y = self.self_attention(self.norm_1(x), mask=mask, causal=causal, cache=cache)
        x = x + self.drop(y)
        x = x + self.drop(self.cross_attention(self.norm_2(x), memory, mask=memory_mask))
        out: Tensor = x + self.drop(self.mlp(self.norm_3(x)))
        return out

    def cross_weights(self, x: Tensor, memory: Tensor, memory_mask: Tensor | None) -> Tensor:
        """How much each token of x looks at each of the memory, for figures: (B, H, T, S)."""
        x = x + self.self_attention(self.norm_1(x), causal=True)
        return self.cross_attention.weights(self.norm_2(x), memory, memory_mask)
