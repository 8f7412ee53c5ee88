"""★ Counting words: a dictionary from each word to how often it came."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

KEYS = _("Return a dictionary: each different word is a key, its value says how often it came.")
TIMES = _("A word that came three times counts three: every place in the text adds one.")
CASE = _(
    "“The” at the start of a sentence is the same word as “the”: make all letters small first."
)
EMPTY = _("A text of no words has no keys: an empty dictionary, and no error.")

WORDS = ["river", "bank", "boat", "bridge", "water", "heron", "willow"]


def cases(rng: random.Random) -> list[Case]:
    first, second, third = rng.sample(WORDS, 3)
    often = [first] * rng.randint(3, 5) + [second, second, third]
    rng.shuffle(often)
    return [
        Case(([first, second, third],), KEYS),
        Case((often,), TIMES),
        Case((["The", first, "and", "the", second, second.capitalize(), "AND"],), CASE),
        Case(([],), EMPTY),
    ]


def count_words(words: Sequence[str]) -> dict[str, int]:
    """(T,) words -> how often each came, capitals and small letters being the same."""
    return dict(Counter(word.lower() for word in words))


def with_a_loop(words: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word.lower()] = counts.get(word.lower(), 0) + 1
    return counts


def with_a_default(words: Sequence[str]) -> defaultdict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for word in map(str.lower, words):
        counts[word] += 1
    return counts


def with_list_count(words: Sequence[str]) -> dict[str, int]:
    small = [word.lower() for word in words]
    return {word: small.count(word) for word in small}


def from_the_first_word(words: Sequence[str]) -> dict[str, int]:
    counts = {words[0].lower(): 1}
    for word in words[1:]:
        counts[word.lower()] = counts.get(word.lower(), 0) + 1
    return counts


EXERCISE = Exercise(
    name="count_words",
    lecture="00_welcome",
    stars=1,
    title=_("Counting words"),
    points=2,
    minutes=5,
    cases=cases,
    reference=count_words,
    hints=(
        _("Go through the list once. What must you remember about the words that you have met?"),
        _("Keep a dictionary. Each word, in small letters, adds one to its own number."),
        _("collections.Counter counts the words of a list: give it word.lower() for each word."),
    ),
    right_variants=(with_a_loop, with_a_default, with_list_count),
    wrong_answers=(
        WrongAnswer(lambda words: {word.lower(): i for i, word in enumerate(words)}, KEYS),
        WrongAnswer(lambda words: len(words), KEYS),
        WrongAnswer(lambda words: {word.lower(): 1 for word in words}, TIMES),
        WrongAnswer(lambda words: dict(Counter(words)), CASE),
        WrongAnswer(lambda words: {word.lower(): words.count(word) for word in words}, CASE),
        WrongAnswer(from_the_first_word, EMPTY),
    ),
)
