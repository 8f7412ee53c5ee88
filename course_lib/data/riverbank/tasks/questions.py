"""Reading comprehension: a question, a story, and the words of the story that answer it."""

import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.asking import Asked, asked
from course_lib.data.riverbank.tasks.balance import balanced
from course_lib.data.riverbank.tasks.facts import Fact, facts, pair_of, recast
from course_lib.data.riverbank.tasks.logic import singly
from course_lib.data.riverbank.tasks.wording import Words, fill, passage, rows

Answers = dict[tuple[object, ...], set[tuple[str, ...]]]
SHARES: dict[Hashable, int] = {True: 2, False: 1}  # questions with an answer to questions without
COMMON = ("openings", "closings", "endings", "codas")  # too much alike from story to story
PER_KIND = 2  # questions of a kind about one story, with an answer or without


@dataclass(frozen=True)
class Question:
    """`passage[start:end]` answers the question; start and end are -1 if the story does not say.

    Where somebody is called he, she or they, the answer is the last time they were named.
    """

    question: Words
    passage: Words
    start: int
    end: int
    kind: str

    @property
    def answer(self) -> tuple[str, ...]:
        """The answer's words; none if the story does not say."""
        return self.passage[self.start : self.end] if self.end > 0 else ()


def questions(stories: Sequence[Story], seed: int) -> list[Question]:
    """Questions about the stories, two in three with an answer; the same for the same seed.

    >>> questions(riverbank.load("train"), seed=0)[0].question.text

    Of each kind exactly two in three have one, so the wording does not tell which. Those that have
    none ask what a story of the same topic says and this one does not, or what it denies.
    """
    rng = random.Random(f"{seed} questions")
    by_topic = defaultdict(list)
    for story in stories:
        by_topic[story.topic].append(story)
    found = (
        (question.kind, question.end > 0, question)
        for story in stories
        for question in candidates(story, rng.choice(by_topic[story.topic]), rng)
    )
    return balanced(found, SHARES, rng)


def candidates(story: Story, other: Story, rng: random.Random) -> Iterator[Question]:
    """Questions about a story, some of them taken from another one about the same topic."""
    words, known = passage(story), answers(story)
    ends = sentence_ends(story)
    answered = [question for fact in facts(story) for question in asked(fact)]
    for question in few(answered, rng):
        span = find(question, words, ends)
        if span and len(known[question.key]) == 1:
            yield Question(wording(question, rng), words, *span, question.kind)
    strange = [question for question in foreign(story, other) if question.key not in known]
    for question in few(strange, rng):
        yield Question(wording(question, rng), words, -1, -1, question.kind)


def few(questions: list[Asked], rng: random.Random) -> Iterator[Asked]:
    """At most PER_KIND questions of each kind."""
    rng.shuffle(questions)
    left = Counter({question.kind: PER_KIND for question in questions})
    for question in questions:
        left[question.kind] -= 1
        if left[question.kind] >= 0:
            yield question


def answers(story: Story) -> Answers:
    """Everything that is asked and answered by the story; two answers may be right.

    What they did, each of them did as well.
    """
    known: Answers = defaultdict(set)
    for fact in facts(story):
        for version in (fact, *singly(fact)):
            for question in asked(version):
                known[question.key].add(asked_of(question, fact))
    return known


def asked_of(question: Asked, fact: Fact) -> tuple[str, ...]:
    """The answer; to "who", that both did it is one answer, not three."""
    if question.kind != "who":
        return question.answer
    return next(q.answer for q in asked(fact) if q.kind == "who")


def foreign(story: Story, other: Story) -> Iterator[Asked]:
    """What another story answers, told of the people of this one; and what this one denies."""
    cast = {str(a.name): b for a, b in zip(pair_of(other), pair_of(story), strict=True)}
    for fact in facts(other):
        if fact.clause.action is None or fact.clause.action.section not in COMMON:
            yield from asked(replace(fact, clause=recast(fact.clause, cast)))
    for fact in facts(story):
        if fact.clause.negated:
            yield from asked(replace(fact, clause=replace(fact.clause, negated=False)))


def wording(question: Asked, rng: random.Random) -> Words:
    """The question in one of its wordings."""
    templates = [template for kind, template in rows("questions", 2) if kind == question.kind]
    return fill(rng.choice(templates), **question.parts())


def sentence_ends(story: Story) -> list[int]:
    """The place after each sentence's last word."""
    ends, place = [], 0
    for sentence in story.sentences:
        place += len(sentence.words)
        ends.append(place)
    return ends


def find(question: Asked, words: Words, ends: Sequence[int]) -> tuple[int, int] | None:
    """Where the passage has the answer: in its own sentence, or for people the last time before.

    None if it never says it in one piece: nina met max; they swam.
    """
    size, number = len(question.answer), question.sentence
    if question.kind == "when":
        place = words.index(question.answer[0])
        return place, place + 1
    first = 0 if question.people or not number else ends[number - 1]
    starts = [
        place
        for place in range(first, ends[number] - size + 1)
        if words[place : place + size] == question.answer
    ]
    return (starts[-1], starts[-1] + size) if starts else None
