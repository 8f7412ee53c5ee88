"""What a story says is so: its clauses one by one, everybody called by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from course_lib.data.riverbank.meaning import Clause, Meaning, People, Roles, Thing
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.words import Action, Named, Person, Place, Slot, Verb

Filler = People | Thing | Place | Clause
SEEN = Slot("seen")  # what is missing from "(the boats that) nina saw"


@dataclass(frozen=True)
class Fact:
    """One clause that the story holds to be so, the sentence that says it, and its day if known.

    Only what happens has a day: that a boat is old does not hold for one day.
    """

    clause: Clause
    sentence: int
    day: Named | None


def pair_of(story: Story) -> tuple[Person, ...]:
    """The two people of a story, in the order in which it names them."""
    opening = story.sentences[0].meaning.main
    new = opening.roles.get("new")
    assert isinstance(opening.subject, People)
    return opening.subject.members + (new.members if isinstance(new, People) else ())


def facts(story: Story) -> list[Fact]:
    """All facts of a story. What somebody said is none; why somebody was happy is one."""
    first_day = story.sentences[0].meaning.day
    found = []
    for number, sentence in enumerate(story.sentences):
        day = sentence.meaning.day if sentence.meaning.next_day else first_day
        found += stated(sentence.meaning, number, day)
    return found


def stated(meaning: Meaning, number: int, day: Named | None) -> list[Fact]:
    """The facts of sentence `number`, which tells of `day`."""
    return [
        Fact(named(clause), number, day if clause.action else None) for clause in asserted(meaning)
    ]


def asserted(meaning: Meaning) -> Iterator[Clause]:
    """The clauses of one sentence that are so."""
    for clause in (meaning.main, meaning.other):
        if clause is None:
            continue
        yield clause
        if clause.which:
            yield relative(clause)
        for slot in ("good", "bad"):
            reason = clause.roles.get(slot)
            if isinstance(reason, Clause):
                yield reason


def relative(clause: Clause) -> Clause:
    """the boats that nina saw (were old) -> nina saw the boats."""
    which, thing = clause.which, clause.subject
    assert which
    assert which.action
    assert isinstance(thing, Thing)
    if which.subject is thing:
        return which
    action = replace(which.action, english=(*which.action.english, SEEN))
    return replace(which, action=action, roles={SEEN.name: thing})


def named(clause: Clause) -> Clause:
    """The same with names instead of he, she or they, and nobody called a brother."""
    return with_people(clause, lambda people: People(people.members))


def recast(clause: Clause, cast: dict[str, Person]) -> Clause:
    """The same of other people: `cast` says who stands for whom, by name."""
    return with_people(
        clause, lambda people: replace(people, members=tuple(cast[p.name] for p in people.members))
    )


def with_people(clause: Clause, change: Callable[[People], People]) -> Clause:
    """The clause, and any inside it, with every People changed."""

    def changed(what: Filler) -> Filler:
        if isinstance(what, Clause):
            return with_people(what, change)
        return change(what) if isinstance(what, People) else what

    roles: Roles = {name: changed(filler) for name, filler in clause.roles.items()}
    subject = change(clause.subject) if isinstance(clause.subject, People) else clause.subject
    which = clause.which
    if which and which.subject is clause.subject:  # stays the same thing: who helped nina
        which = replace(with_people(which, change), subject=subject)
    elif which:
        which = with_people(which, change)
    return replace(clause, subject=subject, roles=roles, which=which)


@lru_cache(maxsize=10_000)
def frame(action: Action) -> tuple[str, ...]:
    """An action without its fillers: give _ to _."""
    return tuple(
        piece.base if isinstance(piece, Verb) else "_" if isinstance(piece, Slot) else str(piece)
        for piece in action.english
    )


def fillers(clause: Clause) -> tuple[Filler, ...]:
    """What fills the action's slots, in the order of the English."""
    assert clause.action is not None
    slots = [piece for piece in clause.action.english if isinstance(piece, Slot)]
    return tuple(clause.roles[slot.name] for slot in slots if slot.name in clause.roles)


def lemma(what: Filler | Person) -> str:
    """A name for a filler that does not depend on adjectives or number: feather, max nina."""
    if isinstance(what, Thing):
        return what.noun.lemma
    if isinstance(what, Place):
        return " ".join(what.words)
    if isinstance(what, People):
        return " ".join(sorted(person.name for person in what.members))
    assert isinstance(what, Clause)
    return lemma(what.subject)
