"""One or two sentences of a story as a premise, and the facts they state."""

from collections.abc import Iterator
from dataclasses import replace

from course_lib.data.riverbank.meaning import Clause, People
from course_lib.data.riverbank.story import Sentence, Story
from course_lib.data.riverbank.tasks.facts import Fact, pair_of, stated
from course_lib.data.riverbank.tasks.wording import Words, told


def premise(story: Story, number: int) -> tuple[Words, list[Fact]] | None:
    """One sentence, after the story's first if it needs that to say who he, she or they are.

    None if even so a reader could not tell: nina met anna. she swam.
    """
    first, sentence = story.sentences[0], story.sentences[number]
    chosen = [number] if not number or names_everybody(sentence) else [0, number]
    if len(chosen) == 2 and is_ambiguous(story, sentence):
        return None
    known = []
    for place in chosen:
        meaning = story.sentences[place].meaning
        day = meaning.day or (first.meaning.day if 0 in chosen else None)
        known += stated(meaning, place, day)
    return told(story.sentences[place] for place in chosen), known


def names_everybody(sentence: Sentence) -> bool:
    """Whether the sentence calls by name all those whom it calls he, she or they as well."""
    by_name, meant = set[str](), set[str]()
    for clause in (sentence.meaning.main, sentence.meaning.other):
        for people in people_of(clause) if clause else ():
            names = {str(person.name) for person in people.members}
            (meant if people.pronoun else by_name).update(names)
    return meant <= by_name


def is_ambiguous(story: Story, sentence: Sentence) -> bool:
    """Whether he or she could be either of the story's people."""
    one, other = pair_of(story)
    clauses = (sentence.meaning.main, sentence.meaning.other)
    called = [people for clause in clauses if clause for people in people_of(clause)]
    return one.gender == other.gender and any(p.pronoun and len(p.members) == 1 for p in called)


def people_of(clause: Clause) -> Iterator[People]:
    """All people of a clause and of those inside it."""
    for what in (clause.subject, *clause.roles.values(), clause.which):
        if isinstance(what, People):
            yield what
        elif isinstance(what, Clause):
            yield from people_of(what)


def reported(fact: Fact) -> list[Fact]:
    """nina said that the boats were old: perhaps they were."""
    said = fact.clause.roles.get("state")
    return [replace(fact, clause=said, day=None)] if isinstance(said, Clause) else []
