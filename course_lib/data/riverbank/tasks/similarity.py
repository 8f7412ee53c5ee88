"""How much two sentences mean the same, from 0 to 5, computed from what they mean."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from course_lib.data.riverbank.meaning import Clause, People, Thing
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.claims import forms, worded
from course_lib.data.riverbank.tasks.facts import Fact, Filler, facts, fillers, frame
from course_lib.data.riverbank.tasks.hypotheses import Alterations, kinds
from course_lib.data.riverbank.tasks.logic import mutual, opposed
from course_lib.data.riverbank.tasks.wording import Words, pairs

WEIGHTS = {"agent": 1.0, "event": 2.0, "others": 1.0, "day": 0.5}
DENIED = 0.3  # what is left of the score if one sentence denies what the other says
BANDS = 5  # of equal width, with equally many pairs
PER_STORY = 5  # sentences of a story to compare with others


@dataclass(frozen=True)
class Similar:
    """Two sentences and how much they mean the same, from 0 to 5."""

    first: Words
    second: Words
    score: float


def similarity(stories: Sequence[Story], seed: int) -> list[Similar]:
    """Pairs of sentences, as many with a score of 0 to 1 as of 1 to 2 and so on.

    >>> similarity(riverbank.load("train"), seed=0)[0].score

    The score is that of `score_of`. The second sentence is the first one altered or said
    otherwise, or another of the same story, of the same topic or of any.
    """
    rng = random.Random(f"{seed} similarity")
    by_topic, bands = defaultdict(list), [list[Similar]() for _band in range(BANDS)]
    for story in stories:
        by_topic[story.topic].append(story)
    for story in stories:
        near, far = rng.choice(by_topic[story.topic]), rng.choice(stories)
        for pair in candidates(story, near, far, rng):
            bands[min(int(pair.score), BANDS - 1)].append(pair)
    size = min(map(len, bands))
    kept = [
        pair for number, pairs in enumerate(bands) for pair in misleading(pairs, number, size, rng)
    ]
    rng.shuffle(kept)
    return kept


def misleading(
    pairs: Sequence[Similar], number: int, size: int, rng: random.Random
) -> Iterator[Similar]:
    """Half of `size` pairs of a band, and half of these are the ones whose words mislead most.

    Those share the most words where the meanings differ, and the fewest where they are the same.
    """
    turn = -1 if 2 * number < BANDS else 1
    tricky = sorted(pairs, key=lambda pair: turn * shared(pair))
    count = size // 4
    yield from tricky[:count]
    yield from rng.sample(tricky[count:], count)


def shared(pair: Similar) -> float:
    """The share of their words that both sentences have."""
    first, second = set(pair.first), set(pair.second)
    return len(first & second) / len(first | second)


def candidates(story: Story, near: Story, far: Story, rng: random.Random) -> Iterator[Similar]:
    """Pairs that begin with a fact of `story`."""
    alterations = Alterations(story, rng)
    mine, others = facts(story), [facts(near), facts(far)]
    for fact in rng.sample(mine, min(PER_STORY, len(mine))):
        second = [alterations.alter(fact)[0], alterations.alter(alterations.alter(fact)[0])[0]]
        second += [rng.choice(mine), *map(rng.choice, others)]
        for other in second:
            pair = Similar(said(fact, rng), said(other, rng), score_of(fact, other))
            if pair.first != pair.second:
                yield pair


def said(fact: Fact, rng: random.Random) -> Words:
    """A fact in words, some of them exchanged for others of the same meaning."""
    words = worded(fact, rng.choice(forms(fact)))
    if rng.random() < 0.5:
        return words
    return words.changed(synonyms())


@cache
def synonyms() -> dict[str, str]:
    return pairs("synonyms")


def score_of(one: Fact, other: Fact) -> float:
    """0 to 5, to one decimal: 5 p (1 a + 2 e + 1 o + 0.5 d) / (the weights that count).

    a: who acts or what is described, the share they have in common; e: the same event or adjective
    (1), the same verb (0.5) or an adjective of the same kind (0.5, opposites 0.25); o: what else
    takes part, the mean over places; d: the same day. o counts only if anything else takes part, d
    only if a day is told. p is 1, or 0.3 if one sentence denies and the other does not. A word
    with two senses counts by its sense; "nina met max" is the same as "max met nina".
    """
    sides = [(one.clause, clause) for clause in (other.clause, *mutual(other.clause))]
    sides += [(clause, other.clause) for clause in mutual(one.clause)]
    day = None if one.day is None and other.day is None else one.day is other.day
    best = max(clause_score(a, b, day) for a, b in sides)
    return round(5 * best * (1.0 if one.clause.negated == other.clause.negated else DENIED), 1)


def clause_score(a: Clause, b: Clause, same_day: bool | None) -> float:
    """The weighted mean of the parts that count, from 0 to 1."""
    parts = {"agent": overlap(a.subject, b.subject), "event": event_match(a, b)}
    if others(a) or others(b):
        parts["others"] = others_match(others(a), others(b))
    if same_day is not None:
        parts["day"] = float(same_day)
    total = sum(WEIGHTS[name] * value for name, value in parts.items())
    return total / sum(WEIGHTS[name] for name in parts)


def overlap(a: Filler, b: Filler) -> float:
    """People: how many of them are the same. Things: 1 for the same noun, less if it differs in
    adjective or number; 0.25 for two of a kind (animals, flowers)."""
    if isinstance(a, People) and isinstance(b, People):
        return len(set(a.members) & set(b.members)) / len(set(a.members) | set(b.members))
    if isinstance(a, Thing) and isinstance(b, Thing):
        if a.noun is b.noun:
            same = (
                (a.adjective is b.adjective) + (a.quantity == b.quantity) + (a.plural == b.plural)
            )
            return 0.4 + 0.2 * same
        return 0.25 if kinds().keys() & set(a.noun.classes) & set(b.noun.classes) else 0.0
    if isinstance(a, Clause) and isinstance(b, Clause):
        return (overlap(a.subject, b.subject) + event_match(a, b)) / 2
    return float(a is b)


def event_match(a: Clause, b: Clause) -> float:
    """Whether the same happens, or the same is said of what is described."""
    if a.action and b.action:
        if frame(a.action) == frame(b.action):
            return 1.0
        return 0.5 if a.action.verb.base == b.action.verb.base else 0.0
    if a.action or b.action:
        return 0.0
    if a.adjective is b.adjective:
        return 1.0 if a.very == b.very else 0.9
    if not (a.adjective and b.adjective) or a.adjective.group != b.adjective.group:
        return 0.0
    return 0.25 if opposed(a.adjective, b.adjective) else 0.5


def others(clause: Clause) -> tuple[Filler, ...]:
    """Whoever and whatever takes part besides: objects, places, what narrows something down."""
    if clause.action:
        return fillers(clause)
    return (*((clause.near[1],) if clause.near else ()), *((clause.which,) if clause.which else ()))


def others_match(a: Sequence[Filler], b: Sequence[Filler]) -> float:
    """The mean over the places; a place that only one has counts 0."""
    matches = [overlap(x, y) for x, y in zip(a, b, strict=False)]
    return sum(matches) / max(len(a), len(b))
