"""Where in a story a phenomenon shows: the place of the word that must come, and a wrong one."""

import random
from collections.abc import Iterator

from course_lib.data.riverbank.language import language
from course_lib.data.riverbank.meaning import Clause, Thing
from course_lib.data.riverbank.story import Sentence, Story
from course_lib.data.riverbank.words import Adjective, Noun, Place, Verb

Found = tuple[int, str]  # the place of the right word in the story, and a wrong word
SWAPPED = {"was": "were", "were": "was", "he": "she", "she": "he"}
SWAPPED |= {"himself": "herself", "herself": "himself"}


def placed(story: Story) -> Iterator[tuple[int, Sentence]]:
    """The sentences, each with the place of its first word."""
    start = 0
    for sentence in story.sentences:
        yield start, sentence
        start += len(sentence.words)


def descriptions(story: Story, across: bool) -> Iterator[tuple[int, Sentence, Clause]]:
    """Plain descriptions (the boats were old), or with something before the verb."""
    for start, sentence in placed(story):
        clause = sentence.meaning.main
        if clause.adjective and bool(clause.near or clause.which) == across:
            yield start, sentence, clause


def agreement(story: Story, _rng: random.Random) -> Iterator[Found]:
    """the boats | were, was"""
    for start, sentence, _clause in descriptions(story, across=False):
        yield start + 2, SWAPPED[sentence.words[2]]


def agreement_across(story: Story, _rng: random.Random) -> Iterator[Found]:
    """the boats near the bridge | were, was; the nearer noun is as often of the other number"""
    for start, sentence, _clause in descriptions(story, across=True):
        place = next(i for i, word in enumerate(sentence.words) if word in ("was", "were"))
        yield start + place, SWAPPED[sentence.words[place]]


def negation(story: Story, _rng: random.Random) -> Iterator[Found]:
    """nina did not | see, saw; nina | saw, see"""
    for start, sentence in placed(story):
        action = sentence.meaning.main.action
        if action is None or isinstance(sentence.meaning.main.subject, Thing):
            continue
        place = sentence.tags.index("VERB") if "VERB" in sentence.tags else -1
        verb: Verb = action.verb
        if sentence.words[place] in (verb.past, verb.base) and verb.past != verb.base:
            right = sentence.words[place]
            yield start + place, str(verb.past if right == verb.base else verb.base)


def reflexive(story: Story, _rng: random.Random) -> Iterator[Found]:
    """nina enjoyed | herself, himself"""
    for place, word in enumerate(story.words):
        if word in ("himself", "herself"):
            yield place, SWAPPED[word]


def pronoun(story: Story, _rng: random.Random) -> Iterator[Found]:
    """... nina opened the trunk . then | she, he"""
    for start, sentence in placed(story):
        for place, word in enumerate(sentence.words):
            if word in ("he", "she"):
                yield start + place, SWAPPED[word]


def sense(story: Story, rng: random.Random) -> Iterator[Found]:
    """(at the river) the bank was | muddy, closed"""
    yield from senses(story, rng, across=False)


def sense_across(story: Story, rng: random.Random) -> Iterator[Found]:
    """(at the river) the bank that nina liked was | muddy, closed"""
    yield from senses(story, rng, across=True)


def senses(story: Story, rng: random.Random, across: bool) -> Iterator[Found]:
    for start, sentence, clause in descriptions(story, across):
        assert isinstance(clause.subject, Thing)
        others = other_sense(clause.subject.noun, story.topic)
        if others and not (clause.negated or clause.very):
            yield start + len(sentence.words) - 2, str(rng.choice(others).word)


def other_sense(noun: Noun, topic: str) -> list[Adjective]:
    """What suits the noun's other sense and not this one."""
    topics = language().world.lexicon.topics.values()
    return [
        adjective
        for other in topics
        if other.name != topic
        for twin in other.nouns
        if twin.one == noun.one and twin.one and twin.one.sense
        for adjective in twin.adjectives
        if adjective not in noun.adjectives
    ]


def name(story: Story, _rng: random.Random) -> Iterator[Found]:
    """a name that has been told before, against one of the same gender that has not"""
    people, heard = language().world.person, set[str]()
    for place, word in enumerate(story.words):
        if word in heard:
            same = [str(p.name) for p in people.values() if p.gender == people[word].gender]
            after = same[(same.index(word) // 2 * 2) + (same.index(word) + 1) % 2]
            if after not in story.words:
                yield place, after
        elif word in people:
            heard.add(word)


def copied_object(story: Story, rng: random.Random) -> Iterator[Found]:
    """(max brought a rope) ... finally max lost the | rope, oar"""
    nouns = language().world.lexicon.topics[story.topic].nouns
    for start, sentence in placed(story):
        thing = sentence.meaning.main.roles.get("object")
        if not isinstance(thing, Thing):
            continue
        others = [n for n in nouns if "keep" in n.classes and n is not thing.noun]
        form, other = (n.many if thing.plural else n.one for n in (thing.noun, rng.choice(others)))
        yield start + sentence.words.index(str(form)), str(other)


def place(story: Story, rng: random.Random) -> Iterator[Found]:
    """(they met at heron park) ... finally they left | heron, willow"""
    places = language().world.lexicon.topics[story.topic].places
    for start, sentence in list(placed(story))[1:]:
        there = sentence.meaning.main.roles.get("place")
        if not isinstance(there, Place):
            continue
        the = there.words[0] == "the"
        others = [p for p in places if p is not there and (p.words[0] == "the") == the]
        if others:
            first = sentence.words.index(there.words[the])
            yield start + first, str(rng.choice(others).words[the])


def day(story: Story, rng: random.Random) -> Iterator[Found]:
    """(on monday) ... after | monday, friday (came ...)"""
    days = [str(day.word) for day in language().world.lexicon.days]
    for start, sentence in placed(story):
        if sentence.meaning.next_day:
            right = sentence.words[1]
            yield start + 1, rng.choice([day for day in days if day != right])
