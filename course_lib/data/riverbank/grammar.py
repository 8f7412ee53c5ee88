"""The grammar of Riverbank: one program that tells a story.

Run with a Sampler it writes; run with a Scorer it replays a text and knows its probability. Given
the topic no story can be told in two ways, because every choice says the word that was chosen.
"""

from typing import Any

from course_lib.data.riverbank import weights
from course_lib.data.riverbank.clauses import Clauses
from course_lib.data.riverbank.meaning import Clause, Meaning, People, Thing
from course_lib.data.riverbank.phrases import follow
from course_lib.data.riverbank.telling import NOBODY
from course_lib.data.riverbank.words import END, Named, Token
from course_lib.data.riverbank.world import mix

STOP = {END: 1.0}
ENDINGS = {"finally": "finally", "in": "in the end", "at": "at last"}


class Teller(Clauses):
    """Plans a story: an opening, what happens in between, an ending."""

    def tell(self) -> list[Meaning]:
        """Tell the story, to </s>; returns what its sentences mean."""
        told = [self.opening()]
        while (word := self.choose(self.starts(len(told)))) not in ENDINGS:
            told.append(self.sentence(word))
        told.append(self.ending(word))
        go_on = self.world.going_on if self.day else STOP
        if self.choose(go_on) != END:
            told.append(self.next_day())
            self.choose(STOP)
        return told

    # The opening: on monday nina and her brother max went to the river .

    def opening(self) -> Meaning:
        when: dict[str, Any] = {}
        word = self.choose(self.world.fronts())
        if word == "on":
            when = {"day": self.pick_named("days")}
        elif word == "one":
            when = self.some_time()
        if when:
            word = self.choose(self.world.names())
        person = self.world.person[word]
        self.subject = People((person,))
        clause = self.opening_clause(self.choose(self.scene.openings()))
        if when:
            self.say(".")
        elif self.choose(self.world.fixed["date"]) == "on":
            when = {"day": self.pick_named("days")}
            self.say(".")
        self.day = when.get("day")
        return Meaning(clause, **when)

    def opening_clause(self, word: str) -> Clause:
        """(nina) and max went to the river, (nina) went to the river with max."""
        if word != "and":
            return self.event(self.subject, self.scene.actions(False, ("openings",)), word)
        relation = self.fill_new().relation
        self.subject = People(self.people, relation=relation)
        return self.event(self.subject, self.scene.actions(True, ("openings",)))

    def some_time(self) -> dict[str, Named]:
        """(one) day in april, (one) sunny morning, (one) morning."""
        word = self.choose(self.world.dates())
        if word == "day":
            self.say("in")
            return {"month": self.pick_named("months")}
        entry = self.world.named[word]
        if entry in self.world.lexicon.weather:
            return {"weather": entry, "part": self.pick_named("parts")}
        return {"part": entry}

    def pick_named(self, kind: str) -> Named:
        return self.world.named[self.choose(self.world.calendar(kind))]

    # In between

    def starts(self, told: int) -> dict[Token, float]:
        """The chances of the next sentence's first word, after `told` sentences."""
        left = self.scene.last_stage - self.stage
        kind = "start" if told == 1 else "middle" if left > 2 else "late"
        close = weights.CLOSE[told]
        if close == 1:
            return self.world.fixed["ending"]
        chances = mix({}, self.actors(), (1 - close) * weights.ACTOR)
        chances = mix(chances, self.world.fixed[kind], (1 - close) * (1 - weights.ACTOR))
        return mix(chances, self.world.fixed["ending"], close)

    def sentence(self, word: str) -> Meaning:
        """One sentence that starts with `word`."""
        if word == "the":
            return self.about_things()
        if word == "there":
            return self.existence()
        if word == "after":
            return self.after()
        if word == "before":
            return self.before()
        link = ""
        if word in ("first", "then", "later"):
            link, word = str(word), self.choose(self.actors())
        return self.happening(word, link)

    def happening(self, word: str, link: str) -> Meaning:
        """(then) nina baked a cake . It may go on: and cleaned the kitchen; , but max did not."""
        people = self.act(word)
        alone, may_fail = len(people.members) == 1, not link  # not: then nina did not ...
        actions = self.scene.actions(not alone, self.sections(link), *self.script(), may_fail)
        clause = self.event(people, actions)
        assert clause.action is not None
        if clause.action.section == "states":
            self.say(".")
            return Meaning(clause, link=link)
        follows = self.stage < self.scene.last_stage and not clause.negated
        can_fail = alone and clause.action.negatable and not clause.negated
        contrast = alone and (follows or can_fail)
        word = self.choose(self.world.fixed["event ." + " and" * follows + " ," * contrast])
        if word == ".":
            return Meaning(clause, link=link)
        if word == "and":
            return self.more("and", clause, link)
        word = self.choose(self.world.fixed["other" + " and" * follows + " but" * can_fail])
        (subject,) = self.subject.members
        self.subject = People((self.people[self.people[0] is subject],))
        self.choose({self.subject.members[0].name: 1.0})
        return self.more("while", clause, link) if word == "and" else self.but(clause, link)

    def sections(self, link: str) -> tuple[str, ...]:
        """What may happen at any time: an object comes in, or is used if there is one; ..."""
        any_time = "generic", "use" if self.object else "possess"
        return any_time if link else (*any_time, "states")

    def script(self) -> tuple[int, int]:
        """The stages of the topic's script that are still to come, first and last."""
        return self.stage + 1, self.scene.last_stage

    def more(self, join: str, clause: Clause, link: str) -> Meaning:
        """... and rested under the willows ; ... , and max rested under the willows ."""
        second = self.step(self.subject, *self.script())
        self.say(".")
        return Meaning(clause, join, second, link)

    def but(self, clause: Clause, link: str) -> Meaning:
        """... , but max did not ."""
        self.say("did", "not", ".")
        other = Clause(self.subject, clause.action, negated=True, roles=clause.roles)
        return Meaning(clause, "but", other, link)

    def after(self) -> Meaning:
        """(after) that , nina paid ; (after) nina bought a hat , she paid ."""
        chances = self.world.fixed["after"]
        name = (1 - sum(chances.values())) / 2
        first = self.choose({**chances, **{person.name: name for person in self.people}})
        if first == "that":
            self.say(",")
            return self.happening(self.choose(self.actors()), "after that")
        people, (low, high) = self.act(first), self.script()
        other = self.step(people, low, high - 1)
        return Meaning(self.then_pronoun(people, self.stage + 1, high), "after", other)

    def before(self) -> Meaning:
        """(before) nina paid , she bought a hat ."""
        people, (low, high) = self.act(self.choose(self.actors(pronouns=False))), self.script()
        other = self.step(people, low + 1, high)
        stage = self.stage
        main = self.then_pronoun(people, low, stage - 1)
        self.stage = stage
        return Meaning(main, "before", other)

    def step(self, people: People, low: int, high: int) -> Clause:
        """Something from the stages low to high of the topic's script, which does happen."""
        plural = len(people.members) == 2
        return self.event(people, self.scene.actions(plural, (), low, high, may_fail=False))

    def then_pronoun(self, people: People, low: int, high: int) -> Clause:
        """... , she bought a hat ."""
        self.say(",", self.pronoun(people.members, 0))
        self.subject = People(people.members, pronoun=True)
        clause = self.step(self.subject, low, high)
        self.say(".")
        return clause

    def about_things(self) -> Meaning:
        """the boats near the bridge were old ; the fishermen helped nina ."""
        thing = self.described_thing()
        word = self.choose(self.scene.after_noun(thing, inner=False))
        if word in self.scene.role_acts:
            clause = self.event(thing, self.scene.actions(False, ("roles",)), word)
        else:
            clause = self.description(thing, word)
        self.say(".")
        self.subject = NOBODY
        return Meaning(clause)

    def existence(self) -> Meaning:
        """there was an old boat behind the bridge ."""
        number = self.choose(self.world.fixed["exists"])
        things = self.scene.things("see", "a", "", str(number))
        thing: Thing = follow(things, self.choose, self.fill)
        near = None
        far = "far" in thing.noun.classes
        word = self.choose(self.world.sure["."] if far else self.world.fixed["where"])
        if word != ".":
            self.say("the")
            neighbour = self.choose(self.scene.neighbours(thing.noun))
            near = str(word), Thing(*self.scene.nouns[neighbour])
            self.say(".")
        self.subject = NOBODY
        return Meaning(Clause(thing, near=near))

    # The ending

    def ending(self, word: str) -> Meaning:
        """finally nina gave the feather to max ."""
        if word != "finally":
            self.say(*ENDINGS[word].split()[1:], ",")
        people = self.act(self.choose(self.actors()))
        sections = ("closings", "endings") if self.object else ("closings",)
        clause = self.event(people, self.scene.actions(len(people.members) == 2, sections))
        self.say(".")
        return Meaning(clause, link=ENDINGS[word])

    def next_day(self) -> Meaning:
        """(after) monday came tuesday , and they rested all day ."""
        days = self.world.lexicon.days
        assert self.day is not None
        day = days[(days.index(self.day) + 1) % len(days)]
        self.choose({self.day.word: 1.0})
        self.say("came")
        self.choose({day.word: 1.0})
        self.say(",", "and")
        people = self.act(self.choose(self.actors(pronouns=False)))
        clause = self.event(people, self.scene.actions(len(people.members) == 2, ("codas",)))
        self.say(".")
        return Meaning(clause, day=day, next_day=True)
