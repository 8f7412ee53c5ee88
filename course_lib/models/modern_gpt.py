"""A GPT with what was learnt since: better for its size, and quicker to train.

Its blocks, and the first weights that make them learn fast, are in `modern_block`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.cache import Cache
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_block import ModernBlock, start_modern
from course_lib.models.positions import rotary_table
from course_lib.models.transformer_lm import TransformerLM


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
        start_modern(self, embedding_std, rng)

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
        x = self.embed(ids, cache)
        for i, block in enumerate(self.blocks):
            x = block(x, table, mask, None if cache is None else cache.layers[i])
        out: Tensor = self.norm(x)
        return out

    def embed(self, ids: Tensor, cache: Cache | None = None) -> Tensor:  # noqa: ARG002
        """(B, T) ids -> (B, T, D): what goes into the first block."""
        out: Tensor = self.tokens(ids)
        return out

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        return F.linear(hidden * self.output_scale, self.tokens.weight, self.output_bias)
