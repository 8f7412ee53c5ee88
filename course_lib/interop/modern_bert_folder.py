"""The modern encoder to and from folders that `transformers` opens: alone, and with each head.

That library has no class for it, so its code goes with it (`remote_code`); the weights have the
names there that they have here.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.labels import label_settings, n_labels
from course_lib.interop.model_folder import (
    architecture,
    check_tensors,
    read_config,
    read_tensors,
    write_folder,
)
from course_lib.interop.remote_code import auto_map, write_code
from course_lib.models.config import TransformerConfig
from course_lib.models.heads import (
    ClassifierWithNumbers,
    SentenceClassifier,
    SpanFinder,
    Tagger,
    known,
)
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.pretraining_heads import PretrainingBERT

ModernModel = (
    ModernBERT | PretrainingBERT | SentenceClassifier | ClassifierWithNumbers | Tagger | SpanFinder
)
MODEL_TYPE, MODULE = "course_bert", "modeling_course_bert"
HEAD = "head."  # before the names of a pre-training head's weights
CLASSES = {  # Auto class -> its class, the same for every folder
    "AutoModel": "CourseBertModel",
    "AutoModelForMaskedLM": "CourseBertForMaskedLM",
    "AutoModelForPreTraining": "CourseBertForPreTraining",
    "AutoModelForSequenceClassification": "CourseBertForSequenceClassification",
    "AutoModelForTokenClassification": "CourseBertForTokenClassification",
    "AutoModelForQuestionAnswering": "CourseBertForQuestionAnswering",
}
ARCHITECTURES: dict[type[nn.Module], str] = {
    ModernBERT: "CourseBertModel",
    PretrainingBERT: "CourseBertForPreTraining",
    SentenceClassifier: "CourseBertForSequenceClassification",
    ClassifierWithNumbers: "CourseBertForSequenceClassification",
    Tagger: "CourseBertForTokenClassification",
    SpanFinder: "CourseBertForQuestionAnswering",
}


def save_modern_bert(
    model: ModernModel, folder: str | Path, labels: Sequence[str] | None = None
) -> None:
    """Write the model with the code that runs it.

    labels: names of a classifier's or tagger's labels, for `pipeline`. Raises ValueError for
    another encoder than `ModernBERT`, or if the number of names is wrong.
    """
    encoder = model if isinstance(model, ModernBERT) else model.encoder
    if type(model) not in ARCHITECTURES or not isinstance(encoder, ModernBERT):
        raise ValueError(f"a ModernBERT can be saved, alone or with a head; not {type(model)}")
    settings = {
        "architectures": [ARCHITECTURES[type(model)]],
        **auto_map(MODULE, "CourseBertConfig", CLASSES),
        **_sizes(encoder),
        **_head(model, labels),
    }
    write_code(MODULE, folder)
    write_folder(folder, settings, their_names(model))


def load_modern_bert(folder: str | Path) -> ModernModel:
    """Read what `save_modern_bert` wrote; the code in the folder is not run.

    The weights become float32. Raises CourseError if the folder holds something else, or is
    incomplete or damaged.
    """
    settings = read_config(folder, MODEL_TYPE)
    model = _model(settings, folder)
    theirs = read_tensors(folder)
    shapes = {name: tensor.shape for name, tensor in their_names(model).items()}
    check_tensors(theirs, shapes, folder, _("modern encoder"))
    tensors = {name.removeprefix(HEAD): tensor.float() for name, tensor in theirs.items()}
    model.load_state_dict(tensors)
    return model.eval()


def their_names(model: ModernModel) -> dict[str, Tensor]:
    """The weights, those of a pre-training head apart: its `norm` is not the encoder's."""
    weights = model.state_dict()
    if not isinstance(model, PretrainingBERT):
        return weights
    return {n if n.startswith("encoder.") else HEAD + n: tensor for n, tensor in weights.items()}


