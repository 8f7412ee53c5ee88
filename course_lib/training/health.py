"""Is training still sound? A loss that is not a finite number ends it, with the likely cause."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from course_lib.data.batching import IGNORED
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.training.config import TrainConfig


def refuse_not_finite(losses: list[float], first_step: int, batches: Any, cfg: TrainConfig) -> None:
    """Raise CourseError if one of these losses is nan or infinite: at which step, and why.

    losses: of step `first_step` and those after it. batches: what they were computed from, one
    entry for each step.
    """
    for i, loss in enumerate(losses):
        if not math.isfinite(loss):
            step = first_step + i
            message = _("the loss is {loss} at step {step}: {cause}")
            cause = likely_cause(loss, step, batches[i], cfg)
            raise CourseError(message.format(loss=loss, step=step, cause=cause))


def likely_cause(loss: float, step: int, batch: Any, cfg: TrainConfig) -> str:
    """Why a loss is not finite, as far as it, the batch and the settings tell; for a reader."""
    tensors = list(_tensors(batch))
    if any(t.is_floating_point() and not bool(t.isfinite().all()) for t in tensors):
        return _("the batch itself holds nan or inf")
    if any(_all_ignored(t) for t in tensors):
        return _("a batch has nothing to predict, all its targets are left out")
    if loss == math.inf:
        return _("the model holds a target for impossible, with a logit of -inf")
    if step == 0:
        return _("the model's weights or its arithmetic give nan before anything was learnt")
    if cfg.precision == "float16":
        return _("float16 overflows easily; take bfloat16, or a lower learning rate")
    if not cfg.max_grad_norm:
        return _("a step was too long; set max_grad_norm, or lower the learning rate")
    return _("the learning rate is probably too high; lower it, or warm up for longer")


def _all_ignored(targets: Tensor) -> bool:
    return targets.dtype == torch.long and bool((targets == IGNORED).all())


def _tensors(batch: Any) -> Iterator[Tensor]:
    """All tensors in a batch, however deep in tuples, lists and dictionaries."""
    if isinstance(batch, Tensor):
        yield batch
    elif isinstance(batch, dict):
        yield from _tensors(list(batch.values()))
    elif isinstance(batch, tuple | list):
        for part in batch:
            yield from _tensors(part)
