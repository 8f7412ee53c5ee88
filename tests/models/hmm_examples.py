"""Random texts and random models that the tests of hidden Markov models share."""

import torch
from torch import Tensor

from course_lib.models.hmm import HMM, TextbookHMM


def rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_texts(lengths: tuple[int, ...], low: int, high: int, seed: int) -> list[Tensor]:
    """Texts of those lengths with ids in low .. high - 1."""
    generator = rng(seed)
    return [torch.randint(low, high, (length,), generator=generator) for length in lengths]


def random_textbook(n_states: int, n_symbols: int, seed: int) -> TextbookHMM:
    model = TextbookHMM(n_states, n_symbols)
    model.fit(random_texts((50,), 0, n_symbols, seed), 0, rng(seed), add_k=0.1)
    return model


def random_hmm(n_states: int, vocab_size: int, seed: int) -> HMM:
    """A model of texts with ends, in which every word but the marks is possible."""
    model = HMM(n_states, vocab_size)
    model.fit(random_texts((50,), 4, vocab_size, seed), 0, rng(seed), add_k=0.1)
    return model
