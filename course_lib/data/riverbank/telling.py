"""The state of a story while it is told, and how its people and things are called."""

from course_lib.data.riverbank.meaning import People, Roles, Thing
from course_lib.data.riverbank.phrases import Choose, follow
from course_lib.data.riverbank.scene import Scene
from course_lib.data.riverbank.words import Named, Person, Place, Slot
from course_lib.data.riverbank.world import GENDERS, Chances, World

PRONOUNS = {"f": ("she", "her", "herself", "her"), "m": ("he", "him", "himself", "his")}
THEY = ("they", "them", "themselves", "their")
NOBODY = People(())


class Telling:
    """One story's state. Every choice goes through `choose`, which takes {token: probability},

    says one of the tokens and returns it: what follows depends only on the tokens said so far.
    """

    def __init__(self, world: World, scene: Scene, choose: Choose) -> None:
        self.world, self.scene, self.choose = world, scene, choose
        self.words = world.lexicon.words
        self.people: tuple[Person, ...] = ()  # the two people of the story
        self.subject = NOBODY  # of the last clause
        self.roles: Roles = {}  # of the clause being told
        self.place: Place | None = None
        self.day: Named | None = None
        self.object: Thing | None = None  # what somebody brought or found; it comes back
        self.described: set[str] = set()  # nouns that have had their description
        self.stage = 0  # how far the topic's script has come

    def say(self, *words: str) -> None:
        """Say words that are certain."""
        for word in words:
            self.choose(self.world.sure[word])

    def pronoun(self, people: tuple[Person, ...], form: int) -> str:
        """he, him, himself or his (forms 0 to 3) for these people."""
        return THEY[form] if len(people) == 2 else PRONOUNS[people[0].gender][form]

    def actors(self, pronouns: bool = True) -> Chances:
        """The chances of who acts next: a name, they, or he or she for the last subject."""
        last, (a, b) = self.subject.members, (person.name for person in self.people)
        if len(last) != 1:
            return {self.words["they"]: 0.4, a: 0.3, b: 0.3}
        same, new = (a, b) if last[0].name == a else (b, a)
        if not pronouns:
            return {self.words["they"]: 0.2, same: 0.4, new: 0.4}
        pronoun = self.words[self.pronoun(last, 0)]
        return {pronoun: 0.42, same: 0.1, new: 0.26, self.words["they"]: 0.22}

    def act(self, word: str) -> People:
        """The people called by a subject's first word; they are the subject from now on."""
        if word in self.world.person:
            self.subject = People((self.world.person[word],))
        else:
            members = self.people if word == "they" else self.subject.members
            self.subject = People(members, pronoun=True)
        return self.subject

    def fill(self, slot: Slot) -> None:
        """Say what fills a slot of an action, and keep it among the clause's roles."""
        roles = self.roles  # a clause inside this one gets its own
        if slot.article:
            things = self.scene.things(slot.name, slot.article, slot.verb)
            roles[slot.name] = thing = follow(things, self.choose, self.fill)
            if slot.name == "keep":
                self.object = thing
        else:
            filled = getattr(self, f"fill_{slot.name}")()
            if filled is not None:
                roles[slot.name] = filled
        self.roles = roles

    def fill_self(self) -> None:
        self.say(self.pronoun(self.subject.members, 2))

    def fill_his(self) -> None:
        self.say(self.pronoun(self.subject.members, 3))

    def fill_new(self) -> People:
        """The second person: max, or her brother max."""
        first = self.subject.members[0]
        word, relation = self.choose(self.world.companions(first.name, first.gender)), ""
        if word not in self.world.person:
            relation = str(self.choose(self.world.relations(first.name)))
            word = self.choose(self.world.names(first.name, GENDERS[relation]))
        self.people = (first, self.world.person[word])
        return People(self.people[1:], relation=relation)

    def fill_other(self) -> People:
        """The one who is not the subject, by name or, where that is clear, by pronoun."""
        (subject,) = self.subject.members
        other = self.people[self.people[0] is subject]
        if other.gender == subject.gender:
            self.choose({other.name: 1.0})
            return People((other,))
        pronoun = self.words[self.pronoun((other,), 1)]
        said = self.choose({pronoun: 0.5, other.name: 0.5})
        return People((other,), pronoun=said == pronoun)

    def fill_someone(self, word: str = "") -> People:
        """One of the two people, or them both."""
        word = word or self.choose(self.somebody("them"))
        if word == "them":
            return People(self.people, pronoun=True)
        return People((self.world.person[word],))

    def somebody(self, both: str, weight: float = 1.0) -> Chances:
        """The chances of one of the two people by name, or of both (they or them)."""
        a, b = (person.name for person in self.people)
        return {self.words[both]: 0.3 * weight, a: 0.35 * weight, b: 0.35 * weight}

    def fill_place(self) -> Place:
        """The story's place: chosen the first time, the same ever after."""
        if self.place is None:
            self.place = follow(self.scene.places, self.choose, self.fill)
            return self.place
        for token in self.place.words:
            self.choose({token: 1.0})
        return self.place

    def fill_object(self) -> Thing:
        """The story's object again: the kite, or the red kite."""
        thing = self.object
        assert thing is not None
        noun = thing.noun.many if thing.plural else thing.noun.one
        assert noun is not None
        self.say("the")
        again = None
        if thing.adjective and self.choose({thing.adjective.word: 0.3, noun: 0.7}) != noun:
            again = thing.adjective
        if again or not thing.adjective:
            self.choose({noun: 1.0})
        return Thing(thing.noun, thing.plural, again)
