"""A language model asked in words: from what a user typed to an answer, or to scored choices."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from course_lib.cli import model_kinds
from course_lib.cli.generation import Known
from course_lib.cli.pair_files import TextPair
from course_lib.data.riverbank.tasks.plain import readable
from course_lib.data.riverbank.tasks.prompting import LINE
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.inference.prompting import (
    FIELD,
    Prompted,
    Template,
    content_free,
    few_shot,
    score_answers,
)
from course_lib.models import checkpoints
from course_lib.text.segmentation import typed_words
from course_lib.text.vocab import SPECIAL

INSTRUCTED, PROMPTED = "instructed_riverbank", "prompted_riverbank"
Words = tuple[str, ...]


class Choice(NamedTuple):
    """An answer that was to choose from, and its share of the probability of all of them."""

    answer: str
    probability: float


class Asked(NamedTuple):
    """What a user wants to know: typed text throughout.

    prompt: fills the template's only field, if it has one field; fields: the others by name.
    """

    prompt: str = ""
    template: str = ""
    fields: Mapping[str, str] = {}
    shots: Sequence[TextPair] = ()


def load(path: Path | None, with_shots: bool) -> Prompted:
    """The model of a file with words for tokens; None: the course's own.

    Of those, one follows instructions, and another one goes on from examples. Raises CourseError
    for a model that has no words, or does not write.
    """
    if path is None:
        shipped = checkpoints.load(PROMPTED if with_shots else INSTRUCTED)
        return Prompted(Known.of(shipped.model), shipped.vocab, LINE)
    trained = model_kinds.load(path)
    if LINE not in trained.vocab:
        message = _("{path} has not learnt to end an answer ({mark}): try `course generate`")
        raise CourseError(message.format(path=path, mark=LINE))
    return Prompted(Known.of(trained.model), trained.vocab, LINE)


def prompt_of(model: Prompted, asked: Asked) -> Words:
    """The words of the whole prompt, shots first.

    Raises CourseError if there is nothing to ask, or the template's fields are not those given.
    """
    examples = [
        (_one(model, asked, shot.source), _words(model, shot.target)) for shot in asked.shots
    ]
    words = few_shot(examples, _one(model, asked, asked.prompt), LINE)
    if not words:
        raise CourseError(_("the prompt is empty: ask something"))
    return words


def _one(model: Prompted, asked: Asked, text: str) -> Words:
    """One example's question: the template filled, or the text as it stands."""
    if not asked.template:
        if asked.fields:
            raise CourseError(
                _("there is no template for {names}: add --template").format(
                    names=", ".join(asked.fields)
                )
            )
        return _words(model, text)
    template = template_of(model, asked.template)
    given = dict(asked.fields)
    left = [name for name in template.fields if name not in given]
    if text.strip() and len(left) > 1:
        message = _("the prompt could be any of {names}: give them by --field NAME=TEXT")
        raise CourseError(message.format(names=", ".join(left)))
    if text.strip():
        given[left[0] if left else "text"] = text
    return template.fill(**{name: _words(model, part) for name, part in given.items()})


def template_of(model: Prompted, text: str) -> Template:
    """A typed template, its own words as the model has them: `Story: {text} Topic:`."""
    parts = FIELD.split(text)  # words and names of fields by turns
    words = [
        f"{{{part}}}" if i % 2 else " ".join(_words(model, part)) for i, part in enumerate(parts)
    ]
    return Template(" ".join(filter(None, words)))


def choices_of(model: Prompted, text: str) -> list[Words]:
    """`yes, no` -> the words of each choice. Raises CourseError for one that cannot be written."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    if len(set(names)) < 2:
        raise CourseError(_("--choices needs at least two different answers: --choices yes,no"))
    found = [_words(model, name) for name in names]
    for name, words in zip(names, found, strict=True):
        if not words or model.unknown(words):
            raise CourseError(_("the model cannot write the answer {name!r}").format(name=name))
    return found


def choose(
    model: Prompted, asked: Asked, choices: Sequence[Words], normalise: bool, calibrate: bool
) -> list[Choice]:
    """The choices with their probabilities, the best first.

    normalise: compare means over tokens, so that long answers have a chance. calibrate: take away
    what each scores after the template with nothing in it.
    """
    prior = None
    if calibrate:
        if not asked.template:
            raise CourseError(_("--calibrate leaves the template empty: add --template"))
        prior = content_free(template_of(model, asked.template))
    scores = score_answers(model, [prompt_of(model, asked)], choices, normalise, prior)
    shares = scores[0].softmax(dim=0).tolist()
    found = [Choice(readable(words), p) for words, p in zip(choices, shares, strict=True)]
    return sorted(found, key=lambda choice: -choice.probability)


def answer(model: Prompted, asked: Asked, n_new: int) -> str:
    """What the model writes until it ends the answer, at most `n_new` words."""
    (found,) = model.answer([prompt_of(model, asked)], n_new)
    return readable(found)


def known_words(model: Prompted) -> Collection[str]:
    """The words that a prompt may hold."""
    return model.vocab.ids.keys() - {*SPECIAL, LINE}


def _words(model: Prompted, text: str) -> Words:
    return tuple(typed_words(text, known_words(model)))
