"""Language models that `transformers` has no class for, to and from its folders with their code.

They are `ShiftedGPT` and `RecurrentLM`; the weights have the names there that they have here.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from torch import nn

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.model_folder import (
    check_tensors,
    read_config,
    read_tensors,
    write_folder,
)
from course_lib.interop.remote_code import auto_map, write_code
from course_lib.models.config import TransformerConfig
from course_lib.models.rnn import RecurrentConfig, RecurrentLM
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.text.vocab import Vocab

Model = TypeVar("Model", bound=nn.Module)
SHIFTED, RECURRENT = "course_gpt", "course_rnn"
# What the sizes of each are called there.
SHIFTED_SIZES = {
    "vocab_size": "vocab_size",
    "context_length": "max_position_embeddings",
    "d_model": "hidden_size",
    "n_heads": "num_attention_heads",
    "n_layers": "num_hidden_layers",
    "d_ff": "intermediate_size",
    "dropout": "hidden_dropout_prob",
    "norm_eps": "rms_norm_eps",
    "pad_id": "pad_token_id",
    "start_id": "bos_token_id",
    "end_id": "eos_token_id",
}
RECURRENT_SIZES = {
    "vocab_size": "vocab_size",
    "d_embedding": "embedding_size",
    "d_hidden": "hidden_size",
    "n_layers": "num_hidden_layers",
    "cell": "cell",
    "dropout": "hidden_dropout_prob",
}
MARKS = {
    "pad_token_id": Vocab.pad_id,
    "bos_token_id": Vocab.start_id,
    "eos_token_id": Vocab.end_id,
}


def save_shifted_gpt(model: ShiftedGPT, folder: str | Path) -> None:
    """Write a folder that `AutoModelForCausalLM` opens, with trust_remote_code=True."""
    fixed = {"rope_theta": model.rotary_base, "output_scale": model.output_scale}
    sizes = {their: asdict(model.cfg)[our] for our, their in SHIFTED_SIZES.items()}
    _save(model, SHIFTED, "CourseGPT", {**sizes, **fixed}, folder)


def load_shifted_gpt(folder: str | Path) -> ShiftedGPT:
    """Read what `save_shifted_gpt` wrote; the code in the folder is not run.

    Raises CourseError if the folder holds something else, or is incomplete or damaged.
    """
    settings = read_config(folder, SHIFTED)
    try:
        cfg = TransformerConfig(**_sizes(settings, SHIFTED_SIZES))
        fixed = {"rotary_base": settings["rope_theta"], "output_scale": settings["output_scale"]}
        model = ShiftedGPT(cfg, **fixed)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(folder, error) from None
    return _filled(model, folder)


def save_recurrent(model: RecurrentLM, folder: str | Path) -> None:
    """Write a folder that `AutoModelForCausalLM` opens, with trust_remote_code=True."""
    sizes = {their: asdict(model.cfg)[our] for our, their in RECURRENT_SIZES.items()}
    _save(model, RECURRENT, "CourseRNN", {**sizes, **MARKS, "use_cache": False}, folder)


def load_recurrent(folder: str | Path) -> RecurrentLM:
    """Read what `save_recurrent` wrote. Raises CourseError as `load_shifted_gpt` does."""
    settings = read_config(folder, RECURRENT)
    try:
        model = RecurrentLM(RecurrentConfig(**_sizes(settings, RECURRENT_SIZES)))
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(folder, error) from None
    return _filled(model, folder)


def _save(
    model: nn.Module, model_type: str, name: str, sizes: Mapping[str, Any], folder: str | Path
) -> None:
    module = f"modeling_{model_type}"
    settings = {
        "model_type": model_type,
        "architectures": [f"{name}ForCausalLM"],
        **auto_map(module, f"{name}Config", {"AutoModelForCausalLM": f"{name}ForCausalLM"}),
        **sizes,
        "dtype": str(next(model.parameters()).dtype).removeprefix("torch."),
    }
    write_code(module, folder)
    write_folder(folder, settings, model.state_dict())


def _filled(model: Model, folder: str | Path) -> Model:
    """The model with the weights of the folder. Raises CourseError if they do not fit."""
    theirs = read_tensors(folder)
    shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
    check_tensors(theirs, shapes, folder, type(model).__name__)
    model.load_state_dict({name: tensor.float() for name, tensor in theirs.items()})
    return model.eval()


def _sizes(settings: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {our: settings[their] for our, their in names.items()}


def _damaged(folder: str | Path, why: Exception) -> CourseError:
    message = _("{folder}: config.json is damaged: {why}")
    return CourseError(message.format(folder=folder, why=why))
