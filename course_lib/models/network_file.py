"""Neural networks as tensors: the weights as they are, and the sizes as settings."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from torch import Tensor

from course_lib.models.config import TransformerConfig
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.models.rnn import RecurrentConfig, RecurrentLM


def recurrent_tensors(model: RecurrentLM) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The model's weights and its sizes."""
    return _weights(model), asdict(model.cfg)


def recurrent_from_tensors(
    tensors: Mapping[str, Tensor], settings: Mapping[str, Any]
) -> RecurrentLM:
    """The model that `recurrent_tensors` took apart.

    Raises ValueError, TypeError, KeyError or RuntimeError for anything else.
    """
    model = RecurrentLM(RecurrentConfig(**settings))
    model.load_state_dict(dict(tensors))
    return model.eval()


def gpt_tensors(model: ModernGPT) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The model's weights and its sizes."""
    fixed = {"rotary_base": model.rotary_base, "output_scale": model.output_scale}
    return _weights(model), {"sizes": asdict(model.cfg), **fixed}


def gpt_from_tensors(tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> ModernGPT:
    """The model that `gpt_tensors` took apart.

    Raises ValueError, TypeError, KeyError or RuntimeError for anything else.
    """
    model = ModernGPT(
        TransformerConfig(**settings["sizes"]),
        rotary_base=settings["rotary_base"],
        output_scale=settings["output_scale"],
    )
    model.load_state_dict(dict(tensors))
    return model.eval()


def bert_tensors(model: PretrainingBERT) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The weights of a `ModernBERT` and its heads, and its sizes.

    Raises ValueError for another encoder: BERT's own is kept in the folders of `interop`.
    """
    if not isinstance(model.encoder, ModernBERT):
        raise ValueError(f"{type(model.encoder).__name__} has no file of this kind")
    fixed = {"rotary_base": model.encoder.rotary_base}
    return _weights(model), {"sizes": asdict(model.cfg), **fixed}


def bert_from_tensors(
    tensors: Mapping[str, Tensor], settings: Mapping[str, Any]
) -> PretrainingBERT:
    """The model that `bert_tensors` took apart.

    Raises ValueError, TypeError, KeyError or RuntimeError for anything else.
    """
    cfg = TransformerConfig(**settings["sizes"])
    model = PretrainingBERT(ModernBERT(cfg, rotary_base=settings["rotary_base"]))
    model.load_state_dict(dict(tensors))
    return model.eval()


def translator_tensors(model: ModernTranslator) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The model's weights and its sizes."""
    return _weights(model), {"sizes": asdict(model.cfg), "n_targets": model.n_targets}


def translator_from_tensors(
    tensors: Mapping[str, Tensor], settings: Mapping[str, Any]
) -> ModernTranslator:
    """The model that `translator_tensors` took apart.

    Raises ValueError, TypeError, KeyError or RuntimeError for anything else.
    """
    cfg = TransformerConfig(**settings["sizes"])
    model = ModernTranslator(cfg, n_targets=settings["n_targets"])
    model.load_state_dict(dict(tensors))
    return model.eval()


def _weights(
    model: RecurrentLM | ModernGPT | PretrainingBERT | ModernTranslator,
) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu() for name, tensor in model.state_dict().items()}
