"""One training loop for every model of the course; only `loss_fn` knows the task."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How long and how fast to learn. Raises ValueError if the numbers make no sense."""

    n_steps: int
    lr: float = 1e-3  # the highest learning rate, reached after the warm-up
    n_warmup: int = 0  # steps in which the rate rises from lr / n_warmup to lr
    max_grad_norm: float = 1.0  # longer gradients are cut to this length
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        if self.n_steps < 1:
            raise ValueError(f"{self.n_steps=} must be at least 1")
        if not 0 <= self.n_warmup < self.n_steps:
            raise ValueError(f"{self.n_warmup=} must be from 0 to {self.n_steps - 1}")
        if self.lr <= 0 or self.max_grad_norm <= 0 or self.weight_decay < 0:
            raise ValueError(f"{self} needs lr, max_grad_norm > 0 and weight_decay >= 0")


def learning_rate(step: int, cfg: TrainConfig) -> float:
    """A straight line up to cfg.lr in cfg.n_warmup steps, then one down; 0 after the last step.

    The first step already moves (rate lr / n_warmup), and so does the last. Source: the schedule
    of Devlin et al. (2019).
    """
    if step < cfg.n_warmup:
        return cfg.lr * (step + 1) / cfg.n_warmup
    return cfg.lr * (cfg.n_steps - step) / (cfg.n_steps - cfg.n_warmup)


def train(
    model: nn.Module,
    loss_fn: Callable[[nn.Module, Any], Tensor],
    batches: Iterable[Any],
    cfg: TrainConfig,
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
) -> list[float]:
    """Take cfg.n_steps optimiser steps; return the loss before each one.

    `on_step(step, loss)` is called after each step, and may print, plot or save. Raises ValueError
    if the batches run out.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    losses, n_done = torch.empty(0), 0
    for step, batch in zip(range(cfg.n_steps), batches, strict=False):
        model.train()  # each step, because on_step may have called eval()
        optimizer.param_groups[0]["lr"] = learning_rate(step, cfg)
        loss = loss_fn(model, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), cfg.max_grad_norm)
        optimizer.step()
        if step == 0:
            losses = loss.new_empty(cfg.n_steps)
        # .item() here would make a GPU wait each step. A list of kept tensors would hold far more
        # than numbers: each pins the freed logits around it, a megabyte a step.
        losses[step] = loss.detach()
        n_done = step + 1
        on_step(step, losses[step])
    if n_done < cfg.n_steps:
        raise ValueError(f"batches ran out after {n_done} of {cfg.n_steps} steps")
    return losses.tolist()
