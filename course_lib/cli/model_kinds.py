"""How each kind of language model becomes a file, and a model again."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.arpa import read_arpa, write_arpa
from course_lib.models.hmm_file import hmm_from_tensors, hmm_tensors
from course_lib.models.language_model import LanguageModel
from course_lib.models.model_file import ModelFile, damaged, load_model, save_model
from course_lib.models.network_file import (
    bert_from_tensors,
    bert_tensors,
    gpt_from_tensors,
    gpt_tensors,
    recurrent_from_tensors,
    recurrent_tensors,
    translator_from_tensors,
    translator_tensors,
)
from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_backoff import to_backoff
from course_lib.models.ngram_file import ngram_from_tensors, ngram_tensors
from course_lib.models.shifted_file import shifted_from_tensors
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.tokenizer_file import from_settings_and_vocab
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import words_of


class Kind(NamedTuple):
    """take_apart(model) -> (tensors, settings); put_together(tensors, settings) -> the model."""

    take_apart: Callable[[Any], tuple[dict[str, Tensor], dict[str, Any]]]
    put_together: Callable[[Mapping[str, Tensor], Mapping[str, Any]], Any]


class Trained(NamedTuple):
    """A language model with what it takes to use it on text."""

    model: LanguageModel
    tokenizer: Tokenizer
    unit: str = "line"  # one of texts.UNITS

    @property
    def vocab(self) -> Vocab:
        return self.tokenizer.vocab


KINDS = {
    "ngram": Kind(ngram_tensors, ngram_from_tensors),
    "hmm": Kind(hmm_tensors, hmm_from_tensors),
    "recurrent": Kind(recurrent_tensors, recurrent_from_tensors),
    "gpt": Kind(gpt_tensors, gpt_from_tensors),
    "bert": Kind(bert_tensors, bert_from_tensors),
    "translator": Kind(translator_tensors, translator_from_tensors),
    "shifted_gpt": Kind(gpt_tensors, shifted_from_tensors),
}
# Kinds that are no language models, and the commands for them.
OTHERS = {
    "bert": "train classifier --from",
    "classifier": "classify",
    "tagger": "tag",
    "answerer": "answer",
    "translator": "translate",
}


def save(kind: str, trained: Trained, path: Path) -> None:
    """Write a model file; an ARPA file, which n-gram models can be, if the name ends in .arpa.

    Raises CourseError if the disk refuses or the model has no such form.
    """
    if path.suffix == ".arpa":
        _save_arpa(trained, path)
        return
    tensors, sizes = KINDS[kind].take_apart(trained.model)
    tokenizer = trained.tokenizer.to_settings()
    tokenizer.pop("pieces", None)  # the words of the vocabulary, which has its own place
    settings = {"tokenizer": tokenizer, "unit": trained.unit, "model": sizes}
    save_model(ModelFile(kind, tensors, trained.vocab, settings), path)


def _save_arpa(trained: Trained, path: Path) -> None:
    if not (isinstance(trained.model, NGramModel) and trained.model.smoothing.recursive):
        message = _("{path}: an ARPA file can hold n-grams with Kneser-Ney smoothing only")
        raise CourseError(message.format(path=path))
    write_arpa(to_backoff(trained.model), trained.vocab, path)


def load(path: Path) -> Trained:
    """Read a model file or an ARPA file. Raises CourseError if it is neither, or is damaged."""
    if path.suffix == ".arpa":
        backoff, vocab = read_arpa(path)
        return Trained(backoff, words_of(vocab))
    content = load_model(path)
    if content.kind in OTHERS:
        message = _("{path} holds a {kind} model, no language model: see `course {command}`")
        facts = {"kind": content.kind, "command": OTHERS[content.kind]}
        raise CourseError(message.format(path=path, **facts))
    try:
        kind, settings = KINDS[content.kind], content.settings
        model = kind.put_together(content.tensors, settings["model"])
        tokenizer = from_settings_and_vocab(settings["tokenizer"], content.vocab)
        return Trained(model, tokenizer, settings["unit"])
    except (KeyError, ValueError, TypeError, RuntimeError):  # RuntimeError: of load_state_dict
        raise damaged(path) from None
