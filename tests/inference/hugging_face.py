"""Hugging Face's own GPT-2 behind the course's protocol: the same numbers under both decoders."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from transformers import DynamicCache, GPT2Config, GPT2LMHeadModel

from course_lib.text.vocab import Vocab

NEVER_NEXT = torch.tensor([Vocab.pad_id, Vocab.start_id])


def random_gpt2(seed: int, vocab_size: int = 23, n_positions: int = 24) -> GPT2LMHeadModel:
    """A small model with large random weights, so that its scores are far from equal."""
    torch.manual_seed(seed)
    sizes = {"vocab_size": vocab_size, "n_positions": n_positions, "n_embd": 24, "n_layer": 2}
    special = {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
    cfg = GPT2Config(**sizes, n_head=3, initializer_range=0.3, **special)
    model = GPT2LMHeadModel(cfg).eval()
    model.lm_head.register_forward_hook(
        lambda _layer, _inputs, logits: logits.index_fill(-1, NEVER_NEXT, -torch.inf)
    )
    return model


def prompts(seed: int, lengths: Sequence[int], vocab_size: int = 23) -> list[Tensor]:
    """Rows of random ids, each with <s> in front of as many words as its length says."""
    rng = torch.Generator().manual_seed(seed)
    words = [torch.randint(4, vocab_size, (n,), generator=rng) for n in lengths]
    return [torch.cat([torch.tensor([Vocab.start_id]), row]) for row in words]


class Cache(NamedTuple):
    """Keys and values of each layer, and which of the tokens behind them are no padding."""

    layers: list[tuple[Tensor, Tensor]]
    is_token: Tensor

    def rows(self, index: Tensor) -> "Cache":
        return Cache([(k[index], v[index]) for k, v in self.layers], self.is_token[index])


class Remembering:
    """A `ReadingModel` that counts the tokens it reads in `n_read`."""

    def __init__(self, model: GPT2LMHeadModel) -> None:
        self.model, self.context_length, self.n_read = model, model.config.n_positions, 0

    @torch.no_grad()
    def read(self, ids: Tensor, state: Cache | None = None) -> tuple[Tensor, Cache]:
        self.n_read += ids.numel()
        if state is None:
            past, is_token = None, ids != Vocab.pad_id
        else:
            past = DynamicCache(state.layers)
            is_token = torch.cat([state.is_token, torch.ones_like(ids, dtype=torch.bool)], dim=1)
        out = self.model(
            ids,
            attention_mask=is_token.long(),
            position_ids=(is_token.cumsum(1) - 1).clamp(min=0)[:, -ids.size(1) :],
            past_key_values=past,
            use_cache=True,
        )
        layers = [(layer.keys, layer.values) for layer in out.past_key_values.layers]
        return out.logits[:, -1], Cache(layers, is_token)

    def next_logits(self, ids: Tensor) -> Tensor:
        return self.read(ids[:, -self.context_length :])[0]

    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        raise NotImplementedError


class Forgetful:
    """The same model without its memory: every token is read again at every step."""

    def __init__(self, model: Remembering) -> None:
        self.next_logits, self.log_probs = model.next_logits, model.log_probs
