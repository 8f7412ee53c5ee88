"""One topic of a world: the choices among its places, things and actions."""

from course_lib.data.riverbank import weights
from course_lib.data.riverbank.actions import Actions, choice_of_actions
from course_lib.data.riverbank.meaning import Thing
from course_lib.data.riverbank.nouns import definite, indefinite, is_reserved, may_be_very
from course_lib.data.riverbank.phrases import Phrases, share
from course_lib.data.riverbank.words import Adjective, Noun, Token, Topic
from course_lib.data.riverbank.world import Chances, Memory, World, mix

DESCRIBED = {"sight", "animal", "idea", "role"}  # classes of nouns that descriptions are about
NEAR = {"spot"}  # classes of nouns that something can be near
KINDS = {"role": "role", "idea": "idea", "far": "idea"}  # of nouns, by what may follow them
Sections = tuple[str, ...]


class Scene(Memory):
    """The choices of one topic. What it has made once it keeps."""

    def __init__(self, world: World, topic: Topic) -> None:
        super().__init__()
        self.world, self.topic = world, topic
        self.last_stage = max((action.stage for action in topic.actions), default=0)
        self.places = Phrases((place.words, 1.0, place) for place in topic.places)
        self.nouns: dict[str, tuple[Noun, bool]] = dict(self.pairs())
        self.role_acts = self.actions(False, ("roles",)).first

    def actions(
        self,
        plural: bool,
        sections: Sections,
        low: int = 1,
        high: int = 0,
        may_fail: bool = True,
    ) -> Actions:
        """The script's stages low to high (none unless given), with sections of common.txt."""
        key = plural, sections, low, high, may_fail
        return self.once(key, lambda: choice_of_actions(self.world.lexicon, self.topic, *key))

    def openings(self) -> Chances:
        """After the first name: and (max), or what she did (with max)."""
        alone = self.actions(False, ("openings",)).first
        return self.once(
            "openings",
            lambda: mix({self.world.lexicon.words["and"]: weights.AND}, alone, 1 - weights.AND),
        )

    def things(self, name: str, article: str, verb: str = "", number: str = "") -> Phrases:
        """Noun phrases of the class `name` as objects of `verb`; number is "", "was" or "were"."""
        return self.once(
            (name, article, verb, number), lambda: self.make_things(name, article, verb, number)
        )

    def make_things(self, name: str, article: str, verb: str, number: str) -> Phrases:
        words, reserved = self.world.lexicon.words, self.world.reserved
        phrases = [
            phrase
            for noun in self.members(name, verb)
            for phrase in (
                definite(noun, words) if article == "the" else indefinite(noun, words, reserved)
            )
        ]
        if name == "keep":  # a story's object: one of it, or two
            phrases = [phrase for phrase in phrases if phrase[2].quantity in ("a", "two")]
        if number:
            phrases = [phrase for phrase in phrases if phrase[2].plural == (number == "were")]
        return Phrases(phrases)

    def members(self, name: str, verb: str) -> list[Noun]:
        """The class's nouns, less those reserved with this verb unless too few would be left."""
        nouns = self.world.lexicon.members(self.topic, name)
        if not nouns:
            raise ValueError(f"the topic {self.topic.name} has no noun of the class {name}")
        allowed = [noun for noun in nouns if not is_reserved(verb, noun.lemma)]
        return nouns if self.world.reserved or len(nouns) < 3 or not allowed else allowed

    def subjects(self, mood: str, without: set[str], thing: Thing | None) -> Chances:
        """The chances of what a description is about: what is not in `without`, or the object."""
        chances = self.once(("subjects", mood), lambda: self.describable(mood))
        if without:
            left = {
                form: p for form, p in chances.items() if self.nouns[form][0].lemma not in without
            }
            chances = share(left or chances)
        if thing and thing.noun.lemma not in without and self.adjectives(thing.noun, mood, thing):
            form = thing.noun.many if thing.plural else thing.noun.one
            assert form is not None
            return mix({form: weights.OBJECT}, chances, 1 - weights.OBJECT)
        return chances

    def describable(self, mood: str) -> Chances:
        """All that some adjective of the mood suits. Raises ValueError if nothing is."""
        chances = {
            form: 0.4 if plural else 0.6
            for form, (noun, plural) in self.pairs()
            if DESCRIBED & set(noun.classes) and self.adjectives(noun, mood, None)
        }
        if not chances:
            raise ValueError(f"no adjective of {self.topic.name} has the mood {mood!r}")
        return share(chances)

    def pairs(self) -> list[tuple[Token, tuple[Noun, bool]]]:
        """Every form of every noun, as the grammar's own token, with its noun and number."""
        return [
            (form, (noun, plural == 1))
            for noun in self.topic.nouns
            for plural, form in enumerate((noun.one, noun.many))
            if form
        ]

    def adjectives(self, noun: Noun, mood: str, thing: Thing | None) -> list[Adjective]:
        """What can be said of the noun: news of the mood, and not what the object is known for."""
        known = thing.adjective.group if thing and thing.adjective and thing.noun is noun else ""
        return [a for a in noun.adjectives if mood in ("", a.mood) and a.group != known]

    def after_noun(self, thing: Thing, inner: bool) -> Chances:
        """What follows a described noun: was or were, or what narrows it down, or what it does."""
        kind = next((KINDS[c] for c in KINDS if c in thing.noun.classes), "thing")
        return self.once(
            ("after", kind, thing.plural, inner), lambda: self.make_after(kind, thing.plural, inner)
        )

    def make_after(self, kind: str, plural: bool, inner: bool) -> Chances:
        narrow = self.world.fixed[f"{'inner ' if inner else ''}{kind}"]
        be = self.world.lexicon.words["were" if plural else "was"]
        chances = {be: 1 - sum(narrow.values()), **narrow}
        if kind != "role" or inner:
            return chances
        acts = self.actions(False, ("roles",)).past.chances
        return mix(mix({}, chances, 1 - weights.ROLE_ACTS), acts, weights.ROLE_ACTS)

    def predicates(self, noun: Noun, mood: str, thing: Thing | None, said: str = "") -> Chances:
        """not, very, or an adjective; after `said` (not or very) the adjectives that go with it."""
        known = thing.adjective if thing and thing.noun is noun else None
        key = "predicates", noun, mood, known, said
        return self.once(key, lambda: self.make_predicates(noun, mood, thing, said))

    def make_predicates(self, noun: Noun, mood: str, thing: Thing | None, said: str) -> Chances:
        adjectives = self.adjectives(noun, mood, thing)
        graded = [adjective for adjective in adjectives if may_be_very(adjective)]
        plain = share({a.word: 1.0 for a in (graded if said == "very" else adjectives)})
        if said:
            return plain
        words = self.world.lexicon.words
        first = {} if mood else {words["not"]: weights.NOT}
        if graded:
            first[words["very"]] = weights.VERY
        return mix(first, plain, 1 - sum(first.values()))

    def neighbours(self, noun: Noun) -> Chances:
        """What the noun can be near: anything else that stands about."""
        return self.once(("near", noun), lambda: self.others(noun, NEAR))

    def role_names(self, noun: Noun) -> Chances:
        """The people of the topic, but for those called by `noun`."""
        return self.once(("roles", noun), lambda: self.others(noun, {"role"}))

    def others(self, noun: Noun, classes: set[str]) -> Chances:
        return share(
            {
                form: 0.6 if plural else 0.4
                for form, (other, plural) in self.pairs()
                if other is not noun and classes & set(other.classes)
            }
        )
