"""The words with two senses in Japanese, which has a word of its own for each sense."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from course_lib.data.riverbank.lexicon import read_lexicon
from course_lib.data.riverbank.splits import load
from course_lib.data.riverbank.story import Sentence
from course_lib.data.riverbank.words import Noun


@dataclass(frozen=True)
class SenseUse:
    """A word with two senses in one of many sentences.

    right, wrong: the Japanese of the sense it has there and of the other one (岸, 銀行).
    decided: does its own sentence say which? Otherwise only the story does (there was a bank .).
    """

    sentence: int
    sense: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    decided: bool


def sense_uses(sentences: Sequence[Sentence]) -> list[SenseUse]:
    """Every use of a word with two senses, and which sentence it stands in.

    A fixed phrase that Japanese says without the word (the first pitch, 第 一 球) is no use.

    >>> sense_uses([s for story in riverbank.load("test") for s in story.sentences])[0].right
    """
    nouns = senses()
    found = []
    for number, sentence in enumerate(sentences):
        for sense in filter(None, sentence.senses):
            other = other_sense(sense)
            right, wrong = (tuple(nouns[name].japanese.split()) for name in (sense, other))
            if "".join(right) in sentence.japanese_text:
                decided = not could_be_told(sentence.words, sense, other)
                found.append(SenseUse(number, sense, right, wrong, decided))
    return found


def could_be_told(words: Sequence[str], sense: str, other: str) -> bool:
    """Might the sentence as well be about the other sense?

    Not if a word of it is never said in stories of the other topic, or is an adjective that suits
    the one thing only: a steep bank holds no money.
    """
    nouns, said = senses(), topic_words()[other.partition("/")[2]]
    suits, suits_other = ({str(a.word) for a in nouns[name].adjectives} for name in (sense, other))
    return all(word in said and not (word in suits and word not in suits_other) for word in words)


def other_sense(sense: str) -> str:
    """bank/river -> bank/money."""
    word = sense.partition("/")[0]
    return next(name for name in senses() if name != sense and name.partition("/")[0] == word)


@cache
def senses() -> Mapping[str, Noun]:
    """bank/river -> the noun, with its Japanese and the adjectives that suit it."""
    nouns = [noun for topic in read_lexicon().topics.values() for noun in topic.nouns]
    forms = [(noun.one or noun.many, noun) for noun in nouns]
    return {form.sense: noun for form, noun in forms if form is not None and form.sense is not None}


@cache
def topic_words() -> Mapping[str, frozenset[str]]:
    """The words of each topic's training stories."""
    words: dict[str, set[str]] = defaultdict(set)
    for story in load("train"):
        words[story.topic].update(story.words)
    return {topic: frozenset(said) for topic, said in words.items()}
