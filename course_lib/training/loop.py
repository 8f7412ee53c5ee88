"""One training loop for every model of the course; only `loss_fn` knows the task."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from course_lib.training.checkpoint import Checkpoints
from course_lib.training.config import TrainConfig
from course_lib.training.failures import explained
from course_lib.training.health import refuse_not_finite
from course_lib.training.learner import Learner, LossFn
from course_lib.training.memory import keep_freed_memory
from course_lib.training.record import LossRecord

__all__ = ["LossFn", "TrainConfig", "train"]

LOOK_EVERY = 20  # steps between two looks at the losses on a GPU, which must stop for each look


def train(
    model: nn.Module,
    loss_fn: LossFn,
    batches: Iterable[Any],
    cfg: TrainConfig,
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
    *,
    checkpoints: Checkpoints | None = None,
    record: str | Path | None = None,
) -> list[float]:
    """Take cfg.n_steps optimiser steps; return the loss before each one.

    Args:
        batches: moved to the model's device one by one. To be resumed exactly they must come from
            generators of their own, seeded as before: those of the steps done are drawn again, and
            dropped.
        on_step: called as on_step(step, loss) after each step; may print, plot or save.
        checkpoints: where to save the run, and to go on from. A run that was stopped anywhere and
            resumed gives the same losses and weights, to the last bit, on the same machine.
        record: a CSV file to write the losses to as they come.

    Raises ValueError if the batches run out; CourseError, saying which step and why, if the loss
    is no finite number or the memory does not suffice, or if a file is refused.
    """
    keep_freed_memory()
    learner = Learner(model, loss_fn, cfg)
    groups = _groups(batches, cfg.n_accumulate)
    _resume(learner, groups, checkpoints)
    watch = Watch(learner, record)
    for step, group in zip(range(learner.n_done, cfg.n_steps), groups, strict=False):
        with explained(step):
            learner.take_step(group)
        watch.note(group)
        on_step(step, learner.losses[step])
        if checkpoints and checkpoints.is_due(learner):
            watch.look()  # what is not sound is not saved
            checkpoints.save(learner)
    watch.look()
    if learner.n_done < cfg.n_steps:
        raise ValueError(f"batches ran out after {learner.n_done} of {cfg.n_steps} steps")
    return learner.losses.tolist()


def _groups(batches: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Batches, `size` at a time; a last group that is not full is left out."""
    rest = iter(batches)
    while len(group := list(itertools.islice(rest, size))) == size:
        yield group


def _resume(learner: Learner, groups: Iterator[list[Any]], checkpoints: Checkpoints | None) -> None:
    """Go on from the checkpoint, if there is one, with the batches that come after its last."""
    checkpoint = checkpoints.load(learner) if checkpoints else None
    if checkpoints and checkpoint:
        for _skipped in zip(range(checkpoint.n_done), groups, strict=False):
            pass
        # Last of all, because making batches may have drawn random numbers, too.
        checkpoints.restore(learner, checkpoint)


class Watch:
    """Looks at the losses as they come: writes them down, and ends a run that went wrong."""

    def __init__(self, learner: Learner, record: str | Path | None) -> None:
        self.learner, self.n_seen = learner, learner.n_done
        self.every = 1 if learner.device.type == "cpu" else LOOK_EVERY
        done = learner.losses[: self.n_seen].tolist()
        self.record = None if record is None else LossRecord(record, learner.cfg, done)
        self.batches: list[Any] = []  # of the steps not looked at yet

    def note(self, batches: list[Any]) -> None:
        """Remember what a step was made from; now and then, look."""
        self.batches.append(batches)
        if len(self.batches) == self.every:
            self.look()

    def look(self) -> None:
        """Raises CourseError if a loss since the last look is not finite."""
        losses = self.learner.losses[self.n_seen : self.learner.n_done].tolist()
        if self.record is not None:
            self.record.add(losses)
        refuse_not_finite(losses, self.n_seen, self.batches, self.learner.cfg)
        self.n_seen, self.batches = self.learner.n_done, []
