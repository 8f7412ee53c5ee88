"""Which folder each kind of model becomes, and which model each kind of folder is."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.bert_folder import load_any_bert, save_bert
from course_lib.interop.course_lm_folder import (
    load_recurrent,
    load_shifted_gpt,
    save_recurrent,
    save_shifted_gpt,
)
from course_lib.interop.gpt1_folder import load_any_gpt1, save_gpt1
from course_lib.interop.gpt2_folder import load_gpt2, save_gpt2
from course_lib.interop.marian_folder import load_marian, save_marian
from course_lib.interop.model_card import Use
from course_lib.interop.modern_bert_folder import load_modern_bert, save_modern_bert
from course_lib.interop.modern_gpt_folder import load_modern_gpt, save_modern_gpt
from course_lib.interop.pegasus_folder import load_pegasus, save_pegasus
from course_lib.interop.tokenizer_folder import Around
from course_lib.models.bert import BERT
from course_lib.models.gpt import GPT
from course_lib.models.gpt1 import GPT1
from course_lib.models.gpt_heads import GPTMultipleChoice
from course_lib.models.heads import ClassifierWithNumbers, SentenceClassifier, SpanFinder, Tagger
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.models.rnn import RecurrentLM
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.models.translator import Translator

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
    if kind in WRITERS:
        return WRITERS[kind]
    raise ValueError(f"{kind.__name__} has no folder that `transformers` opens")


def _unlabelled(save: Callable[[Any, Path], None]) -> Save:
    """For models without labels to name."""

    def save_without(model: Any, folder: Path, labels: Labels) -> None:
        if labels is not None:
            raise ValueError(f"{type(model).__name__} has no labels to name")
        save(model, folder)

    return save_without


WRITER = Use("AutoModelForCausalLM", "text-generation")
TRANSLATOR = Use("AutoModelForSeq2SeqLM")
WRITERS: dict[type[nn.Module], Format] = {
    GPT: Format(_unlabelled(save_gpt2), WRITER, "decoder"),
    GPT1: Format(_unlabelled(save_gpt1), WRITER, "decoder"),
    ModernGPT: Format(_unlabelled(save_modern_gpt), WRITER, "decoder"),
    ShiftedGPT: Format(_unlabelled(save_shifted_gpt), WRITER._replace(runs_code=True), "decoder"),
    RecurrentLM: Format(_unlabelled(save_recurrent), WRITER._replace(runs_code=True), "decoder"),
    GPTMultipleChoice: Format(_unlabelled(save_gpt1), Use("OpenAIGPTDoubleHeadsModel"), "nothing"),
    Translator: Format(_unlabelled(save_marian), TRANSLATOR, "nothing"),
    ModernTranslator: Format(_unlabelled(save_pegasus), TRANSLATOR, "nothing"),
}
LOADERS: dict[str, Callable[[Path], nn.Module]] = {  # by "model_type" in config.json
    "bert": load_any_bert,
    "gpt2": load_gpt2,
    "openai-gpt": load_any_gpt1,
    "ernie4_5_moe": load_modern_gpt,
    "course_gpt": load_shifted_gpt,
    "course_rnn": load_recurrent,
    "marian": load_marian,
    "pegasus": load_pegasus,
    "course_bert": load_modern_bert,
}


def load_model_folder(folder: Path, model_type: str) -> nn.Module:
    """The model of a folder. Raises CourseError if it is of no kind that the course knows."""
    if model_type not in LOADERS:
        message = _("{folder}: a model of type {found!r}; the course knows {known}")
        known = ", ".join(LOADERS)
        raise CourseError(message.format(folder=folder, found=model_type, known=known))
    return LOADERS[model_type](folder)
