"""Encoder and decoder: one stack of blocks reads the source, another writes the target.

Letters: B texts, S source tokens, T target tokens, D d_model, V vocabulary, H heads, L layers.
"""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from course_lib.models.attention import KeysValues, padding_mask
from course_lib.models.cache import Cache
from course_lib.models.config import TransformerConfig
from course_lib.models.positions import sines_then_cosines
from course_lib.models.transformer import CrossBlock
from course_lib.models.translator_reading import TranslatorReader


class Memory(NamedTuple):
    """What the encoder leaves behind: one vector for each source token."""

    states: Tensor  # (B, S, D)
    mask: Tensor | None  # (B, 1, 1, S) True where there is a token; None: everywhere


class EncoderDecoder(nn.Module):
    """Writes a target that depends on a source, which it may look at in every step.

    One vocabulary serves all languages, and one table of vectors serves three times: for the
    source, for the target, and to score what comes next. A subclass says what the blocks are
    (`encoder`, `decoder`), and how they end (`logits`). Source: Vaswani et al. (2017).
    """

    encoder: nn.ModuleList  # blocks as `Block`
    decoder: nn.ModuleList  # blocks as `CrossBlock`
    positions: Tensor  # (context_length, D), fixed

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.cfg = cfg
        self.tokens = nn.Embedding(cfg.vocab_size, cfg.d_model)
        self.drop = nn.Dropout(cfg.dropout)
        table = sines_then_cosines(cfg.context_length, cfg.d_model)
        self.register_buffer("positions", table, persistent=False)

    @property
    def context_length(self) -> int:
        return self.cfg.context_length

    @property
    def writers(self) -> list[CrossBlock]:
        """The decoder's blocks."""
        return cast("list[CrossBlock]", list(self.decoder))

    def embed(self, ids: Tensor, positions: Tensor) -> Tensor:
        """Token vector times sqrt(D), plus the position's.

        (B, T) ids at (T,) or (B, T) positions -> (B, T, D).
        """
        vectors = self.tokens(ids) * self.cfg.d_model**0.5
        out: Tensor = self.drop(vectors + self.positions[positions])
        return out

    def finish_encoder(self, x: Tensor) -> Tensor:
        """(B, S, D) -> (B, S, D): after the last block; a pre-norm encoder normalises here."""
        return x

    def finish_decoder(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D): the same for the decoder."""
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        raise NotImplementedError

    def encode(self, source: Tensor) -> Memory:
        """(B, S) ids, padded on the right -> Memory.

        Raises ValueError beyond cfg.context_length, and if a row holds nothing but padding.
        """
        length = source.size(1)
        if length > self.context_length:
            raise ValueError(f"{length} source tokens, but {self.context_length=}")
        mask = padding_mask(source, self.cfg.pad_id or 0)
        if length == 0 or not mask.any(dim=-1).all():
            raise ValueError("a source has no token; leave empty texts out")
        x = self.embed(source, torch.arange(length, device=source.device))
        hidden_by = None if mask.all() else mask  # no mask is quicker than one that hides nothing
        for block in self.encoder:
            x = block(x, mask=hidden_by)
        return Memory(self.finish_encoder(x), hidden_by)

    def hidden(self, inputs: Tensor, memory: Memory) -> Tensor:
        """(B, T) target ids beginning with <s> -> (B, T, D); no position sees a later one."""
        x = self.embed(inputs, torch.arange(inputs.size(1), device=inputs.device))
        for block in self.writers:
            x = block(x, memory.states, memory.mask)
        return self.finish_decoder(x)

    def forward(self, source: Tensor, target_inputs: Tensor) -> Tensor:
        """(B, S), (B, T) beginning with <s> -> (B, T, V): teacher forcing, all steps at once."""
        if target_inputs.size(1) > self.context_length:
            raise ValueError(f"{target_inputs.size(1)} tokens, but {self.context_length=}")
        return self.logits(self.hidden(target_inputs, self.encode(source)))

    def keys_values(self, memory: Memory) -> list[KeysValues]:
        """Of each decoder block, what it looks at in the memory: (B, H, S, K) twice."""
        return [block.cross_attention.keys_values(memory.states) for block in self.writers]

    def continued(
        self, inputs: Tensor, kept: list[KeysValues], memory_mask: Tensor | None, cache: Cache
    ) -> Tensor:
        """(B, T) ids that follow what the cache has read -> (B, T, D).

        `kept`: the memory's `keys_values`; the cache has made room (`Cache.before`).
        """
        length = inputs.size(1)
        x = self.embed(inputs, cache.positions(length))
        mask = cache.mask(length)
        for block, memory, layer in zip(self.writers, kept, cache.layers, strict=True):
            x = block(x, memory, memory_mask, mask=mask, causal=False, cache=layer)
        return self.finish_decoder(x)

    def given(self, source: Tensor) -> TranslatorReader:
        """(B, S) -> a language model of the target, row by row for these sources."""
        return TranslatorReader(self, source)

    @torch.no_grad()
    def cross_attention_weights(self, source: Tensor, target_inputs: Tensor) -> Tensor:
        """(B, S), (B, T) -> (L, B, H, T, S): where each step looks, for figures; rows sum to 1."""
        self.eval()
        memory = self.encode(source)
        x = self.embed(target_inputs, torch.arange(target_inputs.size(1), device=source.device))
        weights = []
        for block in self.writers:
            weights.append(block.cross_weights(x, memory.states, memory.mask))
            x = block(x, memory.states, memory.mask)
        return torch.stack(weights)
