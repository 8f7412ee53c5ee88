"""One training loop for every model of the course; only `loss_fn` knows the task."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.training.config import TrainConfig
from course_lib.training.optimizers import make_optimizers, set_rates
from course_lib.training.precision import Precision

__all__ = ["LossFn", "TrainConfig", "train"]

LossFn = Callable[[nn.Module, Any], Tensor]


def train(
    model: nn.Module,
    loss_fn: LossFn,
    batches: Iterable[Any],
    cfg: TrainConfig,
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
) -> list[float]:
    """Take cfg.n_steps optimiser steps; return the loss before each one.

    `on_step(step, loss)` is called after each step, and may print, plot or save. Batches are moved
    to the model's device. Raises ValueError if the batches run out.
    """
    learner = Learner(model, loss_fn, cfg)
    groups = _groups(batches, cfg.n_accumulate)
    for step, group in zip(range(cfg.n_steps), groups, strict=False):
        learner.take_step(group)
        on_step(step, learner.losses[step])
    if learner.n_done < cfg.n_steps:
        raise ValueError(f"batches ran out after {learner.n_done} of {cfg.n_steps} steps")
    return learner.losses.tolist()


def _groups(batches: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """Batches, `size` at a time; a last group that is not full is left out."""
    rest = iter(batches)
    while len(group := list(itertools.islice(rest, size))) == size:
        yield group


class Learner:
    """A model with all that changes as it learns."""

    def __init__(self, model: nn.Module, loss_fn: LossFn, cfg: TrainConfig) -> None:
        self.model, self.loss_fn, self.cfg = model, loss_fn, cfg
        self.optimizers = make_optimizers(model, cfg)
        weight = next(model.parameters())
        self.device = weight.device
        self.precision = Precision(cfg.precision, self.device)
        self.runner = torch.compile(model) if cfg.compile else model
        self.losses = torch.full((cfg.n_steps,), torch.nan, dtype=weight.dtype, device=self.device)
        self.n_done = 0

    def take_step(self, batches: list[Any]) -> None:
        """One step on the mean of the batches' losses.

        Each batch counts alike: with equal numbers of targets this is exactly the step on one large
        batch; with unequal numbers, targets of a small batch weigh more.
        """
        self.model.train()  # each step, because on_step may have called eval()
        set_rates(self.optimizers, self.n_done, self.cfg)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        total = self.losses.new_zeros(())
        for batch in batches:
            with self.precision.autocast():
                loss = self.loss_fn(self.runner, to_device(batch, self.device)) / len(batches)
            self.precision.backward(loss)
            total += loss.detach()
        self.precision.step(self.optimizers, self.model, self.cfg.max_grad_norm)
        # .item() here would make a GPU wait each step. A list of kept tensors would hold far more
        # than numbers: each pins the freed logits around it, a megabyte a step.
        self.losses[self.n_done] = total
        self.n_done += 1


def to_device(batch: Any, device: torch.device) -> Any:
    """The batch, tensors in tuples, lists and dictionaries moved; anything else as it is."""
    if isinstance(batch, Tensor):
        return batch if batch.device == device else batch.to(device, non_blocking=True)
    if isinstance(batch, dict):
        return {key: to_device(part, device) for key, part in batch.items()}
    if isinstance(batch, tuple | list):
        return type(batch)(to_device(part, device) for part in batch)
    return batch
