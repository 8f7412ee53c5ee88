"""The first Transformer, as published for translation. Source: Vaswani et al. (2017)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.attention import KeysValues, MultiHeadAttention
from course_lib.models.cache import LayerCache
from course_lib.models.config import TransformerConfig
from course_lib.models.encoder_decoder import EncoderDecoder
from course_lib.models.transformer import PostNormBlock, feed_forward, layer_norm

ACTIVATION = "relu"
# The published sizes, "base"; 37,000 pieces of a joint BPE for English and German (section 5.1).
BASE = TransformerConfig(
    vocab_size=37_000,
    context_length=512,
    d_model=512,
    n_heads=8,
    n_layers=6,
    d_ff=2048,
    dropout=0.1,
)


class PostNormCrossBlock(nn.Module):
    """The first decoder block: look at the own text, then at the memory, then think.

    Each time norm(x + what was found).
    """

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.norm_1, self.norm_2, self.norm_3 = (layer_norm(cfg) for _ in range(3))
        self.self_attention = MultiHeadAttention(cfg)
        self.cross_attention = MultiHeadAttention(cfg)
        self.mlp = feed_forward(cfg, ACTIVATION)
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
        """(B, T, D), memory (B, S, D) -> (B, T, D); the arguments are those of `CrossBlock`."""
        y = self.self_attention(x, mask=mask, causal=causal, cache=cache)
        x = self.norm_1(x + self.drop(y))
        x = self.norm_2(x + self.drop(self.cross_attention(x, memory, mask=memory_mask)))
        out: Tensor = self.norm_3(x + self.drop(self.mlp(x)))
        return out

    def cross_weights(self, x: Tensor, memory: Tensor, memory_mask: Tensor | None) -> Tensor:
        """How much each token of x looks at each of the memory, for figures: (B, H, T, S)."""
        x = self.norm_1(x + self.self_attention(x, causal=True))
        return self.cross_attention.weights(x, memory, memory_mask)


class Translator(EncoderDecoder):
    """Post-norm blocks, fixed positions, one table of vectors for three uses.

    The same computation as Marian (Junczys-Dowmunt et al., 2018) with ReLU. `ModernTranslator`
    learns faster.

    Args:
        cfg: sizes; `n_layers` blocks in the encoder and as many in the decoder. The context length
            bounds the source and the target; no weight depends on it.
    """

    def __init__(self, cfg: TransformerConfig, rng: torch.Generator | None = None) -> None:
        super().__init__(cfg)
        self.encoder = nn.ModuleList(PostNormBlock(cfg, ACTIVATION) for _ in range(cfg.n_layers))
        self.decoder = nn.ModuleList(PostNormCrossBlock(cfg) for _ in range(cfg.n_layers))
        self._start(rng)

    def _start(self, rng: torch.Generator | None) -> None:
        """First weights as in the authors' own code (tensor2tensor).

        Token vectors have length 1 on average, so that times sqrt(D) they are as large as the
        positions, and as they are they give small first logits.
        """
        nn.init.normal_(self.tokens.weight, std=self.cfg.d_model**-0.5, generator=rng)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight, generator=rng)
                nn.init.zeros_(module.bias)

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        return F.linear(hidden, self.tokens.weight)
