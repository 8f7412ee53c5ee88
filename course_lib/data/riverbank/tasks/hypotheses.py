"""Claims near a premise: its own facts, altered in one or two ways. The judge labels them."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.meaning import People, Roles, Thing
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.facts import Fact, lemma, pair_of, recast
from course_lib.data.riverbank.tasks.logic import KIND
from course_lib.data.riverbank.tasks.wording import rows
from course_lib.data.riverbank.words import Noun, Place, Slot, Token, Topic

NUMBERS = ("two", "three", "some")


class Alterations:
    """Ways to change a claim about a story; each returns None where it does not apply."""

    def __init__(self, story: Story, rng: random.Random) -> None:
        self.pair, self.rng = pair_of(story), rng
        self.topic: Topic = whole_lexicon().topics[story.topic]
        self.ways: tuple[Callable[[Fact], Fact | None], ...] = (
            self.negate,
            self.negate,
            self.other_people,
            self.swap_people,
            self.swap_roles,
            self.other_day,
            self.other_adjective,
            self.other_thing,
            self.other_place,
            self.other_number,
            self.more_or_less,
            self.kind_of,
        )

    def alter(self, fact: Fact) -> tuple[Fact, str]:
        """The fact altered in one or two ways or not at all, and the names of the ways."""
        names: list[str] = []
        for _time in range(self.rng.choice((0, 1, 1, 1, 2, 2))):
            way = self.rng.choice(self.ways)
            altered = way(fact)
            if altered is not None:
                fact, names = altered, [*names, way.__name__]
        return fact, " + ".join(sorted(names)) or "same"

    def negate(self, fact: Fact) -> Fact | None:
        """nina swam, nina did not swim; the boat was old, the boat was not old."""
        clause = fact.clause
        if clause.very or (clause.action is None and clause.adjective is None):
            return None
        if clause.action and (
            clause.action.verb.base == "be" or clause.action.section == "openings"
        ):
            return None
        return replace(fact, clause=replace(clause, negated=not clause.negated))

    def other_people(self, fact: Fact) -> Fact | None:
        """nina swam, max swam; nina and max swam, nina swam."""
        clause = fact.clause
        groups = [self.pair[:1], self.pair[1:], self.pair]
        if not isinstance(clause.subject, People) or clause.action is None:
            return None
        if clause.action.who != "any" or "other" in clause.roles or "new" in clause.roles:
            return None
        members = self.rng.choice([group for group in groups if group != clause.subject.members])
        return replace(fact, clause=replace(clause, subject=People(members)))

    def swap_people(self, fact: Fact) -> Fact | None:
        """nina gave the feather to max, max gave the feather to nina."""
        a, b = self.pair
        clause = recast(fact.clause, {a.name: b, b.name: a})
        return replace(fact, clause=clause) if clause != fact.clause else None

    def swap_roles(self, fact: Fact) -> Fact | None:
        """the boatman helped nina, nina helped the boatman."""
        clause = fact.clause
        slot = next((name for name in ("someone", "helped") if name in clause.roles), "")
        if not slot or (clause.action and clause.action.verb.base == "know"):
            return None  # whoever knows somebody is probably known to them
        roles = {**clause.roles, slot: clause.subject}
        other = clause.roles[slot]
        assert isinstance(other, People | Thing)
        return replace(fact, clause=replace(clause, subject=other, roles=roles))

    def other_day(self, fact: Fact) -> Fact | None:
        """on monday nina swam, on friday nina swam, nina swam."""
        if fact.clause.action is None:
            return None
        days = [day for day in whole_lexicon().days if day is not fact.day]
        day = None if fact.day and self.rng.random() < 0.3 else self.rng.choice(days)
        return replace(fact, day=day)

    def other_adjective(self, fact: Fact) -> Fact | None:
        """the boat was old, the boat was new; a white feather, a long feather."""
        clause = fact.clause
        if clause.adjective and isinstance(clause.subject, Thing):
            others = [a for a in clause.subject.noun.adjectives if a is not clause.adjective]
            changed = replace(clause, adjective=self.rng.choice(others), very=False)
            return replace(fact, clause=changed) if others else None

        def change(thing: Thing) -> Thing | None:
            suitable = thing.noun.adjectives
            return replace(thing, adjective=self.rng.choice(suitable)) if suitable else None

        return self.on_thing(fact, change)

    def more_or_less(self, fact: Fact) -> Fact | None:
        """a white feather, a feather; very old, old; a boat near the bridge, a boat."""
        clause = fact.clause
        if clause.adjective or clause.near:
            changed = replace(clause, very=False, near=None, which=None)
            return replace(fact, clause=changed) if changed != clause else None
        return self.on_thing(fact, lambda thing: replace(thing, adjective=None))

    def other_thing(self, fact: Fact) -> Fact | None:
        """nina saw the boats, nina saw the bridge; the boats were old, the bridge was old."""
        clause = fact.clause
        near = clause.near[1] if clause.near else None
        if clause.adjective and near and clause.adjective in near.noun.adjectives:
            return replace(fact, clause=replace(clause, subject=near, near=None))
        other = self.on_thing(fact, self.another)
        beside_itself = near and other and lemma(other.clause.subject) == near.noun.lemma
        return None if beside_itself else other

    def another(self, thing: Thing) -> Thing | None:
        """Another noun of the topic that is good for all that this one is good for."""
        form = "many" if thing.plural else "one"
        others = [
            noun
            for noun in self.topic.nouns
            if noun is not thing.noun and getattr(noun, form)
            if set(noun.classes) & set(thing.noun.classes) - {"spot"} and not thing.adjective
        ]
        return replace(thing, noun=self.rng.choice(others)) if others else None

    def other_place(self, fact: Fact) -> Fact | None:
        """nina met max at the river, nina met max at the old mill."""
        clause = fact.clause
        place = clause.roles.get("place")
        if not isinstance(place, Place):
            return None
        others = [other for other in self.topic.places if other is not place]
        roles = {**clause.roles, "place": self.rng.choice(others)}
        return replace(fact, clause=replace(clause, roles=roles))

    def other_number(self, fact: Fact) -> Fact | None:
        """there were two boats, there were three boats, there were some boats."""

        def change(thing: Thing) -> Thing | None:
            others = [number for number in NUMBERS if number != thing.quantity]
            known = thing.plural and thing.quantity in NUMBERS
            return replace(thing, quantity=self.rng.choice(others)) if known else None

        return self.on_thing(fact, change)

    def kind_of(self, fact: Fact) -> Fact | None:
        """nina caught a frog, nina caught an animal."""

        def change(thing: Thing) -> Thing | None:
            kind = next((kinds()[c] for c in thing.noun.classes if c in kinds()), None)
            form = kind and (kind.many if thing.plural else kind.one)
            indefinite = thing.quantity != "the"
            if kind is None or not form or not indefinite:
                return None
            return replace(thing, noun=kind, adjective=None)

        return self.on_thing(fact, change)

    def on_thing(self, fact: Fact, change: Callable[[Thing], Thing | None]) -> Fact | None:
        """Change the thing that an event is about, or that is said to exist."""
        clause, changed = fact.clause, None
        if clause.action is None and clause.adjective is None:
            assert isinstance(clause.subject, Thing)
            changed = change(clause.subject)
            return replace(fact, clause=replace(clause, subject=changed)) if changed else None
        for piece in clause.action.english if clause.action else ():
            thing = clause.roles.get(piece.name) if isinstance(piece, Slot) else None
            if isinstance(piece, Slot) and isinstance(thing, Thing):
                if (changed := change(thing)) is None:
                    return None
                roles: Roles = {**clause.roles, piece.name: changed}
                return replace(fact, clause=replace(clause, roles=roles))
        return None


@cache
def kinds() -> dict[str, Noun]:
    """For a class of nouns, one for any of them: animal."""
    return {
        name: Noun(Token(one, "NOUN"), Token(many, "NOUN"), "", "", (KIND, name), ())
        for name, one, many in rows("kinds", 3)
    }