def _model(settings: Mapping[str, Any], folder: str | Path) -> ModernModel:
    """The model that config.json describes, untrained."""
    encoder = _encoder(settings, folder)
    name = architecture(settings)
    if name == "CourseBertModel":
        return encoder
    if name == "CourseBertForPreTraining":
        return PretrainingBERT(encoder)
    if name == "CourseBertForTokenClassification":
        return Tagger(encoder, n_labels(settings, folder))
    if name == "CourseBertForQuestionAnswering":
        return SpanFinder(encoder)
    if name == "CourseBertForSequenceClassification":
        return _classifier(encoder, settings, folder)
    message = _("{folder}: config.json names the architecture {name!r}; known are {names}")
    known = ", ".join(CLASSES.values())
    raise CourseError(message.format(folder=folder, name=name, names=known))


def _classifier(
    encoder: ModernBERT, settings: Mapping[str, Any], folder: str | Path
) -> SentenceClassifier | ClassifierWithNumbers:
    n, n_numbers = n_labels(settings, folder), settings.get("n_numbers", 0)
    try:
        pooling = known(settings.get("pooling", "class_token"))
        if not isinstance(n_numbers, int) or n_numbers < 0:
            raise ValueError(f"{n_numbers=}")
    except ValueError as error:
        raise _damaged(folder, error) from None
    if n_numbers:
        return ClassifierWithNumbers(encoder, n, n_numbers, pooling)
    return SentenceClassifier(encoder, n, pooling)


def _encoder(settings: Mapping[str, Any], folder: str | Path) -> ModernBERT:
    """Sizes from config.json. Raises CourseError if they are missing, or nonsense."""
    try:
        cfg = TransformerConfig(
            vocab_size=settings["vocab_size"],
            context_length=settings["max_position_embeddings"],
            d_model=settings["hidden_size"],
            n_heads=settings["num_attention_heads"],
            n_layers=settings["num_hidden_layers"],
            d_ff=settings["intermediate_size"],
            dropout=settings["hidden_dropout_prob"],
            norm_eps=settings["rms_norm_eps"],
            pad_id=settings["pad_token_id"],
        )
        return ModernBERT(cfg, rotary_base=settings["rope_theta"])
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(folder, error) from None


def _damaged(folder: str | Path, why: Exception) -> CourseError:
    message = _("{folder}: config.json is damaged: {why}")
    return CourseError(message.format(folder=folder, why=why))


def _sizes(encoder: ModernBERT) -> dict[str, Any]:
    """What config.json says of the encoder."""
    cfg = encoder.cfg
    return {
        "model_type": MODEL_TYPE,
        "vocab_size": cfg.vocab_size,
        "max_position_embeddings": cfg.context_length,
        "hidden_size": cfg.d_model,
        "num_attention_heads": cfg.n_heads,
        "num_hidden_layers": cfg.n_layers,
        "intermediate_size": cfg.d_ff,
        "hidden_dropout_prob": cfg.dropout,
        "rms_norm_eps": cfg.norm_eps,
        "rope_theta": encoder.rotary_base,
        "pad_token_id": cfg.pad_id,
        "dtype": str(encoder.tokens.weight.dtype).removeprefix("torch."),
    }


def _head(model: ModernModel, labels: Sequence[str] | None) -> dict[str, Any]:
    """What config.json says of the head."""
    if isinstance(model, ModernBERT | PretrainingBERT | SpanFinder):
        if labels is not None:
            raise ValueError(f"{type(model).__name__} has no labels to name")
        return {}
    n = model.output.out_features
    settings = label_settings(n, labels)
    if isinstance(model, SentenceClassifier | ClassifierWithNumbers):
        settings["pooling"] = model.pooling
        settings["n_numbers"] = model.output.in_features - model.encoder.cfg.d_model
        settings["problem_type"] = "regression" if n == 1 else "single_label_classification"
    return settings
