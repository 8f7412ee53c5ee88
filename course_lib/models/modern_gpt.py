"""A GPT with what was learnt since: better for its size, and quicker to train.

Rotary positions (Su et al., 2021), RMSNorm (Zhang & Sennrich, 2019), squared ReLU (So et al.,
2021), no biases, and first weights that make each block a beginner with one habit: its attention
copies a little of what it looks at, its MLP does nothing.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.attention import join_heads, split_heads
from course_lib.models.cache import Cache, LayerCache
from course_lib.models.config import TransformerConfig
from course_lib.models.positions import rotary_table, turn
from course_lib.models.transformer_lm import TransformerLM

COPYING = 0.3  # of what attention looks at, how much it hands on at first


class RotaryAttention(nn.Module):
    """Causal multi-head self-attention; queries and keys are turned by their positions."""

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
    ) -> Tensor:
        """(B, T, D) -> (B, T, D). `table`: the `rotary_table` of the T positions, (T, K) each."""
        q = turn(split_heads(self.w_q(x), self.n_heads), *table)  # (B, H, T, K)
        k = turn(split_heads(self.w_k(x), self.n_heads), *table)
        v = split_heads(self.w_v(x), self.n_heads)
        if cache is not None:
            k, v = cache.extend(k, v)
        p = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, mask, p, is_causal=cache is None)
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
    ) -> Tensor:
        """(B, T, D) -> (B, T, D); the rest as in `RotaryAttention`."""
        x = x + self.drop(self.attention(self.norm_1(x), table, mask, cache))
        out: Tensor = x + self.drop(self.w_2(F.relu(self.w_1(self.norm_2(x))).square()))
        return out


class ModernGPT(TransformerLM):
    """Decoder-only language model with the interface of `GPT`.

    Args:
        cfg: sizes; the context length only bounds the window, no weight depends on it.
        rotary_base: the slowest pair of numbers turns by about 1 / rotary_base each step; 100 suits
            texts of up to a few hundred tokens.
        embedding_std: size of the first token vectors.
        output_scale: fixed factor on the logits; a small one allows large token vectors.
    """

    cos: Tensor
    sin: Tensor

    def __init__(
        self,
        cfg: TransformerConfig,
        rotary_base: float = 100.0,
        embedding_std: float = 0.3,
        output_scale: float = 0.3,
        rng: torch.Generator | None = None,
    ) -> None:
        super().__init__(cfg)
        self.rotary_base, self.output_scale = rotary_base, output_scale
        self.tokens = nn.Embedding(cfg.vocab_size, cfg.d_model)
        self.blocks = nn.ModuleList(ModernBlock(cfg) for _ in range(cfg.n_layers))
        self.norm = nn.RMSNorm(cfg.d_model, eps=cfg.norm_eps)
        self.output_bias = nn.Parameter(torch.zeros(cfg.vocab_size))
        cos, sin = rotary_table(torch.arange(cfg.context_length), cfg.d_head, rotary_base)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.start(embedding_std, rng)

    def start(self, embedding_std: float, rng: torch.Generator | None) -> None:
        """First weights: queries and keys at random, values copied, nothing from the MLP.

        Values and outputs begin as identities, so that a word looked at becomes likelier at once,
        and looking at the right one pays from the first step. From zeros the model finds out late
        that names can be copied at all: on Riverbank after 1,000 to 2,000 steps, not after 400.
        """
        nn.init.normal_(self.tokens.weight, std=embedding_std, generator=rng)
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear):
                start_linear(module, name.rpartition(".")[2], rng)

    def set_unigram(self, counts: Tensor) -> None:
        """Begin from how often each id occurs, (V,): the output bias becomes its log frequency.

        One is added to every count, so that an id never seen stays possible.
        """
        frequencies = (counts.double() + 1) / (counts.double() + 1).sum()
        with torch.no_grad():
            self.output_bias.copy_(frequencies.log())

    def hidden(self, ids: Tensor, cache: Cache | None = None) -> Tensor:
        """(B, T) ids -> (B, T, D), normalised. With a cache, they follow what it held before."""
        length, mask = ids.size(1), None
        end = length
        if cache is not None:
            end, mask = cache.n_read, cache.mask(length)
        # Only differences of positions matter, so padding on the left needs no correction here.
        table = self.cos[end - length : end], self.sin[end - length : end]
        x = self.tokens(ids)
        for i, block in enumerate(self.blocks):
            x = block(x, table, mask, None if cache is None else cache.layers[i])
        out: Tensor = self.norm(x)
        return out

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        return F.linear(hidden * self.output_scale, self.tokens.weight, self.output_bias)
