"""A translator used on plain text: sentences in, sentences out, in the order given."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course_lib.cli.generation import Known
from course_lib.cli.task_run import space_between
from course_lib.data.riverbank.tasks.plain import readable
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.inference.translating import translate_best
from course_lib.models import checkpoints
from course_lib.models.model_file import damaged, load_model
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.network_file import translator_from_tensors
from course_lib.text.segmentation import is_japanese, typed_sentences, typed_words
from course_lib.text.task_inputs import windows
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.tokenizer_file import from_settings_and_vocab
from course_lib.text.translation_inputs import ASKED, HEADLINE, TO_ENGLISH, TO_JAPANESE
from course_lib.text.vocab import SPECIAL, Vocab

SHIPPED = "translator_riverbank"
KIND = "translator"
MARKS = {"ja": TO_JAPANESE, "en": TO_ENGLISH}


class TranslatorModel(NamedTuple):
    """A trained encoder-decoder with what it takes to use it on text."""

    model: ModernTranslator
    tokenizer: Tokenizer

    @property
    def vocab(self) -> Vocab:
        return self.tokenizer.vocab

    @property
    def is_asked(self) -> bool:
        """Whether a mark says what to write, as the course's own model has it."""
        return all(mark in self.vocab for mark in ASKED)

    @property
    def known(self) -> Collection[str]:
        """The words that a text may hold."""
        return self.vocab.ids.keys() - {*SPECIAL, *ASKED}

    def given(self, source: Tensor) -> Known:
        """(B, S) -> a language model of the target that never says <unk>."""
        return Known.of(self.model.given(source))


def load(path: Path | None) -> TranslatorModel:
    """The model of a file of `course train translator`; None: the one that comes with the course.

    Raises CourseError if there is none, or the file is damaged or of another kind.
    """
    if path is None:
        shipped = checkpoints.load(SHIPPED)
        return TranslatorModel(shipped.model, checkpoints.load_tokenizer(SHIPPED))
    content = load_model(path)
    if content.kind != KIND:
        message = _("{path} is of the kind {kind!r}; make one by `course train translator`")
        raise CourseError(message.format(path=path, kind=content.kind))
    try:
        tensors = {name: tensor.float() for name, tensor in content.tensors.items()}
        model = translator_from_tensors(tensors, content.settings["model"])
        tokenizer = from_settings_and_vocab(content.settings["tokenizer"], content.vocab)
    except (KeyError, ValueError, TypeError, RuntimeError):  # RuntimeError: of load_state_dict
        raise damaged(path) from None
    return TranslatorModel(model, tokenizer)


def translate(
    task: TranslatorModel, lines: Sequence[str], to: str | None = None, n_beams: int = 5
) -> list[str]:
    """A translation of each line; "" for a line in which the model knows no word.

    to: a key of MARKS, for the course's own model; None: into the language that a line is not in.
    Long lines are translated in parts. Raises CourseError for a line that is in that language
    already.
    """
    parts = [list(_parts(task, line, to)) for line in lines]
    written = iter(write(task, [source for of_line in parts for source in of_line], n_beams))
    found = []
    for of_line in parts:
        texts = [next(written) for _part in of_line]
        found.append(space_between(texts).join(texts))
    return found


def _parts(task: TranslatorModel, line: str, to: str | None) -> Iterator[Tensor]:
    """The sources that a line gives: of the course's model one for each sentence."""
    if not task.is_asked:
        ids = task.tokenizer.encode(line.strip())
        if len(ids) <= task.model.context_length:
            yield from cut(ids, task.model.context_length)
            return
        for sentence in typed_sentences(line):
            yield from cut(task.tokenizer.encode(sentence), task.model.context_length)
        return
    mark = torch.tensor([task.vocab.ids[asked_mark(line, to)]])
    for sentence in typed_sentences(line):
        ids = task.vocab.encode(typed_words(sentence, task.known))
        if (ids != Vocab.unk_id).any():
            for part in cut(ids, task.model.context_length - 1):
                yield torch.cat([mark, part])


def asked_mark(text: str, to: str | None) -> str:
    """What to write from the text. Raises CourseError for Japanese into Japanese, and the like."""
    there = "ja" if is_japanese(text) else "en"
    if there == to and re.search(r"\w", text):
        message = _("this is in the language of --to {to} already: {text!r}")
        raise CourseError(message.format(to=to, text=text.strip()[:40]))
    return MARKS[to or ("en" if there == "ja" else "ja")]


def cut(ids: Tensor, size: int) -> list[Tensor]:
    """Parts of at most `size` tokens, none of them if there are no tokens."""
    return [ids[start:end] for start, end in windows(len(ids), size)] if len(ids) else []


def summarise(task: TranslatorModel, texts: Sequence[str], n_beams: int = 5) -> list[str]:
    """A headline for each text; "" if the model knows none of its words.

    The end of a text that is too long is not read. Raises CourseError for Japanese, if the model is
    the course's own.
    """
    sources, places = [], []
    for place, text in enumerate(texts):
        if (source := _story(task, text)) is not None:
            sources.append(source)
            places.append(place)
    found = [""] * len(texts)
    for place, line in zip(places, write(task, sources, n_beams), strict=True):
        found[place] = line
    return found


def _story(task: TranslatorModel, text: str) -> Tensor | None:
    """A whole text as one source; None if there is nothing in it to read."""
    most = task.model.context_length
    if not task.is_asked:
        ids = task.tokenizer.encode(text.strip())[:most]
        return ids if len(ids) else None
    if is_japanese(text):
        message = _("the model sums up English: first `course translate --to en`")
        raise CourseError(message)
    ids = task.vocab.encode(typed_words(text, task.known))
    if not (ids != Vocab.unk_id).any():
        return None
    return torch.cat([torch.tensor([task.vocab.ids[HEADLINE]]), ids[: most - 1]])


def write(task: TranslatorModel, sources: Sequence[Tensor], n_beams: int) -> list[str]:
    """The best text found for each source."""
    longest = max(map(len, sources), default=0)
    n_new = min(task.model.context_length, 3 * longest + 20)  # a bad model might never end
    device = task.model.output_bias.device
    found = translate_best(task, [source.to(device) for source in sources], n_new, n_beams)
    if task.is_asked:
        return [readable(task.vocab.decode(ids)) for ids in found]
    return [task.tokenizer.decode(ids).strip() for ids in found]


def unknown_words(task: TranslatorModel, texts: Sequence[str]) -> list[str]:
    """What the course's own model reads as <unk>, each word once, in the order of the texts."""
    if not task.is_asked:
        return []
    known = task.known
    found: dict[str, Any] = {}
    for text in texts:
        found |= dict.fromkeys(word for word in typed_words(text, known) if word not in known)
    return list(found)
