"""★★ Names from BIO tags, also from tags that a model got half right."""

import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Entity = tuple[int, int, str]

SPAN = _("B- begins an entity, each I- of the same kind makes it longer; it ends before `end`.")
LAST = _("An entity that is still open when the text ends is an entity too.")
AGAIN = _("A B- begins a new entity, even right after another of the same kind.")
KINDS = _("An I- of another kind does not belong to the entity before it: a new one begins.")
ORPHAN = _("A model may begin with I- (after O, or at the start): read it as B-, lose nothing.")


def cases(rng: random.Random) -> list[Case]:
    kinds = rng.sample(["PERSON", "PLACE", "ORG", "DATE"], 2)
    a, b = kinds

    def entity(kind: str, length: int) -> list[str]:
        return [f"B-{kind}", *[f"I-{kind}"] * (length - 1)]

    def outside(n: int) -> list[str]:
        return ["O"] * n

    before, after = outside(rng.randint(1, 3)), outside(rng.randint(1, 3))
    long = rng.randint(2, 4)
    return [
        Case(([*before, *entity(a, long), *after, *entity(b, 1), "O"],), SPAN),
        Case(([*before, *entity(a, long)],), LAST),
        Case(
            ([*entity(a, long), *entity(a, 2), *after, *entity(b, 1), *entity(b, 1), "O"],), AGAIN
        ),
        Case(([*before, *entity(a, long), f"I-{b}", f"I-{b}", "O"],), KINDS),
        Case(([f"I-{a}", *after, f"I-{b}", f"I-{b}", "O", *entity(a, 1)],), ORPHAN),
        Case(([*before, f"I-{b}", *after],), ORPHAN),
    ]


def read_entities(tags: Sequence[str]) -> list[Entity]:
    """BIO tags -> (start, end, kind) of each entity; an I- that continues nothing begins one."""
    entities: list[Entity] = []
    begin, kind = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        prefix, _dash, its_kind = tag.partition("-")
        if kind and (prefix != "I" or its_kind != kind):
            entities.append((begin, place, kind))
            kind = ""
        if prefix != "O" and not kind:
            begin, kind = place, its_kind
    return entities


def by_joining(tags: Sequence[str]) -> list[Entity]:
    """Each tag that is not O is an entity of one word, or makes the last one longer."""
    entities: list[list] = []
    for place, tag in enumerate(tags):
        if tag == "O":
            continue
        prefix, kind = tag.split("-")
        if prefix == "I" and entities and entities[-1][1:] == [place, kind]:
            entities[-1][1] = place + 1
        else:
            entities.append([place, place + 1, kind])
    return [(start, end, kind) for start, end, kind in entities]


def by_looking_ahead(tags: Sequence[str]) -> list[Entity]:
    entities, place = [], 0
    while place < len(tags):
        kind, end = tags[place][2:], place + 1
        while kind and end < len(tags) and tags[end] == f"I-{kind}":
            end += 1
        if kind:
            entities.append((place, end, kind))
        place = end
    return entities


def to_the_last_word(tags: Sequence[str]) -> list[Entity]:
    return [(start, end - 1, kind) for start, end, kind in read_entities(tags)]


def forgets_the_last(tags: Sequence[str]) -> list[Entity]:
    return [entity for entity in read_entities(tags) if entity[1] < len(tags)]


def runs_of_a_kind(tags: Sequence[str]) -> list[Entity]:
    """What stands side by side and is of one kind, B- or I-."""
    return read_entities([tag.replace("B-", "I-") for tag in tags])


def swallows_other_kinds(tags: Sequence[str]) -> list[Entity]:
    """Any I- makes the entity longer."""
    same = list(tags)
    for place, tag in enumerate(same[1:], start=1):
        if tag.startswith("I-") and same[place - 1] != "O":
            same[place] = f"I-{same[place - 1][2:]}"
    return read_entities(same)


def drops(tags: Sequence[str], orphans_only: bool) -> list[Entity]:
    """Keeps what begins with B-; with `orphans_only`, also what follows another entity."""
    return [
        (start, end, kind)
        for start, end, kind in read_entities(tags)
        if tags[start].startswith("B-") or (orphans_only and start and tags[start - 1] != "O")
    ]


EXERCISE = Exercise(
    name="read_entities",
    lecture="12_bert_finetuning",
    stars=2,
    title=_("Names from tags"),
    points=4,
    minutes=15,
    cases=cases,
    reference=read_entities,
    hints=(
        _("Go through the tags and remember which entity is open: where it began, its kind."),
        _("An open entity goes on only at I- of its own kind. Everything else closes it."),
        _('Add one "O" behind the tags, and the last entity closes like all others.'),
    ),
    right_variants=(by_joining, by_looking_ahead),
    wrong_answers=(
        WrongAnswer(to_the_last_word, SPAN),
        WrongAnswer(lambda t: [(i, i + 1, x[2:]) for i, x in enumerate(t) if x != "O"], SPAN),
        WrongAnswer(lambda t: [(i, i + 1, x[2:]) for i, x in enumerate(t) if x[0] == "B"], SPAN),
        WrongAnswer(lambda t: [(a, b, f"B-{k}") for a, b, k in read_entities(t)], SPAN),
        WrongAnswer(forgets_the_last, LAST),
        WrongAnswer(runs_of_a_kind, AGAIN),
        WrongAnswer(swallows_other_kinds, KINDS),
        WrongAnswer(lambda t: drops(t, orphans_only=False), KINDS),
        WrongAnswer(lambda t: drops(t, orphans_only=True), ORPHAN),
    ),
)
