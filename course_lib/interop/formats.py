"""Which folder each kind of model becomes, and which model each kind of folder is."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.bert_folder import load_any_bert, save_bert
from course_lib.interop.gpt1_folder import load_any_gpt1, save_gpt1
from course_lib.interop.gpt2_folder import load_gpt2, save_gpt2
from course_lib.interop.model_card import Use
from course_lib.interop.modern_bert_folder import load_modern_bert, save_modern_bert
from course_lib.interop.tokenizer_folder import Around
from course_lib.models.bert import BERT
from course_lib.models.gpt import GPT
from course_lib.models.gpt1 import GPT1
from course_lib.models.gpt_heads import GPTMultipleChoice
from course_lib.models.heads import ClassifierWithNumbers, SentenceClassifier, SpanFinder, Tagger
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.pretraining_heads import PretrainingBERT

Labels = Sequence[str] | None
Save = Callable[[Any, Path, Labels], None]


class Format(NamedTuple):
    """How a model is written, and what it wants to see around a text."""

    save: Save
    use: Use
    around: Around


# What each head of an encoder is opened with there.
ENCODER_USES: dict[type[nn.Module], Use] = {
    BERT: Use("AutoModel", "feature-extraction"),
    ModernBERT: Use("AutoModel", "feature-extraction"),
    PretrainingBERT: Use("AutoModelForMaskedLM", "fill-mask"),
    SentenceClassifier: Use("AutoModelForSequenceClassification", "text-classification"),
    ClassifierWithNumbers: Use("AutoModelForSequenceClassification"),
    Tagger: Use("AutoModelForTokenClassification", "token-classification"),
    SpanFinder: Use("AutoModelForQuestionAnswering"),
}


def format_of(model: nn.Module) -> Format:
    """How this model becomes a folder. Raises ValueError if it cannot."""
    kind = type(model)
    if kind in ENCODER_USES:
        modern = isinstance(getattr(model, "encoder", model), ModernBERT)
        use = ENCODER_USES[kind]._replace(runs_code=modern)
        return Format(save_modern_bert if modern else save_bert, use, "encoder")
    if kind in DECODERS:
        return DECODERS[kind]
    raise ValueError(f"{kind.__name__} has no folder that `transformers` opens")


def _unlabelled(save: Callable[[Any, Path], None]) -> Save:
    """For models without labels to name."""

    def save_without(model: Any, folder: Path, labels: Labels) -> None:
        if labels is not None:
            raise ValueError(f"{type(model).__name__} has no labels to name")
        save(model, folder)

    return save_without


DECODERS: dict[type[nn.Module], Format] = {
    GPT: Format(_unlabelled(save_gpt2), Use("AutoModelForCausalLM", "text-generation"), "decoder"),
    GPT1: Format(_unlabelled(save_gpt1), Use("AutoModelForCausalLM", "text-generation"), "decoder"),
    GPTMultipleChoice: Format(_unlabelled(save_gpt1), Use("OpenAIGPTDoubleHeadsModel"), "nothing"),
}
LOADERS: dict[str, Callable[[Path], nn.Module]] = {  # by "model_type" in config.json
    "bert": load_any_bert,
    "gpt2": load_gpt2,
    "openai-gpt": load_any_gpt1,
    "course_bert": load_modern_bert,
}


def load_model_folder(folder: Path, model_type: str) -> nn.Module:
    """The model of a folder. Raises CourseError if it is of no kind that the course knows."""
    if model_type not in LOADERS:
        message = _("{folder}: a model of type {found!r}; the course knows {known}")
        known = ", ".join(LOADERS)
        raise CourseError(message.format(folder=folder, found=model_type, known=known))
    return LOADERS[model_type](folder)
