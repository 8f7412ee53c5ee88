"""The two kinds of clauses: something happens, or something is so."""

from course_lib.data.riverbank.actions import Actions
from course_lib.data.riverbank.meaning import Clause, People, Roles, Thing
from course_lib.data.riverbank.phrases import follow
from course_lib.data.riverbank.telling import Telling


class Clauses(Telling):
    """Tells the clauses of one story."""

    def event(self, subject: People | Thing, actions: Actions, first: str = "") -> Clause:
        """What `subject` does: one of `actions`. `first` is its first word if already said."""
        roles: Roles = {}
        self.roles = roles
        first = first or self.choose(actions.first)
        if actions.base is not None and first == "did":
            self.say("not")
            action, negated = follow(actions.base, self.choose, self.fill), True
        else:
            action, negated = follow(actions.past.next[first], self.choose, self.fill), False
        self.stage = action.stage or self.stage
        return Clause(subject, action, negated=negated, roles=roles)

    def fill_state(self, mood: str = "") -> Clause:
        """What somebody said: the boats near the bridge were old."""
        self.say("the")
        subject, thing = self.subject, self.described_thing(mood)
        word = self.choose(self.scene.after_noun(thing, inner=True))
        clause = self.description(thing, word, mood)
        self.subject = subject
        return clause

    def fill_good(self) -> Clause:
        return self.fill_state("+")

    def fill_bad(self) -> Clause:
        return self.fill_state("-")

    def fill_located(self) -> Clause:
        """(nina knew where) the boats were."""
        thing = follow(self.scene.things("see", "the"), self.choose, self.fill)
        self.say("were" if thing.plural else "was")
        return Clause(thing)

    def described_thing(self, mood: str = "") -> Thing:
        """What a description is about, "the" being said: the story's object, or something new."""
        chances = self.scene.subjects(mood, self.described, self.object)
        noun, plural = self.scene.nouns[self.choose(chances)]
        self.described.add(noun.lemma)
        return Thing(noun, plural)

    def description(self, thing: Thing, word: str, mood: str = "") -> Clause:
        """(the boats) behind the trees were not old; `word` is the first one after the noun."""
        near = which = None
        if word in ("that", "who"):
            which = self.that_clause(thing) if word == "that" else self.who_clause(thing)
        elif word not in ("was", "were"):
            self.say("the")
            neighbour = self.choose(self.scene.neighbours(thing.noun))
            near = str(word), Thing(*self.scene.nouns[neighbour])
        if near or which:
            self.say("were" if thing.plural else "was")
        said = self.choose(self.scene.predicates(thing.noun, mood, self.object))
        word = said
        if said in ("not", "very"):
            word = self.choose(self.scene.predicates(thing.noun, mood, self.object, said))
        adjective = next(a for a in thing.noun.adjectives if a.word == word)
        return Clause(thing, None, adjective, said == "not", said == "very", near, which)

    def that_clause(self, thing: Thing) -> Clause:
        """(the boats that) nina saw, (the boats that) the sailors saw."""
        section = "that idea" if "idea" in thing.noun.classes else "that"
        seen = self.scene.actions(False, (section,))
        word = self.choose({**self.somebody("they", 0.75), self.words["the"]: 0.25})
        if word == "the":
            role = self.choose(self.scene.role_names(thing.noun))
            return self.event(Thing(*self.scene.nouns[role]), seen)
        return self.event(self.act(word), seen)

    def who_clause(self, thing: Thing) -> Clause:
        """(the sailors who) helped nina, (the sailors who) helped the captain."""
        self.helper = thing
        return self.event(thing, self.scene.actions(False, ("who",)))

    def fill_helped(self) -> People | Thing:
        """Whom the people of the topic helped: nina, them, the captain."""
        word = self.choose({**self.somebody("them", 0.6), self.words["the"]: 0.4})
        if word == "the":
            role = self.choose(self.scene.role_names(self.helper.noun))
            return Thing(*self.scene.nouns[role])
        return self.fill_someone(word)
