"""BERT's architecture. Source: Devlin et al. (2019), and its published weights."""

import torch
from torch import Tensor, nn

from course_lib.models.config import TransformerConfig
from course_lib.models.transformer import PostNormBlock, layer_norm

N_SEGMENTS = 2  # the first text of a pair, and the second
NORM_EPS = 1e-12

BASE = TransformerConfig(
    vocab_size=30_522,  # WordPieces of English, all in lower case
    context_length=512,
    d_model=768,
    n_heads=12,
    n_layers=12,
    norm_eps=NORM_EPS,
)
LARGE = TransformerConfig(
    vocab_size=30_522,
    context_length=512,
    d_model=1024,
    n_heads=16,
    n_layers=24,
    norm_eps=NORM_EPS,
)


class BERT(nn.Module):
    """Encoder: every token looks at all others, before and after it; nothing is shifted."""

    def __init__(self, cfg: TransformerConfig, rng: torch.Generator | None = None) -> None:
        super().__init__()
        self.cfg = cfg
        self.tokens = nn.Embedding(cfg.vocab_size, cfg.d_model)
        self.positions = nn.Embedding(cfg.context_length, cfg.d_model)
        self.segments = nn.Embedding(N_SEGMENTS, cfg.d_model)
        self.norm = layer_norm(cfg)
        self.drop = nn.Dropout(cfg.dropout)
        self.blocks = nn.ModuleList(PostNormBlock(cfg) for _ in range(cfg.n_layers))
        self.pooler = nn.Linear(cfg.d_model, cfg.d_model)
        start_like_bert(self, rng)

    def embed(self, ids: Tensor, segment_ids: Tensor | None = None) -> Tensor:
        """(B, T) -> (B, T, D): which token, in which place, in which of the two texts."""
        if ids.size(1) > self.cfg.context_length:
            raise ValueError(f"{ids.size(1)} tokens, but {self.cfg.context_length=}")
        segment_ids = torch.zeros_like(ids) if segment_ids is None else segment_ids
        x = self.tokens(ids) + self.positions.weight[: ids.size(1)] + self.segments(segment_ids)
        out: Tensor = self.drop(self.norm(x))
        return out

    def hidden(
        self, ids: Tensor, segment_ids: Tensor | None = None, attention_mask: Tensor | None = None
    ) -> Tensor:
        """(B, T) ids -> (B, T, D): each token's vector has seen the whole text.

        segment_ids (B, T): 0 for the first text of a pair, 1 for the second; None means all 0.
        attention_mask (B, T): True (or 1) where a token may be looked at; None means all but
        padding. Raises ValueError if T > cfg.context_length.
        """
        x = self.embed(ids, segment_ids)
        mask = visible(ids, attention_mask, self.cfg.pad_id)
        for block in self.blocks:
            x = block(x, mask=mask)
        return x

    forward = hidden

    def pooled(self, hidden: Tensor) -> Tensor:
        """(B, T, D) -> (B, D): what [CLS], the first token, learnt to say of the whole text."""
        out: Tensor = self.pooler(hidden[:, 0]).tanh()
        return out


def visible(ids: Tensor, attention_mask: Tensor | None, pad_id: int | None) -> Tensor | None:
    """Which tokens may be looked at by all: (B, T) -> (B, 1, 1, T), or None for every one."""
    if attention_mask is None:
        if pad_id is None:
            return None
        attention_mask = ids != pad_id
    return attention_mask.bool()[:, None, None, :]


def start_like_bert(model: nn.Module, rng: torch.Generator | None = None) -> None:
    """Small random weights (std 0.02), zero biases."""
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02, generator=rng)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
