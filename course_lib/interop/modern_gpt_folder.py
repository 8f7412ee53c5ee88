"""`ModernGPT` to and from folders of `transformers`, where it is an ERNIE 4.5 without experts.

That architecture has all it takes, though it looks different:

- its gated feed-forward part, W2 (relu(G x) * (U x)), is W2 relu(W1 x)^2 if G and U both are W1;
- it has a bias behind every matrix, here 0, and with them the one wanted: on the output;
- it turns neighbouring pairs (2i, 2i + 1) where the course turns (i, i + K/2), so the rows of the
  matrices of queries and keys stand in another order;
- the factor on the logits is multiplied into the table that scores, which is its own there.

Source: Baidu (2025), ERNIE 4.5 technical report.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.model_folder import (
    check_same_model,
    check_tensors,
    read_config,
    read_tensors,
    write_folder,
)
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT

MODEL_TYPE = "ernie4_5_moe"
# Settings that change what is computed, and the values that mean what ModernGPT computes.
SAME_MODEL = {
    "hidden_act": ("relu",),
    "use_bias": (True,),
    "tie_word_embeddings": (False,),
}
NO_EXPERTS = {"moe_layer_start_index": 10**6, "moe_layer_end_index": 10**6}
BLOCK = {
    "attention.w_v": "self_attn.v_proj",
    "attention.w_o": "self_attn.o_proj",
    "w_2": "mlp.down_proj",
    "norm_1": "input_layernorm",
    "norm_2": "post_attention_layernorm",
}
TURNED = {"attention.w_q": "self_attn.q_proj", "attention.w_k": "self_attn.k_proj"}
GATE, UP = "mlp.gate_proj", "mlp.up_proj"
BIASED = (GATE, UP, *TURNED.values(), "self_attn.v_proj", "self_attn.o_proj", "mlp.down_proj")
OUTSIDE = {"tokens": "model.embed_tokens", "norm": "model.norm"}
HEAD, HEAD_BIAS = "lm_head.weight", "lm_head.bias"


def save_modern_gpt(model: ModernGPT, folder: str | Path) -> None:
    """Write a folder that `AutoModelForCausalLM` and `load_modern_gpt` open.

    Raises ValueError for a model that computes something else, such as a subclass.
    """
    if type(model) is not ModernGPT:
        raise ValueError(f"a ModernGPT can be saved, not {type(model).__name__}")
    write_folder(folder, _settings(model), _their_tensors(model))


def load_modern_gpt(folder: str | Path) -> ModernGPT:
    """Read what `save_modern_gpt` wrote; every weight is the same number again.

    Raises CourseError if the folder holds something else, or is incomplete or damaged.
    """
    settings = read_config(folder, MODEL_TYPE)
    model = _model(settings, folder)
    theirs = {name: tensor.float() for name, tensor in read_tensors(folder).items()}
    shapes = {name: tensor.shape for name, tensor in _their_tensors(model).items()}
    check_tensors(theirs, shapes, folder, "ModernGPT")
    model.load_state_dict(_our_tensors(theirs, model.cfg))
    again = _their_tensors(model)
    for name, tensor in theirs.items():  # what says the same twice must say the same
        if not torch.allclose(tensor, again[name]):
            message = _("{folder}: tensor {name} makes it another model than ModernGPT")
            raise CourseError(message.format(folder=folder, name=name))
    return model.eval()


def _their_tensors(model: ModernGPT) -> dict[str, Tensor]:
    ours, cfg = model.state_dict(), model.cfg
    theirs = {f"{name}.weight": ours[f"{our_name}.weight"] for our_name, name in OUTSIDE.items()}
    theirs[HEAD] = ours["tokens.weight"] * model.output_scale
    theirs[HEAD_BIAS] = ours["output_bias"]
    for i in range(cfg.n_layers):
        here, there = f"blocks.{i}.", f"model.layers.{i}."
        for our_name, name in BLOCK.items():
            theirs[f"{there}{name}.weight"] = ours[f"{here}{our_name}.weight"]
        for our_name, name in TURNED.items():
            weight = ours[f"{here}{our_name}.weight"]
            theirs[f"{there}{name}.weight"] = weight[neighbours(cfg)]
        for name in (GATE, UP):
            theirs[f"{there}{name}.weight"] = ours[f"{here}w_1.weight"]
        for name in BIASED:
            weight = theirs[f"{there}{name}.weight"]
            theirs[f"{there}{name}.bias"] = weight.new_zeros(len(weight))
    return {name: tensor.clone() for name, tensor in theirs.items()}


def _our_tensors(theirs: Mapping[str, Tensor], cfg: TransformerConfig) -> dict[str, Tensor]:
    """Undoes `_their_tensors`."""
    ours = {f"{our_name}.weight": theirs[f"{name}.weight"] for our_name, name in OUTSIDE.items()}
    ours["output_bias"] = theirs[HEAD_BIAS]
    back = neighbours(cfg).argsort()
    for i in range(cfg.n_layers):
        here, there = f"blocks.{i}.", f"model.layers.{i}."
        for our_name, name in BLOCK.items():
            ours[f"{here}{our_name}.weight"] = theirs[f"{there}{name}.weight"]
        for our_name, name in TURNED.items():
            ours[f"{here}{our_name}.weight"] = theirs[f"{there}{name}.weight"][back]
        ours[f"{here}w_1.weight"] = theirs[f"{there}{UP}.weight"]
    return ours


def neighbours(cfg: TransformerConfig) -> Tensor:
    """(D,) the order of rows in which each head's pairs (i, i + K/2) stand side by side."""
    rows = torch.arange(cfg.d_model).view(cfg.n_heads, 2, cfg.d_head // 2)
    return rows.transpose(1, 2).flatten()


def _settings(model: ModernGPT) -> dict[str, Any]:
    """What config.json says of it."""
    cfg = model.cfg
    return {
        "model_type": MODEL_TYPE,
        "architectures": ["Ernie4_5_MoeForCausalLM"],
        "vocab_size": cfg.vocab_size,
        "max_position_embeddings": cfg.context_length,
        "hidden_size": cfg.d_model,
        "num_attention_heads": cfg.n_heads,
        "num_key_value_heads": cfg.n_heads,
        "num_hidden_layers": cfg.n_layers,
        "intermediate_size": cfg.d_hidden,
        "rms_norm_eps": cfg.norm_eps,
        "rope_parameters": {"rope_type": "default", "rope_theta": model.rotary_base},
        **{name: values[0] for name, values in SAME_MODEL.items()},
        **NO_EXPERTS,
        "pad_token_id": cfg.pad_id,
        "bos_token_id": cfg.start_id,
        "eos_token_id": cfg.end_id,
        "output_scale": model.output_scale,
        "dropout": cfg.dropout,
        "dtype": str(model.tokens.weight.dtype).removeprefix("torch."),
    }


def _model(settings: Mapping[str, Any], folder: str | Path) -> ModernGPT:
    """The model that config.json describes, untrained."""
    check_same_model(settings, SAME_MODEL, folder)
    try:
        cfg = TransformerConfig(
            vocab_size=settings["vocab_size"],
            context_length=settings["max_position_embeddings"],
            d_model=settings["hidden_size"],
            n_heads=settings["num_attention_heads"],
            n_layers=settings["num_hidden_layers"],
            d_ff=settings["intermediate_size"],
            dropout=settings["dropout"],
            norm_eps=settings["rms_norm_eps"],
            pad_id=settings["pad_token_id"],
            start_id=settings["bos_token_id"],
            end_id=settings["eos_token_id"],
        )
        base = settings["rope_parameters"]["rope_theta"]
        return ModernGPT(cfg, rotary_base=base, output_scale=settings["output_scale"])
    except (KeyError, TypeError, ValueError) as error:
        message = _("{folder}: config.json is damaged or not of a ModernGPT: {why}")
        raise CourseError(message.format(folder=folder, why=error)) from None
