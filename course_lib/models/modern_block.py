"""The block of the modern models: what was learnt since GPT-1 and BERT, in one place.

Rotary positions (Su et al., 2021), RMSNorm (Zhang & Sennrich, 2019), squared ReLU (So et al.,
2021), no biases, and first weights that make each block a beginner with one habit: its attention
copies a little of what it looks at, its MLP does nothing.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.attention import join_heads, split_heads
from course_lib.models.cache import LayerCache
from course_lib.models.config import TransformerConfig
from course_lib.models.positions import turn

COPYING = 0.3  # of what attention looks at, how much it hands on at first


class RotaryAttention(nn.Module):
    """Multi-head self-attention; queries and keys are turned by their positions."""

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.n_heads, self.dropout = cfg.n_heads, cfg.dropout
        self.w_q = nn.Linear(cfg.d_model, cfg.d_model, bias=False)
        self.w_k = nn.Linear(cfg.d_model, cfg.d_model, bias=False)
        self.w_v = nn.Linear(cfg.d_model, cfg.d_model, bias=False)
        self.w_o = nn.Linear(cfg.d_model, cfg.d_model, bias=False)

    def forward(
        self,
        x: Tensor,
        table: tuple[Tensor, Tensor],
        mask: Tensor | None = None,
        cache: LayerCache | None = None,
        causal: bool = True,
    ) -> Tensor:
        """(B, T, D) -> (B, T, D). `table`: the `rotary_table` of the T positions, (T, K) each.

        With `causal`, no token looks at a later one; a cache brings a mask that says so itself.
        """
        q = turn(split_heads(self.w_q(x), self.n_heads), *table)  # (B, H, T, K)
        k = turn(split_heads(self.w_k(x), self.n_heads), *table)
        v = split_heads(self.w_v(x), self.n_heads)
        if cache is not None:
            k, v = cache.extend(k, v)
        p = self.dropout if self.training else 0.0
        causal = causal and cache is None
        y = F.scaled_dot_product_attention(q, k, v, mask, p, is_causal=causal)
        out: Tensor = self.w_o(join_heads(y))
        return out


def start_linear(module: nn.Linear, name: str, rng: torch.Generator | None) -> None:
    """First weights of one of a block's matrices, which are told apart by their names."""
    with torch.no_grad():
        if name in ("w_v", "w_o"):
            nn.init.eye_(module.weight)
            module.weight.mul_(COPYING if name == "w_o" else 1)
        elif name == "w_2":
            nn.init.zeros_(module.weight)
        else:
            nn.init.normal_(module.weight, std=module.in_features**-0.5, generator=rng)


class ModernBlock(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)), with mlp(x) = W2 relu(W1 x)^2."""

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.norm_1 = nn.RMSNorm(cfg.d_model, eps=cfg.norm_eps)
        self.norm_2 = nn.RMSNorm(cfg.d_model, eps=cfg.norm_eps)
        self.attention = RotaryAttention(cfg)
        self.w_1 = nn.Linear(cfg.d_model, cfg.d_hidden, bias=False)
        self.w_2 = nn.Linear(cfg.d_hidden, cfg.d_model, bias=False)
        self.drop = nn.Dropout(cfg.dropout)

    def forward(
        self,
        x: Tensor,
        table: tuple[Tensor, Tensor],
        mask: Tensor | None = None,
        cache: LayerCache | None = None,
        causal: bool = True,
    ) -> Tensor:
        """(B, T, D) -> (B, T, D); the rest as in `RotaryAttention`."""
        x = x + self.drop(self.attention(self.norm_1(x), table, mask, cache, causal))
        out: Tensor = x + self.drop(self.w_2(F.relu(self.w_1(self.norm_2(x))).square()))
        return out


def start_modern(model: nn.Module, embedding_std: float, rng: torch.Generator | None) -> None:
    """First weights: queries and keys at random, values copied, nothing from the MLP.

    Values and outputs begin as identities, so that a word looked at becomes likelier at once, and
    looking at the right one pays from the first step. From zeros the model finds out late that
    names can be copied at all: on Riverbank after 1,000 to 2,000 steps, not after 400.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=embedding_std, generator=rng)
        if isinstance(module, nn.Linear):
            start_linear(module, name.rpartition(".")[2], rng)
