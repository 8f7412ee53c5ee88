"""Words of Riverbank that a model wrote, as a reader expects them."""

from collections.abc import Iterator, Sequence
from functools import cache

from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.tasks.wording import Words
from course_lib.data.riverbank.words import Token

FIRST_KANA, LAST_KANJI = "\u3040", "\u9fff"


def readable(words: Sequence[str]) -> str:
    """English with capitals and few spaces, Japanese with none: `nina swam .` -> "Nina swam."

    Names are known by their letters alone: people, days, months, and places such as Owl Hill. So
    the Herons, a team, are written like the birds.
    """
    if any(FIRST_KANA <= character <= LAST_KANJI for word in words for character in word):
        return "".join(words)
    return Words(_with_names(words)).text


def _with_names(words: Sequence[str]) -> Iterator[Token]:
    longest = max(map(len, place_names()))
    place = 0
    while place < len(words):
        lengths = range(min(longest, len(words) - place), 1, -1)
        n = next((n for n in lengths if tuple(words[place : place + n]) in place_names()), 1)
        is_name = n > 1 or words[place] in single_names()
        for word in words[place : place + n]:
            yield Token(word, "PROPN" if is_name else "X")
        place += n


@cache
def single_names() -> frozenset[str]:
    """People, days and months."""
    lexicon = whole_lexicon()
    named = (person.name for person in lexicon.people)
    return frozenset(map(str, (*named, *(n.word for n in (*lexicon.days, *lexicon.months)))))


@cache
def place_names() -> frozenset[tuple[str, ...]]:
    """Proper names of several words, as (owl, hill)."""
    places = (place for topic in whole_lexicon().topics.values() for place in topic.places)
    return frozenset(
        tuple(map(str, place.words))
        for place in places
        if len(place.words) > 1 and all(word.pos == "PROPN" for word in place.words)
    )
