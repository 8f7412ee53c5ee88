"""BERT to and from the folders of Hugging Face's `transformers`: the encoder, and it with a head.

Only the names differ; both libraries keep their matrices in the same shape.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.bert_names import (
    COPIES,
    POOLER,
    POSITION_IDS,
    PRETRAINING,
    their_name,
)
from course_lib.interop.labels import label_settings, n_labels
from course_lib.interop.model_folder import (
    architecture,
    check_same_model,
    check_tensors,
    read_config,
    read_tensors,
    write_folder,
)
from course_lib.models.bert import BERT, N_SEGMENTS
from course_lib.models.config import TransformerConfig
from course_lib.models.heads import SentenceClassifier, SpanFinder, Tagger, new_layer
from course_lib.models.pretraining_heads import PretrainingBERT

Head = SentenceClassifier | Tagger | SpanFinder
Model = TypeVar("Model", bound=nn.Module)

# Settings that change what is computed, and the values that mean what BERT computes.
SAME_MODEL = {
    "hidden_act": ("gelu",),
    "position_embedding_type": ("absolute",),
    "type_vocab_size": (N_SEGMENTS,),
    "is_decoder": (False,),
    "add_cross_attention": (False,),
    "tie_word_embeddings": (True,),
}
HEADS: dict[str, tuple[type[Head], str]] = {  # their class, ours, and their name of its last layer
    "BertForSequenceClassification": (SentenceClassifier, "classifier"),
    "BertForTokenClassification": (Tagger, "classifier"),
    "BertForQuestionAnswering": (SpanFinder, "qa_outputs"),
}


def load_bert(folder: str | Path) -> PretrainingBERT:
    """Read a BERT with both its heads for pre-training, a `BertForPreTraining`.

    The weights become float32. Raises CourseError if the folder holds something else, or is
    incomplete or damaged.
    """
    settings = read_config(folder, "bert")
    with torch.device("meta"):  # shapes only: the first, random weights would be thrown away
        model = PretrainingBERT(BERT(_config(settings, folder)))
    return _filled(model, _tensors(folder), PRETRAINING, folder)


def load_bert_encoder(folder: str | Path, rng: torch.Generator | None = None) -> BERT:
    """Read the encoder alone, whatever head is in the folder, to put a new one on it.

    A folder without a pooler, as taggers have none, gives a BERT with a new one, drawn from `rng`.
    Raises CourseError as `load_bert` does.
    """
    with torch.device("meta"):
        holder = _Holder(BERT(_config(read_config(folder, "bert"), folder)))
    tensors = _tensors(folder)
    bare = not any(name.startswith("bert.") for name in tensors)  # a BertModel by itself
    tensors = {f"bert.{name}" if bare else name: tensor for name, tensor in tensors.items()}
    tensors = {n: t for n, t in tensors.items() if n.startswith("bert.") and n != POSITION_IDS}
    _add_pooler(tensors, holder.encoder.cfg, rng)
    return _filled(holder, tensors, {}, folder).encoder


def load_any_bert(folder: str | Path) -> BERT | PretrainingBERT | Head:
    """Read whatever kind of BERT is in the folder. Raises CourseError as the others do."""
    name = architecture(read_config(folder, "bert"))
    if name == "BertModel":
        return load_bert_encoder(folder)
    return load_bert(folder) if name == "BertForPreTraining" else load_bert_head(folder)


def load_bert_head(folder: str | Path) -> Head:
    """Read a fine-tuned BERT: which head it has, config.json says under "architectures".

    Raises CourseError as `load_bert` does, and for any other architecture.
    """
    settings = read_config(folder, "bert")
    name = architecture(settings)
    if name is None or name not in HEADS:
        message = _("{folder}: config.json names the architecture {name!r}; known are {names}")
        raise CourseError(message.format(folder=folder, name=name, names=", ".join(HEADS)))
    kind, output = HEADS[name]
    with torch.device("meta"):
        encoder = BERT(_config(settings, folder))
        model: Head
        if kind is SpanFinder:
            model = SpanFinder(encoder)
        else:
            make = Tagger if kind is Tagger else SentenceClassifier
            model = make(encoder, n_labels(settings, folder))
    tensors = _tensors(folder)
    if kind is not SentenceClassifier:
        _add_pooler(tensors, encoder.cfg)
    return _filled(model, tensors, {"output": output}, folder)


def save_bert(
    model: BERT | PretrainingBERT | Head, folder: str | Path, labels: Sequence[str] | None = None
) -> None:
    """Write a folder that `transformers` opens: each model as the class there that computes it.

    labels: names of a classifier's or tagger's labels, for `pipeline`. Raises ValueError for an
    encoder or a pooling that BERT does not have there, or if the number of names is wrong.
    """
    architecture, head = _architecture(model)
    encoder = model if isinstance(model, BERT) else model.encoder
    if not isinstance(encoder, BERT):
        raise ValueError(f"transformers has no class for {type(encoder).__name__}")
    settings = {"architectures": [architecture], **_settings(encoder)}
    if isinstance(model, SentenceClassifier | Tagger):
        settings |= label_settings(model.output.out_features, labels)
    holder = _Holder(model) if isinstance(model, BERT) else model
    tensors = {their_name(name, head): tensor for name, tensor in holder.state_dict().items()}
    if architecture == "BertModel":
        tensors = {name.removeprefix("bert."): tensor for name, tensor in tensors.items()}
    if isinstance(model, Tagger | SpanFinder):
        tensors = {name: t for name, t in tensors.items() if not name.startswith(POOLER)}
    write_folder(folder, settings, tensors)


class _Holder(nn.Module):
    """An encoder where the heads have theirs, so that its weights have the same names."""

    def __init__(self, encoder: BERT) -> None:
        super().__init__()
        self.encoder = encoder


def _architecture(model: nn.Module) -> tuple[str, Mapping[str, str]]:
    """The class of `transformers` that computes the same, and where its head's layers are."""
    if isinstance(model, BERT):
        return "BertModel", {}
    if isinstance(model, PretrainingBERT):
        return "BertForPreTraining", PRETRAINING
    for name, (kind, output) in HEADS.items():
        if isinstance(model, kind):
            if isinstance(model, SentenceClassifier) and model.pooling != "class_token":
                raise ValueError("transformers' BERT classifies by the class token, not the mean")
            return name, {"output": output}
    raise ValueError(f"transformers has no class for {type(model).__name__}")


