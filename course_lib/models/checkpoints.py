"""The small trained models that come with the course, so that lectures start at once.

Each is a file of `course train` in data/checkpoints/, with half-precision weights, made by
`course checkpoints build NAME`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.model_file import ModelFile, damaged, load_model
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.network_file import (
    bert_from_tensors,
    gpt_from_tensors,
    recurrent_from_tensors,
    translator_from_tensors,
)
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.models.rnn import RecurrentLM
from course_lib.models.shifted_file import shifted_from_tensors
from course_lib.storage import PROJECT
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.tokenizer_file import from_settings_and_vocab
from course_lib.text.vocab import Vocab

FOLDER = PROJECT / "data" / "checkpoints"

Model = ModernGPT | RecurrentLM | PretrainingBERT | ModernTranslator
PutTogether = Callable[[Mapping[str, Tensor], Mapping[str, Any]], Model]
KINDS: dict[str, PutTogether] = {
    "gpt": gpt_from_tensors,
    "recurrent": recurrent_from_tensors,
    "bert": bert_from_tensors,
    "translator": translator_from_tensors,
    "shifted_gpt": shifted_from_tensors,
}


class Shipped(NamedTuple):
    """A model that comes with the course, in eval mode and float32, on the CPU."""

    model: Any  # a `Model`: which one, its name tells
    vocab: Vocab
    bits_per_word: float  # on its dev part, when it was made; of an encoder, per hidden word


def names(folder: Path = FOLDER) -> list[str]:
    """The models there are."""
    return sorted(path.stem for path in folder.glob("*.safetensors"))


def load(name: str, folder: Path = FOLDER) -> Shipped:
    """The model of that name, as "gpt_riverbank".

    Raises CourseError if there is none, or its file is damaged.
    """
    content = _read(name, folder)
    try:
        tensors = {name: tensor.float() for name, tensor in content.tensors.items()}
        model = KINDS[content.kind](tensors, content.settings["model"])
        return Shipped(model, content.vocab, content.settings["bits_per_word"])
    except (KeyError, ValueError, TypeError, RuntimeError):  # RuntimeError: of load_state_dict
        raise damaged(folder / f"{name}.safetensors") from None


def load_tokenizer(name: str, folder: Path = FOLDER) -> Tokenizer:
    """What turns text into the ids of the model of that name; errors as in `load`."""
    content = _read(name, folder)
    try:
        return from_settings_and_vocab(content.settings["tokenizer"], content.vocab)
    except (KeyError, ValueError, TypeError):
        raise damaged(folder / f"{name}.safetensors") from None


def _read(name: str, folder: Path) -> ModelFile:
    path = folder / f"{name}.safetensors"
    if not path.is_file():
        message = _("{folder}: no model {name!r}; there are: {names}")
        known = ", ".join(names(folder)) or "-"
        raise CourseError(message.format(folder=folder, name=name, names=known))
    return load_model(path)
