"""GPT-1 to and from the folders of Hugging Face's `transformers`, where it is called OpenAIGPT.

With one score per option, as fine-tuned for multiple choice, it is "OpenAIGPTDoubleHeadsModel".
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.gpt_names import to_our_names, to_their_names, without_copies
from course_lib.interop.model_folder import (
    architecture,
    check_same_model,
    check_tensors,
    read_config,
    read_tensors,
    write_folder,
)
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt1 import GPT1
from course_lib.models.gpt_heads import GPTMultipleChoice

# Settings that change what is computed, and the values that mean what GPT1 computes.
SAME_MODEL = {"afn": ("gelu",), "tie_word_embeddings": (True,)}
SAME_HEAD = {
    "summary_type": ("cls_index",),
    "summary_use_proj": (True,),
    "summary_activation": (None,),
}
OUTSIDE = {"tokens.weight": "tokens_embed.weight", "positions.weight": "positions_embed.weight"}
HEAD = {"output.weight": "summary.weight", "output.bias": "summary.bias"}
HEAD_PREFIX = "multiple_choice_head."


def load_gpt1(folder: str | Path) -> GPT1:
    """Read the language model, as published or fine-tuned; a head beside it is left out.

    The weights become float32. Raises CourseError if the folder holds something else, or is
    incomplete or damaged.
    """
    cfg = _config(read_config(folder, "openai-gpt"), folder)
    return _language_model(cfg, _tensors(folder), folder)


def load_gpt1_choice(folder: str | Path) -> GPTMultipleChoice:
    """Read a GPT-1 with its head for multiple choice. Raises CourseError as `load_gpt1` does."""
    settings = read_config(folder, "openai-gpt")
    check_same_model(settings, SAME_HEAD, folder)
    tensors = _tensors(folder)
    lm = _language_model(_config(settings, folder), tensors, folder)
    head = {n.removeprefix(HEAD_PREFIX): t for n, t in tensors.items() if n.startswith(HEAD_PREFIX)}
    model = GPTMultipleChoice(lm)
    ours = model.output.state_dict(prefix="output.")
    wanted = {HEAD[name]: tensor.shape for name, tensor in ours.items()}
    check_tensors(head, wanted, folder, "GPT-1 (OpenAIGPTDoubleHeadsModel)")
    loaded = {name: head[HEAD[name]].float() for name in ours}
    model.load_state_dict(loaded, strict=False)  # what is missing is in `lm` already
    return model.eval()


def load_any_gpt1(folder: str | Path) -> GPT1 | GPTMultipleChoice:
    """Read the language model, with its head if it has one. Raises CourseError as they do."""
    with_head = architecture(read_config(folder, "openai-gpt")) == "OpenAIGPTDoubleHeadsModel"
    return load_gpt1_choice(folder) if with_head else load_gpt1(folder)


def save_gpt1(model: GPT1 | GPTMultipleChoice, folder: str | Path) -> None:
    """Write a folder for `OpenAIGPTLMHeadModel` or `OpenAIGPTDoubleHeadsModel`, and for us.

    Raises ValueError if `transformers` has no such model: its inner width is always 4 D.
    """
    lm = model.lm if isinstance(model, GPTMultipleChoice) else model
    if not isinstance(lm, GPT1):
        raise ValueError(f"a GPT1 can be saved, alone or with options; not {type(lm).__name__}")
    if lm.cfg.d_hidden != 4 * lm.cfg.d_model:
        raise ValueError(f"transformers' GPT-1 needs d_ff = 4 * d_model, not {lm.cfg.d_hidden}")
    theirs = to_their_names(lm.state_dict(), lm.cfg.n_layers, OUTSIDE)
    tensors = {f"transformer.{name}": tensor for name, tensor in theirs.items()}
    architecture = "OpenAIGPTLMHeadModel"
    if isinstance(model, GPTMultipleChoice):
        architecture = "OpenAIGPTDoubleHeadsModel"
        ours = model.output.state_dict(prefix="output.")
        tensors |= {f"{HEAD_PREFIX}{HEAD[name]}": tensor for name, tensor in ours.items()}
    write_folder(folder, {"architectures": [architecture], **_settings(lm)}, tensors)


def _tensors(folder: str | Path) -> dict[str, Tensor]:
    """The weights; in the published file the names have no "transformer." before them."""
    theirs = {n.removeprefix("transformer."): t for n, t in read_tensors(folder).items()}
    return without_copies(theirs, OUTSIDE["tokens.weight"])


def _language_model(
    cfg: TransformerConfig, tensors: Mapping[str, Tensor], folder: str | Path
) -> GPT1:
    with torch.device("meta"):  # shapes only: the first, random weights would be thrown away
        model = GPT1(cfg)
    theirs = {name: t for name, t in tensors.items() if not name.startswith(HEAD_PREFIX)}
    shapes = to_their_names(model.state_dict(), cfg.n_layers, OUTSIDE)
    check_tensors(theirs, {name: t.shape for name, t in shapes.items()}, folder, "GPT-1")
    model.load_state_dict(to_our_names(theirs, cfg.n_layers, OUTSIDE), assign=True)
    return model.eval()


def _settings(model: GPT1) -> dict[str, Any]:
    """What config.json says of a `GPT1`."""
    cfg = model.cfg
    return {
        "model_type": "openai-gpt",
        "vocab_size": cfg.vocab_size,
        "n_positions": cfg.context_length,
        "n_embd": cfg.d_model,
        "n_head": cfg.n_heads,
        "n_layer": cfg.n_layers,
        "afn": "gelu",
        "layer_norm_epsilon": cfg.norm_eps,
        "embd_pdrop": cfg.dropout,
        "attn_pdrop": cfg.dropout,
        "resid_pdrop": cfg.dropout,
        "summary_first_dropout": cfg.dropout,
        "num_labels": 1,
        "pad_token_id": cfg.pad_id,
        "bos_token_id": cfg.start_id,
        "eos_token_id": cfg.end_id,
        "tie_word_embeddings": True,
        "dtype": str(model.tokens.weight.dtype).removeprefix("torch."),
    }


def _config(settings: Mapping[str, Any], folder: str | Path) -> TransformerConfig:
    """Sizes from config.json. Raises CourseError for a GPT-1 of another build, or for nonsense."""
    check_same_model(settings, SAME_MODEL, folder)
    try:
        last = settings["vocab_size"] - 1
        end_id = _given(settings, "eos_token_id", last)
        if not 0 <= end_id <= last:
            raise ValueError(f"{end_id=} is not in the vocabulary")
        return TransformerConfig(
            vocab_size=settings["vocab_size"],
            context_length=settings["n_positions"],
            d_model=settings["n_embd"],
            n_heads=settings["n_head"],
            n_layers=settings["n_layer"],
            dropout=settings.get("resid_pdrop", 0.1),
            norm_eps=settings.get("layer_norm_epsilon", 1e-5),
            pad_id=settings.get("pad_token_id"),
            start_id=_given(settings, "bos_token_id", end_id),
            end_id=end_id,
        )
    except (KeyError, TypeError, ValueError) as error:
        message = _("{folder}: config.json is damaged or not of a GPT-1: {why}")
        raise CourseError(message.format(folder=folder, why=error)) from None


def _given(settings: Mapping[str, Any], name: str, otherwise: int) -> int:
    """A setting, unless it is missing or null: the published GPT-1 names no marks."""
    value: int | None = settings.get(name)
    return otherwise if value is None else value
