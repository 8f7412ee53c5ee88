"""Does it follow? A premise, a hypothesis, and entailment, contradiction or neutral."""

import random
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.balance import balanced
from course_lib.data.riverbank.tasks.claims import Form, forms, worded
from course_lib.data.riverbank.tasks.english import is_plural
from course_lib.data.riverbank.tasks.facts import Fact
from course_lib.data.riverbank.tasks.hypotheses import Alterations
from course_lib.data.riverbank.tasks.logic import LABELS, implied, judge, things_of
from course_lib.data.riverbank.tasks.orders import orders
from course_lib.data.riverbank.tasks.premises import premise, reported
from course_lib.data.riverbank.tasks.wording import Words

PER_SENTENCE = 20  # claims tried, from which the balanced set is drawn


@dataclass(frozen=True)
class Pair:
    """`label` says whether the hypothesis is true if the premise is; `kind` how it was made."""

    premise: Words
    hypothesis: Words
    label: str
    kind: str


def entailment(stories: Sequence[Story], seed: int) -> list[Pair]:
    """Premise and hypothesis, one third of each label; the same for the same seed.

    >>> entailment(riverbank.load("train"), seed=0)[0].hypothesis.text

    Hypotheses of one shape (negated or not, passive or not, with a day or without, ...) and with as
    many words that the premise lacks have all three labels equally often: neither the hypothesis
    alone nor the overlap of the words gives the label away.
    """
    rng = random.Random(f"{seed} entailment")
    found = {
        (pair.premise, pair.hypothesis): (look, pair.label, pair)  # each pair once
        for story in stories
        for look, pair in candidates(story, rng)
    }
    return balanced(found.values(), dict.fromkeys(LABELS, 1), rng)


def candidates(story: Story, rng: random.Random) -> Iterator[tuple[Hashable, Pair]]:
    """Pairs from one story, each with what is easy to see about it."""
    alterations = Alterations(story, rng)
    for number in range(len(story.sentences)):
        if (said := premise(story, number)) is None:
            continue
        words, known = said
        sources = [
            *known,
            *(extra for fact in known for extra in (*implied(fact), *reported(fact))),
        ]
        for _time in range(PER_SENTENCE):
            claim, kind = alterations.alter(rng.choice(sources))
            label, form = judge(known, claim), rng.choice(forms(claim))
            hypothesis = worded(claim, form)
            if label and hypothesis != words:
                pair = Pair(words, hypothesis, label, kind)
                yield (shape(claim, form), missing(pair)), pair
        for hypothesis, label in orders(story, number, rng):
            if hypothesis != words:
                pair = Pair(words, hypothesis, label, "order")
                yield ("order", "they" in hypothesis, missing(pair)), pair


def missing(pair: Pair) -> int:
    """How many words of the hypothesis the premise lacks; many count as 4."""
    return min(4, len(set(pair.hypothesis) - set(pair.premise)))


def shape(claim: Fact, form: Form) -> Hashable:
    """What one can see in the hypothesis alone, but for which words it is made of."""
    clause, things = claim.clause, things_of(claim.clause)
    return (
        form,
        clause.negated,
        clause.very,
        is_plural(clause.subject),
        bool(clause.near),
        bool(clause.which),
        str(clause.action.verb.base) if clause.action else None,
        (clause.adjective.mood, clause.adjective.group == "colour") if clause.adjective else None,
        any(thing.adjective for thing in things),
    )
