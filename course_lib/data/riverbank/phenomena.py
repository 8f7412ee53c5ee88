"""Minimal pairs: a context, the word that must come, and one that must not.

The pairs of each phenomenon are balanced: whatever is right once is wrong once, after the same
word before it. So counting words, or where the reach is longer counting pairs of words, is chance.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

from course_lib.data.riverbank import finders
from course_lib.data.riverbank.language import language
from course_lib.data.riverbank.story import Story

MOST_STORIES = 200_000  # to look through for one set of pairs


@dataclass(frozen=True)
class MinimalPair:
    """After `context` the grammar says `right` with a higher probability than `wrong`."""

    context: tuple[str, ...]
    right: str
    wrong: str


@dataclass(frozen=True)
class Phenomenon:
    """`reach` says how far back the clue is: one word, a clause, a sentence, ...

    `fixed` counts the words before the pair that are the same for both its roles.
    """

    find: Callable[[Story, random.Random], Iterator[finders.Found]]
    reach: str
    fixed: int


_ALL = {
    "agreement": Phenomenon(finders.agreement, "one word", 0),
    "negation": Phenomenon(finders.negation, "one word", 0),
    "agreement_across": Phenomenon(finders.agreement_across, "a clause", 1),
    "reflexive": Phenomenon(finders.reflexive, "a sentence", 1),
    "pronoun": Phenomenon(finders.pronoun, "the sentence before", 1),
    "sense": Phenomenon(finders.sense, "the story", 2),
    "sense_across": Phenomenon(finders.sense_across, "the story", 1),
    "name": Phenomenon(finders.name, "the story", 1),
    "object": Phenomenon(finders.copied_object, "the story", 1),
    "place": Phenomenon(finders.place, "the story", 1),
    "day": Phenomenon(finders.day, "the story", 1),
}
PHENOMENA = tuple(_ALL)
REACH = {name: phenomenon.reach for name, phenomenon in _ALL.items()}


def minimal_pairs(phenomenon: str, n: int, seed: int) -> list[MinimalPair]:
    """`n` pairs from fresh stories; the same for the same seed. `n` must be even.

    Pairs 0 and 1 swap right and wrong, as do 2 and 3, and so on.
    """
    if phenomenon not in _ALL:
        raise ValueError(f"no phenomenon {phenomenon!r}; there are {', '.join(PHENOMENA)}")
    if n < 0 or n % 2:
        raise ValueError(f"pairs are balanced two by two: {n=} must be even")
    rng = random.Random(f"{seed} {phenomenon}")
    found = balanced(candidates(_ALL[phenomenon], rng))
    return [pair for _twins in range(n // 2) for pair in next(found)]


def candidates(
    phenomenon: Phenomenon, rng: random.Random
) -> Iterator[tuple[Hashable, MinimalPair]]:
    """At most one pair of each fresh story, with what it must share with its twin."""
    for _story in range(MOST_STORIES):
        story = Story(*language().sample(rng))
        found = list(phenomenon.find(story, rng))
        if not found:
            continue
        place, wrong = rng.choice(found)
        right, context = story.words[place], story.words[:place]
        shared = context[place - phenomenon.fixed :], frozenset((right, wrong))
        yield shared, MinimalPair(context, right, wrong)


def balanced(
    found: Iterator[tuple[Hashable, MinimalPair]],
) -> Iterator[tuple[MinimalPair, MinimalPair]]:
    """Twins: two pairs that share what they must and whose right and wrong are swapped."""
    waiting: defaultdict[Hashable, list[MinimalPair]] = defaultdict(list)
    for shared, pair in found:
        twins = waiting[shared]
        if twins and twins[0].right != pair.right:
            yield twins.pop(), pair
        else:
            twins.append(pair)
    raise ValueError(f"too few pairs in {MOST_STORIES} stories")
