"""All the questions that a fact answers, each with its answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from course_lib.data.riverbank.meaning import Clause, People, Thing
from course_lib.data.riverbank.tasks.english import be, entity, event, near
from course_lib.data.riverbank.tasks.facts import Fact, fillers, frame, lemma
from course_lib.data.riverbank.words import Named, Place, Slot, Token

COUNTED = ("two", "three")
Tokens = list[Token]
Parts = dict[str, Tokens]


@dataclass(frozen=True)
class Asked:
    """A question before it is worded. `key` is what it asks, whatever the adjectives.

    `parts` makes what the wordings of tasks.txt are filled with; most questions never need it.
    `answer` is words of the sentence `sentence`; if `people`, they may be named in an earlier one.
    """

    kind: str
    key: tuple[Any, ...]
    parts: Callable[[], Parts]
    answer: tuple[str, ...]
    sentence: int
    people: bool = False


def asked(fact: Fact) -> Iterator[Asked]:
    """The questions of a fact."""
    clause = fact.clause
    if clause.action is None:
        if not clause.negated:
            yield from about_state(fact)
        return
    yield who(fact)
    if clause.negated:
        return
    if fact.day:
        yield when(fact, fact.day)
    for place, piece in enumerate(clause.action.english):
        if isinstance(piece, Slot) and piece.name in clause.roles:
            yield from about_slot(fact, place, piece)


def who(fact: Fact) -> Asked:
    """who gave the feather to max ? who did not swim ?"""
    clause = fact.clause
    assert clause.action is not None
    key = "who", clause.negated, frame(clause.action), *map(lemma, fillers(clause))
    people = isinstance(clause.subject, People)
    answer = spoken(entity(clause.subject))
    return Asked("who", key, lambda: {"past": event(clause)}, answer, fact.sentence, people)


def when(fact: Fact, day: Named) -> Asked:
    """on which day did nina swim ? The day is told by the first sentence or by the last."""
    return of_event("when", fact, fact.clause, (str(day.word),))


def of_event(kind: str, fact: Fact, clause: Clause, answer: tuple[str, ...]) -> Asked:
    """A question about `clause`, which is the fact's less what is asked for."""
    assert clause.action is not None
    key = kind, lemma(clause.subject), frame(clause.action), *map(lemma, fillers(clause))
    return Asked(kind, key, lambda: doing(clause), answer, fact.sentence, kind == "whom")


def doing(clause: Clause) -> Parts:
    """who, and what they do in two forms: did ... bring, brought."""
    return {
        "subject": entity(clause.subject),
        "base": event(clause, base=True),
        "past": event(clause),
    }


def about_slot(fact: Fact, place: int, slot: Slot) -> Iterator[Asked]:
    """what did nina bring ? whom did she give it to ? where did she lose it ?"""
    clause, filler = fact.clause, fact.clause.roles[slot.name]
    assert clause.action is not None
    if isinstance(filler, Clause) or slot.name == "new":
        return
    before, answer = str(clause.action.english[place - 1]), spoken(entity(filler))
    if isinstance(filler, People) or {"role", "ORG"} & set(kinds(filler)):
        yield of_event("whom", fact, lacking(clause, place), answer)
    elif before in ("near", "behind"):
        yield of_event("where", fact, lacking(clause, place - 1, place), (before, *answer))
    elif before in ("to", "at") and isinstance(filler, Place):
        yield of_event("where", fact, lacking(clause, place - 1, place), answer)
    elif isinstance(filler, Thing):
        yield of_event("what", fact, lacking(clause, place), answer)
        yield from about_thing(filler, fact)
        if filler.quantity in COUNTED:
            yield how_many(fact, filler, lacking(clause, place))


def kinds(filler: Thing | Place | People) -> tuple[str, ...]:
    return filler.noun.classes if isinstance(filler, Thing) else ()


def lacking(clause: Clause, *places: int) -> Clause:
    """The clause less some pieces of its action."""
    assert clause.action is not None
    pieces = enumerate(clause.action.english)
    left = tuple(piece for place, piece in pieces if place not in places)
    return replace(clause, action=replace(clause.action, english=left))


def how_many(fact: Fact, thing: Thing, clause: Clause) -> Asked:
    """how many roses did nina plant ?"""
    question = of_event("number", fact, clause, (thing.quantity,))
    key = *question.key, thing.noun.lemma
    return replace(question, key=key, parts=lambda: {**doing(clause), "things": plain(thing)})


def about_thing(thing: Thing, fact: Fact) -> Iterator[Asked]:
    """what colour was the hat ?"""
    if thing.adjective and thing.adjective.group == "colour":
        yield colour(thing, str(thing.adjective.word), fact)


def colour(thing: Thing, answer: str, fact: Fact) -> Asked:
    bare = replace(thing, adjective=None)
    key = "colour", thing.noun.lemma
    return Asked("colour", key, lambda: being(bare), (answer,), fact.sentence)


def being(thing: Thing) -> Parts:
    """were, the boats."""
    return {"be": [be(thing)], "thing": entity(replace(thing, quantity="the"))}


def about_state(fact: Fact) -> Iterator[Asked]:
    """where was the boat ? how many boats were there ? what colour was the boat ?"""
    clause, thing = fact.clause, fact.clause.subject
    assert isinstance(thing, Thing)
    if clause.near:
        key = "position", thing.noun.lemma
        yield Asked("position", key, lambda: being(thing), spoken(near(clause)), fact.sentence)
    if clause.adjective and clause.adjective.group == "colour":
        yield colour(thing, str(clause.adjective.word), fact)
    if clause.adjective is None:
        yield from about_thing(thing, fact)
        if thing.quantity in COUNTED:
            key = "existing", thing.noun.lemma
            things = {"things": plain(thing)}
            yield Asked("existing", key, lambda: things, (thing.quantity,), fact.sentence)


def plain(thing: Thing) -> Tokens:
    """boats, without an article."""
    return entity(replace(thing, quantity="the"))[1:]


def spoken(tokens: Tokens) -> tuple[str, ...]:
    return tuple(map(str, tokens))
