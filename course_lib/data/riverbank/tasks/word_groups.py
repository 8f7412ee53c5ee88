"""Words of one kind: people, animals, jobs, things, qualities, deeds."""

from collections import Counter
from functools import cache

from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.words import Noun

JOBS = {"role"}
ANIMALS = {"animal", "catch", "wild"}
LABELS = tuple("ABCDEFGHIJKLMNOP")  # words of no story: what they mean, a prompt must say


@cache
def word_groups() -> dict[str, tuple[str, ...]]:
    """Each kind's words in alphabetical order. No word is of two kinds or has two senses."""
    lexicon = whole_lexicon()
    nouns = [noun for topic in lexicon.topics.values() for noun in topic.nouns]
    senses = Counter(noun.lemma for noun in nouns)
    groups = {
        "people": {str(person.name) for person in lexicon.people},
        "animals": {noun.lemma for noun in nouns if ANIMALS & set(noun.classes)},
        "jobs": {noun.lemma for noun in nouns if JOBS & set(noun.classes)},
        "things": {noun.lemma for noun in nouns if is_thing(noun)},
        "qualities": {str(a.word) for noun in nouns for a in noun.adjectives},
        "deeds": {
            str(action.verb.past) for topic in lexicon.topics.values() for action in topic.actions
        },
    }
    found = Counter(word for group in groups.values() for word in group)
    return {
        name: tuple(sorted(word for word in group if found[word] == 1 and senses[word] < 2))
        for name, group in groups.items()
    }


def is_thing(noun: Noun) -> bool:
    """Something that can be counted and is not alive."""
    return noun.one is not None and noun.many is not None and not noun.alive
