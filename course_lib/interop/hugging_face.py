"""Models to and from the folders of Hugging Face's `transformers`: GPT-2 here, others beside it.

The same numbers lie there under other names and in other shapes: that library multiplies x @ W
where torch.nn.Linear multiplies x @ W.T, so its matrices are transposed, and the matrices of query,
key and value stand side by side in one (D, 3 D) matrix, `c_attn`.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.bert_folder import (
    load_bert,
    load_bert_encoder,
    load_bert_head,
    save_bert,
)
from course_lib.interop.model_folder import (
    check_same_model,
    check_tensors,
    read_config,
    read_tensors,
    write_folder,
)
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT

__all__ = [
    "load_bert",
    "load_bert_encoder",
    "load_bert_head",
    "load_gpt2",
    "save_bert",
    "save_gpt2",
]

# Settings that change what is computed, and the values that mean what GPT computes.
SAME_MODEL = {
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "add_cross_attention": (False,),
    "tie_word_embeddings": (True,),
}
# Not weights: the causal mask, which old versions wrote into the file.
MASKS = re.compile(r"h\.\d+\.attn\.(masked_)?bias")


def load_gpt2(folder: str | Path) -> GPT:
    """Read a GPT-2 as `transformers` saves it: config.json and model.safetensors.

    The weights become float32. Raises CourseError if the folder holds something else, or is
    incomplete or damaged.
    """
    cfg = _config(read_config(folder, "gpt2"), folder)
    theirs = {name.removeprefix("transformer."): t for name, t in read_tensors(folder).items()}
    with torch.device("meta"):  # shapes only: the first, random weights would be thrown away
        model = GPT(cfg)
    wanted = to_their_names(model.state_dict(), cfg)
    _check_shapes(theirs, {name: tensor.shape for name, tensor in wanted.items()}, folder)
    ours = to_our_names(theirs, cfg)
    model.load_state_dict({n: t.float().contiguous() for n, t in ours.items()}, assign=True)
    return model.eval()


def save_gpt2(model: GPT, folder: str | Path) -> None:
    """Write a folder that `GPT2LMHeadModel.from_pretrained(folder)` and `load_gpt2` open."""
    tensors = to_their_names(model.state_dict(), model.cfg)
    settings = _settings(model.cfg, model.tokens.weight.dtype)
    write_folder(folder, settings, {f"transformer.{name}": t for name, t in tensors.items()})


def to_their_names(ours: Mapping[str, Tensor], cfg: TransformerConfig) -> dict[str, Tensor]:
    """Weights of a `GPT` under the names and in the shapes of `transformers`."""
    theirs = {}
    for our_name, their_name, is_matrix in _names(cfg):
        tensor = ours[our_name]
        theirs[their_name] = tensor.T if is_matrix else tensor
    for i in range(cfg.n_layers):
        parts = [f"blocks.{i}.attention.w_{letter}" for letter in "qkv"]
        theirs[f"h.{i}.attn.c_attn.weight"] = torch.cat([ours[f"{p}.weight"].T for p in parts], 1)
        theirs[f"h.{i}.attn.c_attn.bias"] = torch.cat([ours[f"{p}.bias"] for p in parts])
    return theirs


def to_our_names(theirs: Mapping[str, Tensor], cfg: TransformerConfig) -> dict[str, Tensor]:
    """Undoes `to_their_names`."""
    ours = {}
    for our_name, their_name, is_matrix in _names(cfg):
        tensor = theirs[their_name]
        ours[our_name] = tensor.T if is_matrix else tensor
    for i in range(cfg.n_layers):
        weights = theirs[f"h.{i}.attn.c_attn.weight"].T.chunk(3)
        biases = theirs[f"h.{i}.attn.c_attn.bias"].chunk(3)
        for letter, weight, bias in zip("qkv", weights, biases, strict=True):
            ours[f"blocks.{i}.attention.w_{letter}.weight"] = weight
            ours[f"blocks.{i}.attention.w_{letter}.bias"] = bias
    return ours


def _names(cfg: TransformerConfig) -> Iterator[tuple[str, str, bool]]:
    """Our name, their name, and whether to transpose, of all tensors but those of q, k and v."""
    yield "tokens.weight", "wte.weight", False
    yield "positions.weight", "wpe.weight", False
    matrices = {"attention.w_o": "attn.c_proj", "mlp.0": "mlp.c_fc", "mlp.2": "mlp.c_proj"}
    for i in range(cfg.n_layers):
        for our_name, their_name in matrices.items():
            yield f"blocks.{i}.{our_name}.weight", f"h.{i}.{their_name}.weight", True
            yield f"blocks.{i}.{our_name}.bias", f"h.{i}.{their_name}.bias", False
        for number in (1, 2):
            for part in ("weight", "bias"):
                yield f"blocks.{i}.norm_{number}.{part}", f"h.{i}.ln_{number}.{part}", False
    for part in ("weight", "bias"):
        yield f"norm.{part}", f"ln_f.{part}", False


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


def _check_shapes(
    theirs: dict[str, Tensor], wanted: Mapping[str, torch.Size], folder: str | Path
) -> None:
    """Raises CourseError, naming the first bad tensor, unless names and shapes are as wanted.

    Drops what is no weight: stored masks, and an output layer equal to the token table.
    """
    for name in [n for n in theirs if MASKS.fullmatch(n)]:
        del theirs[name]
    head = theirs.pop("lm_head.weight", None)
    if head is not None and "wte.weight" in theirs and not head.equal(theirs["wte.weight"]):
        theirs["lm_head.weight"] = head  # which has a table of its own, and is refused
    check_tensors(theirs, wanted, folder, _("GPT-2 language model"))