def _filled(
    model: Model, theirs: dict[str, Tensor], head: Mapping[str, str], folder: str | Path
) -> Model:
    """The model with the weights of the folder. Raises CourseError if they do not fit."""
    ours = model.state_dict()
    wanted = {their_name(name, head): tensor.shape for name, tensor in ours.items()}
    for copy, original in COPIES.items():
        if copy in theirs and original in theirs and theirs[copy].equal(theirs[original]):
            del theirs[copy]  # another one, untied, will be refused
    theirs.pop(POSITION_IDS, None)
    check_tensors(theirs, wanted, folder, f"BERT ({type(model).__name__.strip('_')})")
    tensors = {name: theirs[their_name(name, head)].float().contiguous() for name in ours}
    model.load_state_dict(tensors, assign=True)
    return model.eval()


def _tensors(folder: str | Path) -> dict[str, Tensor]:
    """The weights; in BERT's first files LayerNorm's are called gamma and beta."""
    names = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}
    old = re.compile("|".join(map(re.escape, names)))
    tensors = read_tensors(folder)
    return {old.sub(lambda m: names[m[0]], name): tensor for name, tensor in tensors.items()}


def _add_pooler(
    tensors: dict[str, Tensor], cfg: TransformerConfig, rng: torch.Generator | None = None
) -> None:
    """A new one, where a model that needs none came without."""
    if not any(name.startswith(POOLER) for name in tensors):
        layer = new_layer(cfg.d_model, cfg.d_model, rng)
        tensors[f"{POOLER}dense.weight"] = layer.weight.detach()
        tensors[f"{POOLER}dense.bias"] = layer.bias.detach()


def _settings(model: BERT) -> dict[str, Any]:
    """What config.json says of a `BERT`."""
    cfg = model.cfg
    return {
        "model_type": "bert",
        "vocab_size": cfg.vocab_size,
        "max_position_embeddings": cfg.context_length,
        "hidden_size": cfg.d_model,
        "num_attention_heads": cfg.n_heads,
        "num_hidden_layers": cfg.n_layers,
        "intermediate_size": cfg.d_ff,
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
        "type_vocab_size": N_SEGMENTS,
        "layer_norm_eps": cfg.norm_eps,
        "hidden_dropout_prob": cfg.dropout,
        "attention_probs_dropout_prob": cfg.dropout,
        "pad_token_id": cfg.pad_id,
        "tie_word_embeddings": True,
        "dtype": str(model.tokens.weight.dtype).removeprefix("torch."),
    }


def _config(settings: Mapping[str, Any], folder: str | Path) -> TransformerConfig:
    """Sizes from config.json. Raises CourseError for a BERT of another build, or for nonsense."""
    check_same_model(settings, SAME_MODEL, folder)
    try:
        return TransformerConfig(
            vocab_size=settings["vocab_size"],
            context_length=settings["max_position_embeddings"],
            d_model=settings["hidden_size"],
            n_heads=settings["num_attention_heads"],
            n_layers=settings["num_hidden_layers"],
            d_ff=settings["intermediate_size"],
            dropout=settings.get("hidden_dropout_prob", 0.1),
            norm_eps=settings.get("layer_norm_eps", 1e-12),
            pad_id=settings.get("pad_token_id", 0),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = _("{folder}: config.json is damaged or not of a BERT: {why}")
        raise CourseError(message.format(folder=folder, why=error)) from None
