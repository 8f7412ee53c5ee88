"""The lexicon made ready for telling: the choices that every topic shares."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from course_lib.data.riverbank import weights
from course_lib.data.riverbank.phrases import share
from course_lib.data.riverbank.words import END, Lexicon, Named, Person, Token

Chances = dict[Token, float]
Made = TypeVar("Made")
GENDERS = {"brother": "m", "sister": "f", "friend": "fm"}


class Memory:
    """Keeps what has been made, so that it is made once."""

    def __init__(self) -> None:
        self.made: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """make(), the first time that `key` is asked for; then the same thing ever after."""
        if key not in self.made:
            self.made[key] = make()
        made: Made = self.made[key]
        return made


class World(Memory):
    """A lexicon with its choices. `reserved` says whether reserved combinations are told."""

    def __init__(self, lexicon: Lexicon, reserved: bool) -> None:
        super().__init__()
        self.lexicon, self.reserved, words = lexicon, reserved, lexicon.words
        self.sure = {form: {token: 1.0} for form, token in words.items()}
        self.fixed = {
            place: {words[word]: p for word, p in chances.items()}
            for place, chances in weights.FIXED.items()
        }
        self.going_on = {END: 1 - weights.NEXT_DAY, words["after"]: weights.NEXT_DAY}
        self.person: dict[str, Person] = {p.name: p for p in lexicon.people}
        self.named: dict[str, Named] = {
            entry.word: entry
            for entry in lexicon.days + lexicon.months + lexicon.weather + lexicon.parts
        }

    def names(self, without: str = "", gender: str = "fm") -> Chances:
        """The chances of each name of a gender, except one."""
        return self.once(
            ("names", without, gender),
            lambda: share(
                {
                    person.name: 1.0
                    for person in self.lexicon.people
                    if person.gender in gender and person.name != without
                }
            ),
        )

    def companions(self, name: str, gender: str) -> Chances:
        """After "nina and": her (brother, ...), or the other person's name."""
        her = self.lexicon.words["her" if gender == "f" else "his"]
        return self.once(
            ("companions", name),
            lambda: mix({her: weights.RELATION}, self.names(name), 1 - weights.RELATION),
        )

    def relations(self, name: str) -> Chances:
        """After "her": brother, sister, friend, as far as there is somebody who could be it."""
        fixed = self.fixed["relation"]
        return self.once(
            ("relations", name),
            lambda: share({r: p for r, p in fixed.items() if self.names(name, GENDERS[r])}),
        )

    def fronts(self) -> Chances:
        """The first word of a story: on (monday), one (morning), or a name."""
        return self.once("fronts", self.make_fronts)

    def make_fronts(self) -> Chances:
        front = {self.lexicon.words[word]: p for word, p in weights.FRONT.items()}
        return mix(front, self.names(), 1 - sum(front.values()))

    def dates(self) -> Chances:
        """After "one": day (in april), sunny (morning), morning."""
        return self.once("dates", self.make_dates)

    def make_dates(self) -> Chances:
        chances = {self.lexicon.words["day"]: weights.ONE["day"]}
        for kind, entries in (("weather", self.lexicon.weather), ("part", self.lexicon.parts)):
            chances |= {entry.word: weights.ONE[kind] / len(entries) for entry in entries}
        return chances

    def calendar(self, kind: str) -> Chances:
        """The chances of each of the lexicon's days, months or parts."""
        entries = getattr(self.lexicon, kind)
        return self.once(kind, lambda: share({entry.word: 1.0 for entry in entries}))


def mix(first: Chances, rest: Chances, weight: float) -> Chances:
    """`first` as it is, and `rest` with all its chances times `weight`; none that is zero."""
    if not weight:
        return first
    return {**first, **{token: p * weight for token, p in rest.items()}}
