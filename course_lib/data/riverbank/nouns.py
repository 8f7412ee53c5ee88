"""Noun phrases as weighted phrases: the boat, an old boat, two boats, some fresh bread."""

import zlib
from collections.abc import Iterator, Mapping

from course_lib.data.riverbank.meaning import Thing
from course_lib.data.riverbank.phrases import Phrase
from course_lib.data.riverbank.words import Adjective, Noun, Token

Words = Mapping[str, Token]
UNGRADED = ("colour", "quality", "age", "content")  # not "very red", "very perfect"


def is_reserved(first: str, second: str) -> bool:
    """Whether a combination (adjective and noun, verb and object) is kept for the unseen split.

    About one in ten, chosen by a checksum: the same on every machine and in every version.
    """
    return zlib.crc32(f"{first} {second}".encode()) % 10 == 0


def may_be_very(adjective: Adjective) -> bool:
    """Whether "very" goes with the adjective."""
    return adjective.kind in ("i", "na") and adjective.group not in UNGRADED


def definite(noun: Noun, words: Words) -> Iterator[Phrase]:
    """the boat, the boats."""
    for plural, form, weight in ((False, noun.one, 0.6), (True, noun.many, 0.4)):
        if form:
            yield (words["the"], form), weight, Thing(noun, plural)


def indefinite(noun: Noun, words: Words, reserved: bool) -> Iterator[Phrase]:
    """a boat, an old boat, two boats, ...; without the reserved adjectives unless `reserved`."""
    allowed = [a for a in noun.adjectives if reserved or not is_reserved(a.word, noun.lemma)]
    some = "some" if noun.many is None else "a"
    if noun.one:
        yield (article(some, noun.one, words), noun.one), 0.35, Thing(noun, False, None, some)
        for adjective in allowed:
            pieces = article(some, adjective.word, words), adjective.word, noun.one
            yield pieces, 0.35 / len(allowed), Thing(noun, False, adjective, some)
    if noun.many:
        for quantity, weight in (("some", 0.15), ("two", 0.1), ("three", 0.05)):
            thing = Thing(noun, True, None, quantity)
            yield (words[quantity], noun.many), weight, thing


def article(quantity: str, following: str, words: Words) -> Token:
    """a or an, by the first letter of the word that follows; some stays as it is."""
    return words["an" if quantity == "a" and following[0] in "aeiou" else quantity]
