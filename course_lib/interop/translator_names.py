"""Encoder and decoder under the names of `transformers`: what Marian's and Pegasus' folders share.

Both keep every matrix as torch does, so that only the names differ; both have fixed positions, of
which a file may hold a copy for the encoder and another for the decoder.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.model_folder import check_same_model, check_tensors, read_tensors
from course_lib.models.config import TransformerConfig
from course_lib.models.encoder_decoder import EncoderDecoder
from course_lib.models.positions import sines_then_cosines
from course_lib.storage import writing
from course_lib.text.vocab import Vocab

Model = TypeVar("Model", bound=EncoderDecoder)

TABLE = "model.shared.weight"
TABLE_COPIES = (
    "lm_head.weight",
    "model.encoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
)
POSITIONS = ("model.encoder.embed_positions.weight", "model.decoder.embed_positions.weight")
BIAS = "final_logits_bias"  # (1, V) there, (V,) here
MARKS = (Vocab.pad_id, Vocab.start_id, Vocab.end_id)
GENERATION = "generation_config.json"
NORM_EPS = 1e-5  # there it is no setting
OUTSIDE = {
    "tokens.weight": TABLE,
    "encoder_norm.weight": "model.encoder.layer_norm.weight",
    "encoder_norm.bias": "model.encoder.layer_norm.bias",
    "decoder_norm.weight": "model.decoder.layer_norm.weight",
    "decoder_norm.bias": "model.decoder.layer_norm.bias",
    "output_bias": BIAS,
}
PARTS = {
    "encoder": {
        "attention": "self_attn",
        "norm_1": "self_attn_layer_norm",
        "norm_2": "final_layer_norm",
    },
    "decoder": {
        "self_attention": "self_attn",
        "cross_attention": "encoder_attn",
        "norm_1": "self_attn_layer_norm",
        "norm_2": "encoder_attn_layer_norm",
        "norm_3": "final_layer_norm",
    },
}
LAYERS = {"w_q": "q_proj", "w_k": "k_proj", "w_v": "v_proj", "w_o": "out_proj"}
OURS = re.compile(r"(encoder|decoder)\.(\d+)\.(\w+)\.(?:(\w+)\.)?(weight|bias)")

# What a setting means where a file does not name it, as there, if it is not what the course does.
THEIR_DEFAULTS = {
    "activation_function": "gelu",
    "scale_embedding": False,
    "encoder_layers": 12,
    "decoder_layers": 12,
    "encoder_ffn_dim": 4096,
    "decoder_ffn_dim": 4096,
    "encoder_attention_heads": 16,
    "decoder_attention_heads": 16,
    "d_model": 1024,
    "max_position_embeddings": 1024,
}
# Settings that change what is computed, and the values that mean what the course computes.
SAME_MODEL: dict[str, tuple[Any, ...]] = {
    "scale_embedding": (True,),
    "tie_word_embeddings": (True,),
    "pad_token_id": (Vocab.pad_id,),
    "decoder_start_token_id": (Vocab.start_id,),
    "eos_token_id": (Vocab.end_id,),
}


def their_name(name: str) -> str:
    """decoder.0.cross_attention.w_q.bias -> model.decoder.layers.0.encoder_attn.q_proj.bias."""
    match = OURS.fullmatch(name)
    if name in OUTSIDE or match is None:
        return OUTSIDE[name]
    side, number, part, layer, kind = match.groups()
    if part == "mlp":
        theirs = "fc1" if layer == "0" else "fc2"
    else:
        theirs = PARTS[side][part] + (f".{LAYERS[layer]}" if layer else "")
    return f"model.{side}.layers.{number}.{theirs}.{kind}"


def their_tensors(model: EncoderDecoder) -> dict[str, Tensor]:
    """All weights of a model under their names there; the positions are not among them."""
    theirs = {their_name(name): tensor for name, tensor in model.state_dict().items()}
    if BIAS in theirs:
        theirs[BIAS] = theirs[BIAS][None]
    return theirs


def read_weights(folder: str | Path, cfg: TransformerConfig) -> dict[str, Tensor]:
    """All but further copies of the token table, and the fixed positions; always with a bias.

    The table may stand under any of its names. Raises CourseError for other positions than ours.
    """
    positions = sines_then_cosines(cfg.context_length, cfg.d_model)
    found = read_tensors(folder)
    found.setdefault(BIAS, torch.zeros(1, cfg.vocab_size))  # there it may be left out
    bias_shape = torch.Size((1, cfg.vocab_size))
    check_tensors({BIAS: found[BIAS]}, {BIAS: bias_shape}, folder, "translator")
    for name in TABLE_COPIES:
        copy = found.get(name)
        if copy is not None and found.setdefault(TABLE, copy).equal(copy):
            del found[name]  # another one, untied, will be refused
    for name in POSITIONS:
        table = found.pop(name, positions)
        if table.shape != positions.shape or not torch.allclose(table, positions, atol=1e-4):
            message = _(
                "{folder}: tensor {name} does not hold the sines and cosines that it should"
            )
            raise CourseError(message.format(folder=folder, name=name))
    return found


def their_settings(model: EncoderDecoder) -> dict[str, Any]:
    """What config.json says of the sizes. Raises ValueError for what cannot be said there."""
    cfg = model.cfg
    if cfg.norm_eps != NORM_EPS:
        raise ValueError(f"transformers' translators have norm_eps={NORM_EPS}, not {cfg.norm_eps}")
    marks = (cfg.pad_id, cfg.start_id, cfg.end_id)
    if marks != (Vocab.pad_id, Vocab.start_id, Vocab.end_id):
        raise ValueError(
            f"<pad>, <s> and </s> must be {Vocab.pad_id, Vocab.start_id, Vocab.end_id}"
        )
    both = {"layers": cfg.n_layers, "attention_heads": cfg.n_heads, "ffn_dim": cfg.d_hidden}
    sizes = {f"{side}_{name}": n for side in ("encoder", "decoder") for name, n in both.items()}
    return {
        **sizes,
        "vocab_size": cfg.vocab_size,
        "max_position_embeddings": cfg.context_length,
        "d_model": cfg.d_model,
        "scale_embedding": True,
        "dropout": cfg.dropout,
        "attention_dropout": cfg.dropout,
        "pad_token_id": cfg.pad_id,
        "bos_token_id": cfg.start_id,
        "decoder_start_token_id": cfg.start_id,
        "eos_token_id": cfg.end_id,
        "forced_eos_token_id": None,
        "is_encoder_decoder": True,
        "tie_word_embeddings": True,
        "dtype": str(model.tokens.weight.dtype).removeprefix("torch."),
    }


def our_config(
    given: Mapping[str, Any], same: Mapping[str, tuple[Any, ...]], folder: str | Path
) -> TransformerConfig:
    """Sizes from config.json. Raises CourseError for another build, or for nonsense."""
    settings = {**THEIR_DEFAULTS, **given}
    check_same_model(settings, {**SAME_MODEL, **same}, folder)
    names = ("layers", "attention_heads", "ffn_dim")
    try:
        for name in names:
            if settings[f"encoder_{name}"] != settings[f"decoder_{name}"]:
                raise ValueError(f"encoder_{name} and decoder_{name} differ")
        n_layers, n_heads, d_ff = (settings[f"encoder_{name}"] for name in names)
        return TransformerConfig(
            vocab_size=settings["vocab_size"],
            context_length=settings["max_position_embeddings"],
            d_model=settings["d_model"],
            n_heads=n_heads,
            n_layers=n_layers,
            d_ff=d_ff,
            dropout=settings.get("dropout", 0.1),
            norm_eps=NORM_EPS,
        )
    except (KeyError, TypeError, ValueError) as error:
        message = _("{folder}: config.json is damaged or of no translator: {why}")
        raise CourseError(message.format(folder=folder, why=error)) from None


def filled(model: Model, theirs: Mapping[str, Tensor], folder: str | Path, kind: str) -> Model:
    """A model made on the device "meta", with the weights of a folder.

    Raises CourseError if they do not fit.
    """
    ours = model.state_dict()
    shapes = {their_name(name): tensor.shape for name, tensor in ours.items()}
    check_tensors(theirs, shapes, folder, kind)
    tensors = {name: theirs[their_name(name)].float().contiguous() for name in ours}
    model.load_state_dict(tensors, assign=True)
    model.positions = sines_then_cosines(model.cfg.context_length, model.cfg.d_model)
    return model.eval()


def write_generation(folder: str | Path, cfg: TransformerConfig) -> None:
    """So that `model.generate` there writes what `translate_best` writes here."""
    settings = {
        "pad_token_id": cfg.pad_id,
        "bos_token_id": cfg.start_id,
        "decoder_start_token_id": cfg.start_id,
        "eos_token_id": cfg.end_id,
        "suppress_tokens": [cfg.pad_id, cfg.start_id],  # they never come next
        "renormalize_logits": True,
        "num_beams": 5,
        "length_penalty": 1.0,
        "early_stopping": "never",
        "max_new_tokens": cfg.context_length,
    }
    with writing(Path(folder) / GENERATION) as file:
        json.dump(settings, file, indent=2, sort_keys=True)
        file.write("\n")
