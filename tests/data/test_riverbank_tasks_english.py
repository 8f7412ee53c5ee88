"""The English that tasks make of meanings, and the facts they find in stories."""

import copy
import pickle

import pytest

from course_lib.data import riverbank
from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.balance import balanced
from course_lib.data.riverbank.tasks.english import can_be_passive, passive, sentence, statement
from course_lib.data.riverbank.tasks.facts import facts, pair_of
from course_lib.data.riverbank.tasks.verbs import present
from course_lib.data.riverbank.tasks.wording import Words, fill, passage
from course_lib.data.riverbank.words import Verb

STORIES = riverbank.sample(700, seed=41) + riverbank.sample(200, seed=42, unseen=True)
RIVER = """
on monday nina and her brother max met at willow bridge .
the boatmen who helped the hiker were tired .
max brought a white feather , and nina rented a canoe .
after they crossed the bridge slowly , they caught a frog .
the bridge that max liked was old .
they were happy because the crane was beautiful .
in the end , max gave the white feather to her .
after monday came tuesday , and they rested all day .
"""


def river() -> Story:
    return Story("river", tuple(RIVER.split()))


def test_english_made_from_a_meaning_is_what_the_story_said():
    for story in STORIES:
        for told in story.sentences:
            made = tuple(map(str, sentence(told.meaning)))
            day_last = (*made[2:-1], *made[:2], ".")  # the grammar may tell the day last
            assert told.words in (made, day_last)


def test_the_facts_of_a_story_known_by_heart():
    told = [" ".join(statement(fact.clause)) for fact in facts(river())]
    assert told == [
        "nina and max met at willow bridge",
        "the boatmen who helped the hiker were tired",
        "the boatmen helped the hiker",
        "max brought a white feather",
        "nina rented a canoe",
        "nina and max caught a frog",
        "nina and max crossed the bridge slowly",
        "the bridge that max liked was old",
        "max liked the bridge",
        "nina and max were happy because the crane was beautiful",
        "the crane was beautiful",
        "max gave the white feather to nina",
        "nina and max rested all day",
    ]


def test_what_happens_has_a_day_and_what_is_so_has_none():
    for fact in facts(river()):
        day = "tuesday" if fact.sentence == 7 else "monday"
        assert (fact.day and str(fact.day.word)) == (day if fact.clause.action else None)


def test_passives():
    told = [" ".join(passive(f.clause)) for f in facts(river()) if can_be_passive(f.clause)]
    assert told == [
        "the hiker was helped by the boatmen",
        "a white feather was brought by max",
        "a frog was caught by nina and max",
        "the bridge was liked by max",
        "the white feather was given to nina by max",
    ]


PRESENT = {
    "swim": "swims",
    "carry": "carries",
    "play": "plays",
    "catch": "catches",
    "go": "goes",
    "be": "is",
}


@pytest.mark.parametrize(("base", "she"), PRESENT.items())
def test_present(base: str, she: str):
    verb = next(
        piece
        for actions in (*whole_lexicon().common.values(), *ACTIONS)
        for action in actions
        for piece in action.english
        if isinstance(piece, Verb) and piece.base == base
    )
    assert (present(verb, False), present(verb, True)) == (she, "are" if base == "be" else base)


ACTIONS = [topic.actions for topic in whole_lexicon().topics.values()]


def test_the_pair_of_a_story():
    for story in STORIES[:200]:
        one, other = pair_of(story)
        assert one is not other
        assert {one.name, other.name} <= set(story.sentences[0].words)


def test_words_read_as_the_story_does():
    for story in STORIES[:100]:
        words = passage(story)
        assert words == story.words
        assert words.text == story.text


def test_words_survive_copies_and_templates():
    words = passage(river())
    for again in (pickle.loads(pickle.dumps(words)), copy.deepcopy(words)):
        assert again == words
        assert again.text == words.text
    asked = fill("question : who met {them} in japanese ?", them=Words(words.tokens()))
    assert asked.text.startswith("Question: Who met on Monday Nina and her brother Max met at")
    assert asked.text.endswith("In Japanese?")


def test_balanced_keeps_the_shares_in_every_look():
    import random

    found = [(i % 3, i % 7 < 3, i) for i in range(300)]
    kept = balanced(found, {True: 2, False: 1}, random.Random(0))
    assert len(set(kept)) == len(kept) > 100
    for look in range(3):
        labels = [i % 7 < 3 for i in kept if i % 3 == look]
        assert labels.count(True) == 2 * labels.count(False) > 0
    assert balanced(found, {True: 2, False: 1}, random.Random(0)) == kept
    assert balanced(found, {True: 2, False: 1}, random.Random(1)) != kept
