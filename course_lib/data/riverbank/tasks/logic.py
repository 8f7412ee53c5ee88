"""What follows from what: entailment, contradiction or neither, decided by meanings alone.

After natural logic (MacCartney and Manning, 2009): a fact entails what is less specific; "not"
turns that round. All sentences tell of one occasion, in one place, so a claim that the same thing
happened elsewhere or on another day contradicts.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from course_lib.data.riverbank.meaning import Clause, People, Thing
from course_lib.data.riverbank.tasks.english import statement
from course_lib.data.riverbank.tasks.facts import Fact, Filler, fillers, frame
from course_lib.data.riverbank.tasks.wording import rows
from course_lib.data.riverbank.words import Action, Adjective, Noun, Place

ENTAILMENT, CONTRADICTION, NEUTRAL = "entailment", "contradiction", "neutral"
LABELS = (ENTAILMENT, CONTRADICTION, NEUTRAL)
KIND = "kind of"  # the class of nouns that stand for a whole class: animal
MUTUAL = ("meet", "share", "go", "visit")  # who does it with somebody, with whom that one does it
TRANSFERS = ("give", "lend")  # of one thing, once: who gave it did not get it


def judge(premise: Sequence[Fact], claim: Fact) -> str | None:
    """How the claim stands to the facts of the premise; None where people would not agree."""
    if claim.clause.negated and (singles := singly(claim)):
        verdicts = {judge(premise, single) for single in singles}
        if CONTRADICTION in verdicts:
            return CONTRADICTION
        return verdicts.pop() if len(verdicts) == 1 else NEUTRAL
    facts = [single for fact in premise for single in (fact, *implied(fact))]
    facts += [s for f in premise if f.clause.negated for s in singly(f)]
    verdicts = {compare(fact, claim) for fact in facts} - {NEUTRAL}
    return NEUTRAL if not verdicts else verdicts.pop() if len(verdicts) == 1 else None


def singly(fact: Fact) -> list[Fact]:
    """nina and max swam -> nina swam, max swam; nothing for one person or a thing.

    Nor for what two people can only do together: they helped each other.
    """
    subject, action = fact.clause.subject, fact.clause.action
    if not isinstance(subject, People) or len(subject.members) == 1:
        return []
    if action and together(action):
        return []
    alone = [replace(subject, members=(member,)) for member in subject.members]
    return [replace(fact, clause=replace(fact.clause, subject=one)) for one in alone]


def implied(fact: Fact) -> list[Fact]:
    """What else a fact says: of the things in it, and of the two people who met."""
    clause = fact.clause
    if clause.negated or clause.adjective:
        return []
    states = [
        Clause(described(thing), adjective=thing.adjective)
        for thing in things_of(clause)
        if thing.adjective and thing.quantity in ("a", "the")
    ]
    again = [replace(fact, clause=other) for other in mutual(clause)]
    return [*(replace(fact, clause=state, day=None) for state in states), *again]


def things_of(clause: Clause) -> list[Thing]:
    """The things of an event, or the one that is said to exist."""
    found = fillers(clause) if clause.action else () if clause.adjective else (clause.subject,)
    return [thing for thing in found if isinstance(thing, Thing)]


def mutual(clause: Clause) -> list[Clause]:
    """nina met max -> max met nina; nina went to the river with max -> max went with nina."""
    if clause.action is None or clause.action.verb.base not in MUTUAL:
        return []
    slot = next((name for name in ("new", "other", "helped") if name in clause.roles), "")
    other = clause.roles.get(slot)
    if not isinstance(other, People | Thing):
        return []
    return [replace(clause, subject=other, roles={**clause.roles, slot: clause.subject})]


def described(thing: Thing) -> Thing:
    """a white feather -> the feather."""
    return replace(thing, quantity="the", adjective=None)


def compare(fact: Fact, claim: Fact) -> str | None:
    """How the claim stands to one fact."""
    said, claimed = fact.clause, claim.clause
    if said.action and claimed.action:
        return compare_events(fact, claim)
    if said.action or claimed.action:
        return NEUTRAL
    if said.adjective and claimed.adjective:
        return compare_states(said, claimed)
    if said.adjective or claimed.adjective:
        return NEUTRAL
    return compare_existence(said, claimed)


def compare_events(fact: Fact, claim: Fact) -> str | None:
    """Both say that something happens or does not."""
    said, claimed = fact.clause, claim.clause
    if said.negated:
        if not covers(claimed, said) or (fact.day and claim.day not in (None, fact.day)):
            return NEUTRAL
        if claim.day and not fact.day:
            return None
        return ENTAILMENT if claimed.negated else CONTRADICTION
    same_day = claim.day in (None, fact.day)
    if covers(said, claimed) and not claimed.negated:
        return ENTAILMENT if same_day else CONTRADICTION if fact.day else NEUTRAL
    if covers(said, claimed):
        return CONTRADICTION if same_day else NEUTRAL if fact.day else None
    return CONTRADICTION if excludes(said, claimed) and not claimed.negated else NEUTRAL


def covers(said: Clause, claimed: Clause) -> bool:
    """Whether what is claimed is the same event told no more specifically, "not" aside."""
    assert said.action
    assert claimed.action
    if frame(said.action) != frame(claimed.action):
        return False
    pairs = zip(fillers(said), fillers(claimed), strict=True)
    return includes(said, claimed) and all(matches(a, b) for a, b in pairs)


def includes(said: Clause, claimed: Clause) -> bool:
    """Whether those who act include those who are claimed to: what both did, each did."""
    a, b = said.subject, claimed.subject
    assert said.action
    if not (isinstance(a, People) and isinstance(b, People)):
        return matches(a, b)
    whole = together(said.action)
    return set(a.members) == set(b.members) if whole else set(a.members) >= set(b.members)


def together(action: Action) -> bool:
    """Whether neither of two people does it alone: they helped each other."""
    return "each" in frame(action)


def matches(said: Filler, claimed: Filler) -> bool:
    """Whether a filler is the same or less specific: a white feather, a feather."""
    if isinstance(said, Thing) and isinstance(claimed, Thing):
        return thing_matches(said, claimed)
    if isinstance(said, People) and isinstance(claimed, People):
        return set(said.members) == set(claimed.members)
    if isinstance(said, Clause) and isinstance(claimed, Clause):
        return statement(said) == statement(claimed)
    return said is claimed


def thing_matches(said: Thing, claimed: Thing) -> bool:
    if said.plural != claimed.plural:
        return False
    if claimed.adjective not in (None, said.adjective):
        return False
    if claimed.noun is not said.noun:
        return is_a(said.noun, claimed.noun)
    return claimed.quantity in (said.quantity, "some" if said.plural else "")


def is_a(noun: Noun, kind: Noun) -> bool:
    """Whether a noun (frog) is of the kind that another stands for (animal)."""
    return KIND in kind.classes and bool(set(kind.classes) & set(noun.classes))


def excludes(said: Clause, claimed: Clause) -> bool:
    """Whether the event cannot also have happened as claimed: in another place, swapped roles."""
    assert said.action
    assert claimed.action
    if frame(said.action) != frame(claimed.action):
        return False
    if said.action.verb.base in TRANSFERS:
        return swapped(said, claimed)
    pairs = list(zip(fillers(said), fillers(claimed), strict=True))
    elsewhere = [(a, b) for a, b in pairs if isinstance(a, Place) and a is not b]
    rest = [(a, b) for a, b in pairs if not isinstance(a, Place)]
    same = includes(said, claimed) and all(matches(a, b) for a, b in rest)
    return bool(elsewhere) and said.action.section == "openings" and same


def swapped(said: Clause, claimed: Clause) -> bool:
    """nina gave the feather to max, max gave the feather to nina."""
    (thing, other), (thing_2, other_2) = fillers_of(said), fillers_of(claimed)
    crossed = matches(said.subject, other_2) and matches(other, claimed.subject)
    return crossed and matches(thing, thing_2)


def fillers_of(clause: Clause) -> tuple[Filler, Filler]:
    """What is given, and to whom."""
    thing = next(filler for filler in fillers(clause) if isinstance(filler, Thing))
    return thing, clause.roles["other"]


def compare_states(said: Clause, claimed: Clause) -> str:
    """Both say what something is like."""
    a, b = said.subject, claimed.subject
    assert isinstance(a, Thing)
    assert isinstance(b, Thing)
    assert said.adjective
    assert claimed.adjective
    if a.noun is not b.noun or a.plural != b.plural:
        return NEUTRAL
    if said.adjective is claimed.adjective:
        if claimed.very and not said.very and not said.negated:
            return NEUTRAL
        return ENTAILMENT if said.negated == claimed.negated else CONTRADICTION
    if opposed(said.adjective, claimed.adjective) and not said.negated:
        return ENTAILMENT if claimed.negated else CONTRADICTION
    return NEUTRAL


def opposed(a: Adjective, b: Adjective) -> bool:
    """Whether one thing cannot be both: old and new, red and blue."""
    return a is not b and (
        a.group == b.group == "colour" or frozenset((str(a.word), str(b.word))) in opposites()
    )


@cache
def opposites() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in rows("opposites", 2))


def compare_existence(said: Clause, claimed: Clause) -> str:
    """there were two boats near the bridge; exactly two, so three would be wrong."""
    a, b = said.subject, claimed.subject
    assert isinstance(a, Thing)
    assert isinstance(b, Thing)
    near = claimed.near is None or (
        said.near is not None and statement_of(said) == statement_of(claimed)
    )
    if thing_matches(a, b):
        return ENTAILMENT if near else NEUTRAL
    numbers = {a.quantity, b.quantity} == {"two", "three"}
    return CONTRADICTION if a.noun is b.noun and numbers and near else NEUTRAL


def statement_of(clause: Clause) -> tuple[str, str, bool]:
    """Where something is."""
    assert clause.near
    where, thing = clause.near
    return where, thing.noun.lemma, thing.plural
