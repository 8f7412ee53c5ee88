"""GPT-2 to and from the folders of Hugging Face's `transformers`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.gpt_names import to_our_names, to_their_names, without_copies
from course_lib.interop.model_folder import (
    check_same_model,
    check_tensors,
    read_config,
    read_tensors,
    write_folder,
)
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT

# Settings that change what is computed, and the values that mean what GPT computes.
SAME_MODEL = {
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
    "tie_word_embeddings": (True,),
}
OUTSIDE = {
    "tokens.weight": "wte.weight",
    "positions.weight": "wpe.weight",
    "norm.weight": "ln_f.weight",
    "norm.bias": "ln_f.bias",
}


def load_gpt2(folder: str | Path) -> GPT:
    """Read a GPT-2 as `transformers` saves it: config.json and model.safetensors.

    The weights become float32. Raises CourseError if the folder holds something else, or is
    incomplete or damaged.
    """
    cfg = _config(read_config(folder, "gpt2"), folder)
    theirs = {name.removeprefix("transformer."): t for name, t in read_tensors(folder).items()}
    theirs = without_copies(theirs, OUTSIDE["tokens.weight"])
    with torch.device("meta"):  # shapes only: the first, random weights would be thrown away
        model = GPT(cfg)
    wanted = to_their_names(model.state_dict(), cfg.n_layers, OUTSIDE)
    shapes = {name: tensor.shape for name, tensor in wanted.items()}
    check_tensors(theirs, shapes, folder, _("GPT-2 language model"))
    model.load_state_dict(to_our_names(theirs, cfg.n_layers, OUTSIDE), assign=True)
    return model.eval()


def save_gpt2(model: GPT, folder: str | Path) -> None:
    """Write a folder that `GPT2LMHeadModel.from_pretrained(folder)` and `load_gpt2` open."""
    tensors = to_their_names(model.state_dict(), model.cfg.n_layers, OUTSIDE)
    settings = _settings(model.cfg, model.tokens.weight.dtype)
    write_folder(folder, settings, {f"transformer.{name}": t for name, t in tensors.items()})


def _settings(cfg: TransformerConfig, dtype: torch.dtype) -> dict[str, Any]:
    """What config.json says of a `GPT`."""
    return {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "vocab_size": cfg.vocab_size,
        "n_positions": cfg.context_length,
        "n_embd": cfg.d_model,
        "n_head": cfg.n_heads,
        "n_layer": cfg.n_layers,
        "n_inner": cfg.d_ff,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": cfg.norm_eps,
        "embd_pdrop": cfg.dropout,
        "attn_pdrop": cfg.dropout,
        "resid_pdrop": cfg.dropout,
        "pad_token_id": cfg.pad_id,
        "bos_token_id": cfg.start_id,
        "eos_token_id": cfg.end_id,
        "tie_word_embeddings": True,
        "dtype": str(dtype).removeprefix("torch."),
    }


def _config(settings: Mapping[str, Any], folder: str | Path) -> TransformerConfig:
    """Sizes from config.json. Raises CourseError for a GPT-2 of another build, or for nonsense."""
    check_same_model(settings, SAME_MODEL, folder)
    try:
        end_id = settings.get("eos_token_id", settings["vocab_size"] - 1)
        if not 0 <= end_id < settings["vocab_size"]:
            raise ValueError(f"{end_id=} is not in the vocabulary")
        return TransformerConfig(
            vocab_size=settings["vocab_size"],
            context_length=settings["n_positions"],
            d_model=settings["n_embd"],
            n_heads=settings["n_head"],
            n_layers=settings["n_layer"],
            d_ff=settings.get("n_inner"),
            dropout=settings.get("resid_pdrop", 0.1),
            norm_eps=settings.get("layer_norm_epsilon", 1e-5),
            pad_id=settings.get("pad_token_id"),
            start_id=settings.get("bos_token_id", end_id),
            end_id=end_id,
        )
    except (KeyError, TypeError, ValueError) as error:
        message = _("{folder}: config.json is damaged or not of a GPT-2: {why}")
        raise CourseError(message.format(folder=folder, why=error)) from None
