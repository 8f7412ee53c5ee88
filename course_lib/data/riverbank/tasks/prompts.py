"""Every task as text: a prompt that ends where the answer begins."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.annotations import documents, translations
from course_lib.data.riverbank.tasks.consecutive import consecutive
from course_lib.data.riverbank.tasks.entailment import entailment
from course_lib.data.riverbank.tasks.headlines import headlines
from course_lib.data.riverbank.tasks.questions import questions
from course_lib.data.riverbank.tasks.reviews import reviews
from course_lib.data.riverbank.tasks.similarity import similarity
from course_lib.data.riverbank.tasks.wording import Words, fill, phrase, rows

Parts = dict[str, Sequence[str]]
UNKNOWN = "the story does not say"


@dataclass(frozen=True)
class Prompt:
    """The answer follows right after `words`. `choices` lists all answers if they are few.

    `label` is the answer before it was worded: what the task's own examples call it.
    """

    kind: str
    words: Words
    answer: tuple[str, ...]
    choices: tuple[str, ...]
    label: object


def prompts(kind: str, stories: Sequence[Story], seed: int) -> list[Prompt]:
    """A task of KINDS as prompts, each in one of its wordings; the same for the same seed.

    >>> prompts("entailment", riverbank.load("train"), seed=0)[0].words.text

    For a few shots, put prompts with their answers before the one to be answered. Raises
    ValueError for a kind that there is not.
    """
    found = examples(kind, stories, seed)
    rng = random.Random(f"{seed} prompts {kind}")
    wordings = [row[1:] for row in rows("prompts", 3) if row[0] == kind]
    return [worded(kind, parts, label, rng.choice(wordings)) for parts, label in found]


def examples(kind: str, stories: Sequence[Story], seed: int) -> list[tuple[Parts, object]]:
    """A task's examples before they are worded: what fills a wording's fields, and the label.

    Raises ValueError for a kind that there is not.
    """
    if kind not in _MAKERS:
        raise ValueError(f"no prompts for {kind!r}; there are {', '.join(KINDS)}")
    return list(_MAKERS[kind](stories, seed))


def worded(kind: str, parts: Parts, label: object, wording: Sequence[str]) -> Prompt:
    """One example in one wording; a label is answered as the wording says, or as it is."""
    template, answers = wording[0], dict(pair.split() for pair in wording[1].split(",") if pair)
    said = answers.get(str(label))
    answer = (said,) if said else tuple(label) if isinstance(label, tuple) else (str(label),)
    choices = tuple(answers.values()) or CHOICES.get(kind, ())
    return Prompt(kind, fill(template, **parts), answer, choices, label)


CHOICES = {"reviews": tuple("12345"), "similarity": tuple("012345")}
Examples = Iterator[tuple[Parts, object]]


def from_questions(stories: Sequence[Story], seed: int) -> Examples:
    for one in questions(stories, seed):
        answer = one.answer or tuple(map(str, phrase(UNKNOWN)))
        yield {"passage": one.passage, "question": one.question}, tuple(answer)


def from_entailment(stories: Sequence[Story], seed: int) -> Examples:
    for one in entailment(stories, seed):
        yield {"premise": one.premise, "hypothesis": one.hypothesis}, one.label


def from_similarity(stories: Sequence[Story], seed: int) -> Examples:
    for one in similarity(stories, seed):
        yield {"first": one.first, "second": one.second}, str(int(one.score + 0.5))


def from_reviews(stories: Sequence[Story], seed: int) -> Examples:
    """As many reviews as there are stories."""
    for one in reviews(len(stories), seed):
        yield {"review": one.with_numbers}, one.stars


def from_headlines(stories: Sequence[Story], _seed: int) -> Examples:
    for one in headlines(stories):
        yield {"passage": one.passage}, tuple(one.headline)


def from_translations(stories: Sequence[Story], _seed: int) -> Examples:
    for one in translations(stories):
        yield {"english": one.english}, one.japanese


def from_documents(stories: Sequence[Story], _seed: int) -> Examples:
    for one in documents(stories):
        yield {"passage": one.words}, one.topic


def from_consecutive(stories: Sequence[Story], seed: int) -> Examples:
    for one in consecutive(stories, seed):
        yield {"before": one.before, "second": one.second}, one.is_next


_MAKERS: dict[str, Callable[[Sequence[Story], int], Examples]] = {
    "questions": from_questions,
    "entailment": from_entailment,
    "similarity": from_similarity,
    "reviews": from_reviews,
    "headlines": from_headlines,
    "translation": from_translations,
    "topics": from_documents,
    "consecutive": from_consecutive,
}
KINDS = tuple(_MAKERS)
