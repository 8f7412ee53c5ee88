"""Attention: each token asks, all tokens answer, and the best answers are mixed.

Letters: B batch, H heads, T queries, S keys, K d_head, D d_model. In every mask True means "may
look", and each query must be allowed at least one key.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.cache import LayerCache
from course_lib.models.config import TransformerConfig


def attention_weights(q: Tensor, k: Tensor, mask: Tensor | None = None) -> Tensor:
    """How much each query looks at each key; every row sums to 1.

    (..., T, K), (..., S, K) -> (..., T, S). Source: Vaswani et al. (2017), eq. 1.
    """
    scores = q @ k.transpose(-2, -1) / q.size(-1) ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights: Tensor = scores.softmax(dim=-1)
    return weights


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """The values, mixed by the weights: (..., T, K), (..., S, K), (..., S, K) -> (..., T, K)."""
    return attention_weights(q, k, mask) @ v


def causal_mask(length: int, device: torch.device | str | None = None) -> Tensor:
    """(T, T): position t may look at positions 0 to t, itself included."""
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def padding_mask(ids: Tensor, pad_id: int = 0) -> Tensor:
    """(B, S) ids -> (B, 1, 1, S): every query may look at every token that is not padding."""
    return (ids != pad_id)[:, None, None, :]


def split_heads(x: Tensor, n_heads: int) -> Tensor:
    """(B, T, D) -> (B, H, T, K): each head gets its own K = D / H numbers of every token."""
    return x.reshape(*x.shape[:-1], n_heads, -1).transpose(-3, -2)


def join_heads(x: Tensor) -> Tensor:
    """(B, H, T, K) -> (B, T, D): undoes `split_heads`."""
    return x.transpose(1, 2).flatten(2)


def side_by_side(q: Tensor, n: int) -> Tensor:
    """Queries of n rows that look at the same keys, in one: (B n, H, T, K) -> (B, H, n T, K)."""
    return q if n == 1 else q.unflatten(0, (-1, n)).transpose(1, 2).flatten(2, 3)


def one_by_one(y: Tensor, n: int) -> Tensor:
    """(B, H, n T, K) -> (B n, H, T, K): undoes `side_by_side`."""
    return y if n == 1 else y.unflatten(2, (n, -1)).transpose(1, 2).flatten(0, 1)


KeysValues = tuple[Tensor, Tensor]  # what can be looked at, and what is then seen: (B, H, S, K)


class MultiHeadAttention(nn.Module):
    """Self-attention, or cross-attention when `memory` is given."""

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.n_heads, self.dropout = cfg.n_heads, cfg.dropout
        self.w_q = nn.Linear(cfg.d_model, cfg.d_model)
        self.w_k = nn.Linear(cfg.d_model, cfg.d_model)
        self.w_v = nn.Linear(cfg.d_model, cfg.d_model)
        self.w_o = nn.Linear(cfg.d_model, cfg.d_model)

    def forward(
        self,
        x: Tensor,
        memory: Tensor | KeysValues | None = None,
        mask: Tensor | None = None,
        causal: bool = False,
        cache: LayerCache | None = None,
    ) -> Tensor:
        """(B, T, D) and optional memory (B, S, D), or its `keys_values`, -> (B, T, D).

        Each row of these may serve n rows of x that stand together; then `mask` must be the same
        for all T. It must broadcast to (B, H, T, S). `cache` holds keys and values of earlier
        tokens; those of x are added to it, and S counts both.
        """
        memory = x if memory is None else memory
        q = split_heads(self.w_q(x), self.n_heads)  # (B, H, T, K)
        k, v = memory if isinstance(memory, tuple) else self.keys_values(memory)
        if cache is not None:
            k, v = cache.extend(k, v)  # S grows by what was read before
        if mask is not None and causal:
            mask, causal = mask & causal_mask(x.size(1), x.device), False
        p = self.dropout if self.training else 0.0
        n_sharing = len(q) // len(k)
        # The same as attention(q, k, v, mask), in one fused kernel.
        y = F.scaled_dot_product_attention(side_by_side(q, n_sharing), k, v, mask, p, causal)
        out: Tensor = self.w_o(join_heads(one_by_one(y, n_sharing)))
        return out

    def keys_values(self, memory: Tensor) -> KeysValues:
        """(B, S, D) -> keys and values, (B, H, S, K) each."""
        keys = split_heads(self.w_k(memory), self.n_heads)
        return keys, split_heads(self.w_v(memory), self.n_heads)

    def weights(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """What `forward` looks at, for figures: the same arguments -> (B, H, T, S)."""
        q = split_heads(self.w_q(x), self.n_heads)
        k = split_heads(self.w_k(x if memory is None else memory), self.n_heads)
        if causal:
            past = causal_mask(x.size(1), x.device)
            mask = past if mask is None else mask & past
        return attention_weights(q, k, mask)
