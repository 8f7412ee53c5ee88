"""Claims about what came first: before nina paid, she bought a hat."""

import random
from collections.abc import Iterator
from dataclasses import replace

from course_lib.data.riverbank.meaning import Clause, Meaning, People
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.english import sentence
from course_lib.data.riverbank.tasks.facts import named, pair_of, recast
from course_lib.data.riverbank.tasks.logic import CONTRADICTION, ENTAILMENT, NEUTRAL
from course_lib.data.riverbank.tasks.wording import Words
from course_lib.data.riverbank.words import Person


def orders(story: Story, number: int, rng: random.Random) -> Iterator[tuple[Words, str]]:
    """The order of a sentence's two events, that order turned round, and both done by another."""
    meaning = story.sentences[number].meaning
    if meaning.other is None or meaning.join not in ("and", "after", "before"):
        return
    first, second = named(meaning.main), named(meaning.other)
    if meaning.join == "after":
        first, second = second, first
    yield in_order(first, second, rng), ENTAILMENT
    yield in_order(second, first, rng), CONTRADICTION
    assert isinstance(first.subject, People)
    if len(first.subject.members) == 1:
        a, b = pair_of(story)
        cast: dict[str, Person] = {a.name: b, b.name: a}
        first, second = rng.sample([recast(clause, cast) for clause in (first, second)], 2)
        yield in_order(first, second, rng), NEUTRAL


def in_order(first: Clause, second: Clause, rng: random.Random) -> Words:
    """before nina paid , she bought a hat ; after nina bought a hat , she paid ."""
    join, main, other = rng.choice((("before", first, second), ("after", second, first)))
    assert isinstance(main.subject, People)
    she = replace(main.subject, pronoun=True)
    return Words(sentence(Meaning(replace(main, subject=she), join, other)))
