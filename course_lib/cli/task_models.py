"""Models with a task of their own, and encoders to make them of, as files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course_lib.cli.labelled_files import Columns
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.head_file import Head, head_from_tensors, head_tensors
from course_lib.models.model_file import ModelFile, damaged, load_model, save_model
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.network_file import bert_from_tensors
from course_lib.text.encoding import Encoding, piece_encoding
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.tokenizer_file import from_settings_and_vocab
from course_lib.training.numbers import NumberScaler

# What a file of each kind is used with; also the names of `course train`'s commands.
COMMANDS = {"classifier": "classify", "tagger": "tag", "answerer": "answer"}
PRETRAINED = "bert"


class TaskModel(NamedTuple):
    """A trained model with what it takes to use it on a user's texts."""

    kind: str  # a key of COMMANDS
    model: Head
    tokenizer: Tokenizer
    labels: Sequence[str] = ()  # of a classifier or a tagger, in the order of the logits
    columns: Columns = Columns()
    scaler: NumberScaler | None = None  # of the numbers beside each text
    target: tuple[float, float] = (0.0, 1.0)  # mean and spread of the number to be predicted
    space: str = " "  # what stands between words of a sentence; nothing in Japanese
    declines: bool = False  # whether an answerer has learnt that there may be no answer

    @property
    def encoding(self) -> Encoding:
        return piece_encoding(self.tokenizer, self.model.encoder.cfg.context_length, self.space)


class Pretrained(NamedTuple):
    """An encoder that has read much, and its tokenizer."""

    encoder: ModernBERT
    tokenizer: Tokenizer


def save(task: TaskModel, path: Path) -> None:
    """Write the file, whole or not at all. Raises CourseError if the disk refuses."""
    tensors, sizes = head_tensors(task.model)
    tokenizer = task.tokenizer.to_settings()
    tokenizer.pop("pieces", None)  # the words of the vocabulary, which has its own place
    settings = {
        "tokenizer": tokenizer,
        "model": sizes,
        "labels": list(task.labels),
        "columns": task.columns._asdict(),
        "scaler": None if task.scaler is None else _scaler_settings(task.scaler),
        "target": task.target,
        "space": task.space,
        "declines": task.declines,
    }
    save_model(ModelFile(task.kind, tensors, task.tokenizer.vocab, settings), path)


def load(path: Path, kind: str) -> TaskModel:
    """Read a file of that kind. Raises CourseError for another kind, saying what it is good for."""
    content = load_model(path)
    _check_kind(content.kind, kind, path)
    try:
        s = content.settings
        model = head_from_tensors(content.tensors, s["model"])
        columns = Columns(**{**s["columns"], "numbers": tuple(s["columns"]["numbers"])})
        scaler = None if s["scaler"] is None else _scaler(s["scaler"])
        tokenizer = from_settings_and_vocab(s["tokenizer"], content.vocab)
        mean, spread = s["target"]
        rest = (columns, scaler, (mean, spread), s["space"], s["declines"])
        return TaskModel(kind, model, tokenizer, list(s["labels"]), *rest)
    except (KeyError, ValueError, TypeError, RuntimeError):  # RuntimeError: of load_state_dict
        raise damaged(path) from None


def load_pretrained(path: Path) -> Pretrained:
    """The encoder of a file of `course train bert`. Raises CourseError for any other file."""
    content = load_model(path)
    _check_kind(content.kind, PRETRAINED, path)
    try:
        tensors = {name: tensor.float() for name, tensor in content.tensors.items()}
        encoder = bert_from_tensors(tensors, content.settings["model"]).encoder
        tokenizer = from_settings_and_vocab(content.settings["tokenizer"], content.vocab)
    except (KeyError, ValueError, TypeError, RuntimeError):
        raise damaged(path) from None
    if not isinstance(encoder, ModernBERT):
        raise damaged(path)
    return Pretrained(encoder, tokenizer)


def _check_kind(found: str, wanted: str, path: Path) -> None:
    if found == wanted:
        return
    explain = COMMANDS.get(found)
    if explain is not None:
        message = _("{path} is a {kind}: use it with `course {command}`")
        raise CourseError(message.format(path=path, kind=found, command=explain))
    message = _("{path} is of the kind {found!r}; make one by `course train {wanted}`")
    raise CourseError(message.format(path=path, found=found, wanted=wanted))


def _scaler_settings(scaler: NumberScaler) -> dict[str, Sequence[Any]]:
    parts = {"mean": scaler.mean, "spread": scaler.spread, "has_missing": scaler.has_missing}
    return {name: part.tolist() for name, part in parts.items()}


def _scaler(settings: Mapping[str, Sequence[Any]]) -> NumberScaler:
    def column(name: str, dtype: torch.dtype) -> Tensor:
        return torch.tensor(settings[name], dtype=dtype)

    numbers = torch.float64
    has_missing = column("has_missing", torch.bool)
    return NumberScaler(column("mean", numbers), column("spread", numbers), has_missing)
