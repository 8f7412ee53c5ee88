"""Checkpoints: all that training needs to go on exactly where it was, in one safetensors file.

Tensors: the model's weights and buffers, the optimizers' state, the state of torch's random
generators, the losses so far. Metadata, as JSON: the number of steps done, the settings of the
run, and what the caller wants to be the same. Neither can hold code, as a pickle can.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import writing
from course_lib.training.learner import Learner

FORMAT = 1
PICKLES = (b"PK\x03\x04", b"\x80\x02")  # how torch.save's files begin, now and formerly


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint file holds."""

    tensors: Mapping[str, Tensor]
    n_done: int  # steps
    settings: Mapping[str, Any]  # of the run: the TrainConfig and the caller's own, flat


@dataclass(frozen=True, kw_only=True)
class Checkpoints:
    """Where and how often a run is saved, and whether it goes on from what is there.

    Args:
        path: one file, replaced whole at each save.
        every: steps from one save to the next; the last step is saved, too.
        resume: go on from the file if there is one, else start anew.
        settings: plain data that must be the same to go on, under names for the reader, what the
            others follow from first: the text's fingerprint, the vocabulary's, the model's sizes.
    """

    path: Path
    every: int = 500
    resume: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError(f"{self.every=} must be at least 1")

    def is_due(self, learner: Learner) -> bool:
        """Is it time to save?"""
        return learner.n_done % self.every == 0 or learner.n_done == learner.cfg.n_steps

    def save(self, learner: Learner) -> None:
        """Write the file. Raises CourseError if the disk refuses; an older file then stays."""
        settings = {**self.settings, **asdict(learner.cfg)}
        facts = {"format": FORMAT, "n_done": learner.n_done, "settings": settings}
        with writing(self.path, "wb") as file:
            metadata = {"checkpoint": json.dumps(facts)}
            file.write(safetensors.torch.save(learner.tensors(), metadata))

    def load(self, learner: Learner) -> Checkpoint | None:
        """The checkpoint to go on from, if there is one; `learner` is not changed yet.

        Raises CourseError if the file is damaged, no checkpoint, or of another run.
        """
        if not (self.resume and self.path.exists()):
            return None
        checkpoint = read_checkpoint(self.path)
        settings = json.loads(json.dumps({**self.settings, **asdict(learner.cfg)}))
        self._refuse_others(checkpoint.settings, settings)
        self._refuse_other_model(checkpoint.tensors, learner.model.state_dict())
        return checkpoint

    def restore(self, learner: Learner, checkpoint: Checkpoint) -> None:
        """Put the learner where the checkpoint was. Raises CourseError if a part is missing."""
        try:
            learner.restore(checkpoint.tensors)
        except (KeyError, ValueError, RuntimeError):
            raise damaged(self.path) from None

    def _refuse_others(self, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
        for name in {**here, **there}:
            if there.get(name) != here.get(name):
                message = _("{path} is of another run: {name} is {there} there and {here} here")
                values = {"there": there.get(name), "here": here.get(name)}
                raise CourseError(message.format(path=self.path, name=name, **values))

    def _refuse_other_model(self, there: Mapping[str, Tensor], here: Mapping[str, Tensor]) -> None:
        before = {
            name.removeprefix("model."): tensor
            for name, tensor in there.items()
            if name.startswith("model.")
        }
        for name in sorted({*before, *here}):
            shapes = [tuple(t[name].shape) if name in t else None for t in (before, here)]
            if shapes[0] != shapes[1]:
                message = _("{path} is of another model: {name} is {there} there and {here} here")
                values = {"there": shapes[0], "here": shapes[1]}
                raise CourseError(message.format(path=self.path, name=name, **values))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what `Checkpoints.save` wrote. Raises CourseError if the file holds something else."""
    try:
        with safe_open(path, framework="pt") as content:
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
            facts = json.loads((content.metadata() or {})["checkpoint"])
        if facts["format"] != FORMAT or len(tensors["losses"]) != facts["n_done"]:
            raise ValueError
        return Checkpoint(tensors, facts["n_done"], dict(facts["settings"]))
    except OSError as error:
        why = error.strerror or error
        raise CourseError(_("cannot read {path}: {why}").format(path=path, why=why)) from None
    except (SafetensorError, KeyError, ValueError, TypeError):
        raise damaged(path) from None


def damaged(path: Path) -> CourseError:
    """The error for a file that does not hold what a checkpoint holds."""
    message = _("{path} is damaged, or is no checkpoint: delete it to start anew")
    with path.open("rb") as file:
        if file.read(4).startswith(PICKLES):
            message = _("{path} is a pickle, which can run any code: it is not opened")
    return CourseError(message.format(path=path))
