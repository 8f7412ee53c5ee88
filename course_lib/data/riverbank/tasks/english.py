"""The English of a meaning, made anew: what tasks say about a story and the story does not."""

from collections.abc import Iterator
from dataclasses import replace

from course_lib.data.riverbank.language import language
from course_lib.data.riverbank.meaning import Clause, Meaning, People, Thing
from course_lib.data.riverbank.nouns import article
from course_lib.data.riverbank.tasks.verbs import participle
from course_lib.data.riverbank.tasks.wording import phrase, word
from course_lib.data.riverbank.telling import PRONOUNS, THEY
from course_lib.data.riverbank.words import Place, Slot, Token, Verb

Tokens = list[Token]


def is_plural(what: People | Thing) -> bool:
    return len(what.members) == 2 if isinstance(what, People) else what.plural


def pronoun(what: People | Thing, form: int) -> Token:
    """he, him, himself or his (forms 0 to 3)."""
    if isinstance(what, Thing) or len(what.members) == 2:
        return word(THEY[form])
    return word(PRONOUNS[what.members[0].gender][form])


def entity(what: "People | Thing | Place | Clause", form: int = 1) -> Tokens:
    """nina and her brother max, him, two old boats, the river; form 0 for a subject."""
    if isinstance(what, People):
        return [pronoun(what, form)] if what.pronoun else list(names(what))
    if isinstance(what, Place):
        return list(what.words)
    if isinstance(what, Clause):
        return located(what) if what.adjective is None else description(what)
    noun = what.noun.many if what.plural else what.noun.one
    assert noun is not None
    after = [what.adjective.word, noun] if what.adjective else [noun]
    quantity = "some" if what.quantity == "a" and not what.noun.many else what.quantity
    words = {form: word(form) for form in ("a", "an", "the", "some", "two", "three")}
    return [article(quantity, after[0], words), *after]


def names(people: People) -> Iterator[Token]:
    for place, person in enumerate(people.members):
        if place:
            yield word("and")
            if people.relation:
                yield from (pronoun(People(people.members[:1]), 3), word(people.relation))
        yield person.name


def event(clause: Clause, base: bool = False) -> Tokens:
    """What happens, without its subject: gave the feather to max; base: give the feather to max."""
    assert clause.action is not None
    plural = is_plural(clause.subject)
    words = phrase("did not") if clause.negated and not base else []
    for piece in clause.action.pieces(base or clause.negated, plural):
        if not isinstance(piece, Slot):
            words.append(piece)
        elif piece.name in ("self", "his"):
            words.append(pronoun(clause.subject, {"self": 2, "his": 3}[piece.name]))
        elif piece.name == "new":
            words += introduced(clause)
        else:
            words += entity(clause.roles[piece.name])
    return words


def introduced(clause: Clause) -> Tokens:
    """The second person, new to the story: (nina met) max, her brother max."""
    new = clause.roles["new"]
    assert isinstance(new, People)
    relation = [pronoun(clause.subject, 3), word(new.relation)] if new.relation else []
    return [*relation, *entity(replace(new, relation=""))]


def statement(clause: Clause) -> Tokens:
    """nina did not swim; the boats near the bridge were old; there was a boat near the bridge."""
    if clause.action:
        return [*entity(clause.subject, 0), *event(clause)]
    return description(clause) if clause.adjective else existence(clause)


def description(clause: Clause) -> Tokens:
    """the boats that nina saw were not old."""
    assert clause.adjective
    assert isinstance(clause.subject, Thing)
    extra = phrase("not" * clause.negated + " very" * clause.very)
    return [*narrowed(clause), be(clause.subject), *extra, clause.adjective.word]


def located(clause: Clause) -> Tokens:
    """(where) the boats were."""
    assert isinstance(clause.subject, Thing)
    return [*entity(clause.subject), be(clause.subject)]


def existence(clause: Clause) -> Tokens:
    """there was an old boat behind the bridge."""
    assert isinstance(clause.subject, Thing)
    there, no = [word("there"), be(clause.subject)], phrase("not" * clause.negated)
    return [*there, *no, *entity(clause.subject), *near(clause)]


def be(thing: People | Thing) -> Token:
    return word("were" if is_plural(thing) else "was")


def near(clause: Clause) -> Tokens:
    """behind the bridge."""
    return [word(clause.near[0]), *entity(clause.near[1])] if clause.near else []


def narrowed(clause: Clause) -> Tokens:
    """the boats near the bridge, the boats that nina saw, the sailors who helped nina."""
    assert isinstance(clause.subject, Thing)
    words = [*entity(clause.subject), *near(clause)]
    which = clause.which
    if which and which.subject is clause.subject:
        return [*words, word("who"), *event(which)]
    if which:
        return [*words, word("that"), *entity(which.subject, 0), *event(which)]
    return words


def can_be_passive(clause: Clause) -> bool:
    """Whether a thing follows the verb: nina saw the boats."""
    if clause.action is None or not isinstance(clause.action.english[0], Verb):
        return False
    second = clause.action.english[1:2]
    return bool(second) and isinstance(clause.roles.get(getattr(second[0], "name", "")), Thing)


def passive(clause: Clause) -> Tokens:
    """the boats were not seen by nina."""
    assert clause.action is not None
    verb, slot, *rest = clause.action.english
    assert isinstance(verb, Verb)
    assert isinstance(slot, Slot)
    thing = clause.roles[slot.name]
    assert isinstance(thing, Thing)
    after = replace(clause, action=replace(clause.action, english=tuple(rest)), negated=False)
    done = [word(participle(verb)), *event(after), word("by"), *entity(clause.subject)]
    return [*entity(thing), be(thing), *phrase("not" * clause.negated), *done]


def sentence(meaning: Meaning) -> Tokens:
    """A whole sentence; if it tells a day, the day comes first."""
    main, other, link = meaning.main, meaning.other, phrase(meaning.link)
    first = [*time(meaning), *link, *([word(",")] if meaning.link in WITH_COMMA else [])]
    if other is None:
        return [*first, *statement(main), word(".")]
    if meaning.join in ("after", "before"):
        start = [word(meaning.join), *statement(other)]
        return [*first, *start, word(","), *statement(main), word(".")]
    joined = {"and": [word("and")], "while": phrase(", and"), "but": phrase(", but")}[meaning.join]
    same = [*entity(other.subject, 0), *phrase("did not")] if meaning.join == "but" else None
    same = event(other) if meaning.join == "and" else same or statement(other)
    return [*first, *statement(main), *joined, *same, word(".")]


WITH_COMMA = ("after that", "in the end", "at last")


def time(meaning: Meaning) -> Tokens:
    """on monday, one day in april, one sunny morning, after monday came tuesday , and."""
    if meaning.day and meaning.next_day:
        days = language().world.lexicon.days
        before = days[days.index(meaning.day) - 1]
        return [word("after"), before.word, word("came"), meaning.day.word, *phrase(", and")]
    if meaning.day:
        return [word("on"), meaning.day.word]
    if meaning.month:
        return [*phrase("one day in"), meaning.month.word]
    if meaning.part:
        weather = [meaning.weather.word] if meaning.weather else []
        return [word("one"), *weather, meaning.part.word]
    return []
