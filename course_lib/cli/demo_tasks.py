"""What the demo page can do with a text, each as a function from what was typed to what is shown.

Nothing here knows of the page. A CourseError is what the page shows in place of an answer.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from course_lib.cli import classifier, demo_readers, prompter, tagger, translator
from course_lib.cli.labelled_files import Row
from course_lib.cli.prompter import Asked
from course_lib.cli.translator import TranslatorModel, asked_mark
from course_lib.display.markup import Markup
from course_lib.display.tagged import tagged_entities
from course_lib.display.translator import translated, translation_map
from course_lib.display.widgets import png
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.inference.prompting import Prompted
from course_lib.text.bio import entities_of
from course_lib.text.segmentation import is_japanese, typed_sentences, typed_words
from course_lib.text.words import words

LONGEST = 20_000  # letters of a text; more are a mistake
N_SHOWN = 5
N_WORDS = 32  # of an answer, at most


class Shown(NamedTuple):
    """An answer: a text, perhaps a picture (PNG) and a remark; or marked-up text in its place."""

    text: str
    picture: bytes | None = None
    note: str = ""
    markup: Markup | None = None


class DemoTask(NamedTuple):
    """One tab of the page: its name, what it does, a text to begin with, and the function.

    If it has a second box, `second` stands in it at first, and the function takes both texts.
    """

    name: str
    summary: str
    text: str
    run: Callable[..., Shown]
    second_label: str = ""
    second: str = ""


@cache
def translator_model() -> TranslatorModel:
    return translator.load(None)


@cache
def prompted_model() -> Prompted:
    return prompter.load(None, with_shots=False)


def translate(text: str) -> Shown:
    """English into Japanese or back, with where the first sentence's words looked."""
    text, task = checked(text), translator_model()
    lines = text.splitlines()
    found = translator.translate(task, lines)
    first = next((s for line in lines for s in typed_sentences(line)), "")
    known = [word for word in typed_words(first, task.known) if word in task.known]
    picture = None
    if 0 < len(known) < task.model.context_length:
        one = translated(task.model, task.vocab, asked_mark(first, None), known)
        picture = png(translation_map(one))
    return Shown("\n".join(found), picture, unknown(task, text))


def summarise(text: str) -> Shown:
    """A headline for a story."""
    text, task = checked(text), translator_model()
    (found,) = translator.summarise(task, [text])
    return Shown(found, note=unknown(task, text))


def classify(text: str) -> Shown:
    """What a story is about, and how sure the model is of the likeliest topics."""
    task = demo_readers.topic_reader()
    row = Row(demo_readers.spaced(english_words(text)), None, None, (), "")
    (best,) = classifier.classify(task, [row])
    return Shown(f"{best.label}  {best.probability:.3f}")


def tag(text: str) -> Shown:
    """People, places, organisations and dates in their text."""
    found = english_words(text)
    (tags,) = tagger.tag(demo_readers.name_reader(), [found])
    marked = tagged_entities(found, entities_of(tags))
    return Shown("", markup=marked)


def answer(text: str, question: str) -> Shown:
    """What a prompted model says to a question about a story."""
    if not question.strip():
        raise CourseError(_("type a question, too"))
    return ask(f"Read the story and answer the question. {checked(text)} {question} Answer:", "")


def ask(text: str, choices: str) -> Shown:
    """What a prompted model answers; with choices, the share of each of them."""
    model, asked = prompted_model(), Asked(checked(text))
    new = ", ".join(model.unknown(prompter.prompt_of(model, asked))[:N_SHOWN])
    note = _("the model does not know: {words}").format(words=new) if new else ""
    if not choices.strip():
        return Shown(prompter.answer(model, asked, N_WORDS), note=note)
    options = prompter.choices_of(model, choices)
    found = prompter.choose(model, asked, options, False, False)
    return Shown("\n".join(f"{c.probability:.3f}  {c.answer}" for c in found), note=note)


def checked(text: str) -> str:
    """Raises CourseError for a text that is empty or much too long."""
    if not text.strip():
        raise CourseError(_("type a text first"))
    if len(text) > LONGEST:
        message = _("{n} letters are too many; the page takes {most}")
        raise CourseError(message.format(n=len(text), most=LONGEST))
    return text


def english_words(text: str) -> list[str]:
    """The words of an English text. Raises CourseError for Japanese, and if there are none."""
    if is_japanese(checked(text)):
        raise CourseError(_("this model reads English only; translate the text first"))
    if not (found := words(text)):
        raise CourseError(_("there are no words in this text"))
    return found


def unknown(task: TranslatorModel, text: str) -> str:
    """A remark about words that the model does not know; "" if it knows all."""
    new = translator.unknown_words(task, [text])
    shown = ", ".join(new[:N_SHOWN]) + (", ..." if len(new) > N_SHOWN else "")
    return _("the model does not know: {words}").format(words=shown) if new else ""


STORY = (
    "On Monday Nina walked to the river. She swam across the river to get to the other bank. "
    "Then Nina found an old boat. At last, she went home."
)
TASKS = (
    DemoTask(
        _("Translate"),
        _("English into Japanese, Japanese into English, and where each word looked."),
        "Nina swam across the river to get to the other bank.",
        translate,
    ),
    DemoTask(_("Summarise"), _("A headline for a story of Riverbank."), STORY, summarise),
    DemoTask(_("Classify"), _("What a story is about."), STORY, classify),
    DemoTask(_("Tag"), _("People, places, organisations and dates."), STORY, tag),
    DemoTask(
        _("Answer"),
        _("A question about a story, put to a small prompted model: often wrong."),
        STORY,
        answer,
        _("question"),
        "Where did Nina walk?",
    ),
    DemoTask(
        _("Prompt"),
        _("Ask in words. With answers to choose from, with commas between, each gets its share."),
        f"What is this story about? {STORY} Answer:",
        ask,
        _("answers to choose from"),
        "river, money, music",
    ),
)
