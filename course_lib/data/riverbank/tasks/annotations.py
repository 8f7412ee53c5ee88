"""What stories carry with them, as plain examples: translations, tags, senses, topics."""

from collections.abc import Sequence
from dataclasses import dataclass

from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.wording import Words, passage, told


@dataclass(frozen=True)
class Translation:
    """One sentence in both languages; the Japanese is in short words, as a tokenizer cuts it."""

    english: Words
    japanese: tuple[str, ...]


@dataclass(frozen=True)
class Tagged:
    """One sentence with a UPOS tag, a BIO entity and a sense (or None) for each word."""

    words: Words
    tags: tuple[str, ...]
    entities: tuple[str, ...]
    senses: tuple[str | None, ...]


@dataclass(frozen=True)
class Sense:
    """A word with two senses where a story uses it: words[place] has the sense bank/river."""

    words: Words
    place: int
    sense: str

    @property
    def word(self) -> str:
        return self.words[self.place]


@dataclass(frozen=True)
class Document:
    """A whole story and its topic."""

    words: Words
    topic: str


def translations(stories: Sequence[Story]) -> list[Translation]:
    """Every sentence with its Japanese.

    >>> translations(riverbank.load("train"))[0].japanese
    """
    return [
        Translation(told([sentence]), sentence.japanese)
        for story in stories
        for sentence in story.sentences
    ]


def tagged(stories: Sequence[Story]) -> list[Tagged]:
    """Every sentence with its tags.

    >>> tagged(riverbank.load("train"))[0].entities
    """
    return [
        Tagged(told([sentence]), sentence.tags, sentence.entities, sentence.senses)
        for story in stories
        for sentence in story.sentences
    ]


def senses(stories: Sequence[Story]) -> list[Sense]:
    """Every use of a word with two senses, in the story that decides which.

    >>> senses(riverbank.load("train"))[0].sense

    The sentence alone may leave it open (the bat was small); the story does not.
    """
    found = []
    for story in stories:
        words = passage(story)
        senses = [sense for sentence in story.sentences for sense in sentence.senses]
        found += [Sense(words, place, sense) for place, sense in enumerate(senses) if sense]
    return found


def documents(stories: Sequence[Story]) -> list[Document]:
    """Every story with its topic.

    >>> documents(riverbank.load("train"))[0].topic
    """
    return [Document(passage(story), story.topic) for story in stories]
