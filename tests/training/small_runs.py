"""A small language model with dropout, and endless batches for it."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from course_lib.data.batching import random_windows
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT

SIZES = TransformerConfig(
    vocab_size=19, context_length=16, d_model=16, n_heads=2, n_layers=2, dropout=0.2
)


def small_gpt(seed: int = 0, sizes: TransformerConfig = SIZES) -> nn.Module:
    torch.manual_seed(seed)
    return ModernGPT(sizes)


def batches(seed: int = 0, batch_size: int = 4) -> Iterator[tuple[Tensor, Tensor]]:
    rng = torch.Generator().manual_seed(seed)
    text = torch.randint(4, 19, (400,), generator=rng)
    return random_windows(text, 12, batch_size, rng)


def weights(model: nn.Module) -> Tensor:
    """All weights of a model in one row."""
    return torch.cat([w.detach().flatten() for w in model.parameters()])
