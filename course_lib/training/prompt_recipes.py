"""Settings that were found good for models that are told by their prompt what to do.

All chance comes from `rng`.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss

OnStep = Callable[[int, Tensor], None]


def in_context_learner(
    batches: Iterable[tuple[Tensor, ...]],
    vocab_size: int,
    rng: torch.Generator,
    n_steps: int = 200,
    on_step: OnStep = lambda step, loss: None,  # noqa: ARG005
    kind: type[ModernGPT] = ShiftedGPT,
    n_layers: int = 2,
    context_length: int = 64,
) -> ModernGPT:
    """A model of `episodes`: within 10 seconds on one core it reads a new map off its prompt.

    batches: endless, as of `label_map_episodes`: 32 rows of 12 to 24 shots. With kind=ModernGPT,
    the same without the token shift, it still guesses any label that it saw after as many steps.
    """
    cfg = TransformerConfig(
        vocab_size=vocab_size,
        context_length=context_length,
        d_model=128,
        n_layers=n_layers,
        d_ff=256,
        dropout=0.0,
    )
    model = kind(cfg, rotary_base=1000.0, rng=rng)
    settings = TrainConfig(
        n_steps=n_steps,
        n_warmup=n_steps // 20,
        optimizer="muon",
        lr=0.02,
        lr_matrices=0.03,
        weight_decay=0.1,
        max_grad_norm=None,
    )
    train(model, answer_loss, batches, settings, on_step)
    return model


def answer_loss(model: torch.nn.Module, batch: Any) -> Tensor:
    """`next_token_loss` of a batch that may hold more than inputs and targets."""
    return next_token_loss(model, (batch[0], batch[1]))
