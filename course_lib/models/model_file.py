"""A trained model and its words as one file: tensors in safetensors format, which can hold no code.

Beside the model's own tensors there is one called "vocab", the words as JSON in UTF-8; the file's
metadata say which kind of model it is and with what settings it was made.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import writing
from course_lib.text.vocab import SPECIAL, Vocab


@dataclass(frozen=True)
class ModelFile:
    """What a model file holds. `settings` are plain numbers, strings, lists and dictionaries."""

    kind: str
    tensors: Mapping[str, Tensor]
    vocab: Vocab
    settings: Mapping[str, Any] = field(default_factory=dict)


def save_model(content: ModelFile, path: str | Path) -> None:
    """Write the file, whole or not at all. Raises CourseError if the disk refuses."""
    words = json.dumps(content.vocab.words[len(SPECIAL) :], ensure_ascii=False).encode()
    tensors = {name: tensor.contiguous() for name, tensor in content.tensors.items()}
    tensors["vocab"] = torch.from_numpy(np.frombuffer(words, dtype=np.uint8).copy())
    # One entry only: several would be written in an order that changes from run to run.
    metadata = {"model": json.dumps({"kind": content.kind, "settings": content.settings})}
    with writing(path, "wb") as file:
        file.write(safetensors.torch.save(tensors, metadata))


def load_model(path: str | Path) -> ModelFile:
    """Read what `save_model` wrote. Raises CourseError if there is no such file, or another."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            facts = json.loads((file.metadata() or {})["model"])
        words = json.loads(tensors.pop("vocab").numpy().tobytes())
        return ModelFile(facts["kind"], tensors, Vocab(words), facts["settings"])
    except OSError as error:
        why = error.strerror or error
        raise CourseError(_("cannot read {path}: {why}").format(path=path, why=why)) from None
    except (SafetensorError, KeyError, ValueError, TypeError):
        raise damaged(path) from None


def damaged(path: str | Path) -> CourseError:
    """The error for a file that does not hold what a model file holds."""
    message = _("{path} is not a file of `course train`, or is damaged; train the model again")
    return CourseError(message.format(path=path))
