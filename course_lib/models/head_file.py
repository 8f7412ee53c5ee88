"""An encoder with a head as tensors and settings, as `network_file` has language models."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from torch import Tensor

from course_lib.models.config import TransformerConfig
from course_lib.models.heads import ClassifierWithNumbers, SentenceClassifier, SpanFinder, Tagger
from course_lib.models.modern_bert import ModernBERT

Head = SentenceClassifier | ClassifierWithNumbers | Tagger | SpanFinder
NAMES: dict[type[Head], str] = {
    SentenceClassifier: "sentence",
    ClassifierWithNumbers: "numbers",
    Tagger: "tags",
    SpanFinder: "span",
}


def head_tensors(model: Head) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The weights of the head and of its `ModernBERT`, and their sizes.

    Raises ValueError for another encoder: BERT's own is kept in the folders of `interop`.
    """
    encoder = model.encoder
    if not isinstance(encoder, ModernBERT):
        raise ValueError(f"{type(encoder).__name__} has no file of this kind")
    settings: dict[str, Any] = {"sizes": asdict(encoder.cfg), "rotary_base": encoder.rotary_base}
    settings |= {"head": NAMES[type(model)], "n_labels": model.output.out_features}
    if isinstance(model, SentenceClassifier | ClassifierWithNumbers):
        settings["pooling"] = model.pooling
        settings["n_numbers"] = model.output.in_features - encoder.cfg.d_model
    return {name: tensor.detach().cpu() for name, tensor in model.state_dict().items()}, settings


def head_from_tensors(tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> Head:
    """The model that `head_tensors` took apart.

    Raises ValueError, TypeError, KeyError or RuntimeError for anything else.
    """
    cfg = TransformerConfig(**settings["sizes"])
    encoder = ModernBERT(cfg, rotary_base=settings["rotary_base"])
    name, n_labels = settings["head"], settings["n_labels"]
    model: Head
    if name == "sentence":
        model = SentenceClassifier(encoder, n_labels, settings["pooling"])
    elif name == "numbers":
        n_numbers = settings["n_numbers"]
        model = ClassifierWithNumbers(encoder, n_labels, n_numbers, settings["pooling"])
    elif name == "tags":
        model = Tagger(encoder, n_labels)
    elif name == "span":
        model = SpanFinder(encoder)
    else:
        raise ValueError(f"there is no head {name!r}")
    model.load_state_dict(dict(tensors))
    return model.eval()
