"""Settings that were found good for fine-tuning a small GPT on Riverbank's tasks."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data.gpt_batches import Example, gpt_batches
from course_lib.models.gpt_heads import GPTHead
from course_lib.training.config import TrainConfig
from course_lib.training.gpt_objectives import TaskLoss, with_language_model
from course_lib.training.loop import train


class Rates(NamedTuple):
    """Highest learning rates: AdamW's for vectors (words, norms, head), Muon's for matrices."""

    vectors: float
    matrices: float


TRAINED = Rates(0.01, 0.005)  # for a language model that must not forget what it knows
FRESH = Rates(0.02, 0.014)  # for one that knows nothing yet: those of pre-training


def fine_tune_gpt(
    head: GPTHead,
    examples: Sequence[Example],
    n_steps: int,
    rng: torch.Generator,
    task_loss: TaskLoss = F.cross_entropy,
    weight: float = 0.5,
    n_tokens: int = 1024,
    rates: Rates = TRAINED,
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
) -> list[float]:
    """Train the head, and the language model in it, on labelled examples; return the losses.

    A language model whose weights are frozen stays as it is. `weight`: of the auxiliary loss, that
    of the language model on the task's own texts; 0 leaves it out.
    """
    frozen = not any(weight.requires_grad for weight in head.lm.parameters())
    settings = TrainConfig(
        n_steps=n_steps,
        n_warmup=n_steps // 20,
        optimizer="adamw" if frozen else "muon",  # Muon is for matrices inside the layers
        lr=rates.vectors,
        lr_matrices=rates.matrices,
        weight_decay=0.0,
    )
    batches = gpt_batches(examples, n_tokens, rng)
    return train(head, with_language_model(task_loss, weight), batches, settings, on_step)
