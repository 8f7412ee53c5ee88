"""Headlines: what a story comes down to, in four to eight words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from course_lib.data.riverbank import japanese
from course_lib.data.riverbank.meaning import Clause, People
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.english import entity, is_plural, pronoun
from course_lib.data.riverbank.tasks.facts import facts
from course_lib.data.riverbank.tasks.verbs import present
from course_lib.data.riverbank.tasks.wording import Words, passage, word
from course_lib.data.riverbank.words import Place, Slot, Token, Verb

SHORT, LONG = 4, 8
DROPPED = ("the", "a", "an", "some", "his", "her", "their")
FOR_WANT_OF_A_SCRIPT = ("endings", "possess", "openings")


@dataclass(frozen=True)
class Headline:
    """A story and its headline in both languages."""

    passage: Words
    headline: Words
    japanese: tuple[str, ...]


def headlines(stories: Sequence[Story]) -> list[Headline]:
    """Each story with the one headline that its meaning determines.

    >>> headlines(riverbank.load("train"))[0].headline.text

    It tells, in the present tense and without articles, the event that came furthest in the
    topic's script (see `main_event`), and the place if there is room.
    """
    return [headline(story) for story in stories]


def headline(story: Story) -> Headline:
    clause, place = main_event(story), place_of(story)
    tokens = [*entity(clause.subject), *predicate(clause)]
    if len(tokens) > LONG and "and" in tokens[3:]:
        tokens = tokens[: tokens.index(word("and"), 3)]
    mention = len(tokens) < SHORT
    if mention:
        tokens += [word("at"), *(token for token in place.words if token not in DROPPED)]
    where = (*place.japanese, "で") if mention else ()
    names = japanese.entity(clause.subject)
    told = (*names, "、", *where, *japanese.event(clause, japanese.plain))
    return Headline(passage(story), Words(tokens), told)


def main_event(story: Story) -> Clause:
    """What happened, of the topic's script, at the highest stage; the later of two.

    If nothing of it did: what became of the object, how it came in, or else how all began.
    """
    happened = [
        fact.clause for fact in facts(story) if fact.clause.action and not fact.clause.negated
    ]
    script = [clause for clause in happened if clause.action and clause.action.stage]
    if script:
        return max(reversed(script), key=lambda clause: clause.action.stage if clause.action else 0)
    sections = {clause.action.section: clause for clause in happened if clause.action}
    return next(sections[name] for name in FOR_WANT_OF_A_SCRIPT if name in sections)


def place_of(story: Story) -> Place:
    """Where the story happens."""
    place = story.sentences[0].meaning.main.roles["place"]
    assert isinstance(place, Place)
    return place


def predicate(clause: Clause) -> Iterator[Token]:
    """gives feather to max; swims across river (to get to the other bank)."""
    assert clause.action is not None
    for piece in clause.action.english:
        if isinstance(piece, Verb):
            yield Token(present(piece, is_plural(clause.subject)), "VERB")
        elif isinstance(piece, Slot):
            yield from (token for token in filler(clause, piece) if token not in DROPPED)
        elif piece.pos == "PART":
            return
        elif piece not in DROPPED:
            yield piece


def filler(clause: Clause, slot: Slot) -> list[Token]:
    """What stands in a slot; nothing for his or her."""
    if slot.name == "self":
        return [pronoun(clause.subject, 2)]
    what = clause.roles.get(slot.name)
    return entity(replace(what, relation="") if isinstance(what, People) else what) if what else []
