"""Words with two senses, and their two Japanese words."""

from collections import Counter

import pytest

from course_lib.data import riverbank
from course_lib.data.riverbank import tasks
from course_lib.data.riverbank.tasks.renderings import (
    could_be_told,
    other_sense,
    senses,
    topic_words,
)


@pytest.fixture(scope="module")
def sentences():
    return [s for story in riverbank.load("test")[:300] for s in story.sentences]


@pytest.fixture(scope="module")
def uses(sentences):
    return tasks.sense_uses(sentences)


def test_a_sense_has_one_other_and_both_are_of_one_word():
    assert len(senses()) == 42
    assert other_sense("bank/river") == "bank/money"
    assert all(other_sense(other_sense(sense)) == sense != other_sense(sense) for sense in senses())
    japanese = [noun.japanese for noun in senses().values()]
    assert len(set(japanese)) == len(japanese)


def test_every_use_is_found_with_both_renderings(sentences, uses):
    """Counted by another way: each sense that stands in a sentence, but for the first pitch."""
    expected = Counter()
    for number, sentence in enumerate(sentences):
        first_pitch = "第" in sentence.japanese
        for sense in sentence.senses:
            if sense and not (sense == "pitch/baseball" and first_pitch):
                expected[number, sense] += 1
    assert Counter((use.sentence, use.sense) for use in uses) == expected
    assert len(uses) > 400
    banks = {use.sense: (use.right, use.wrong) for use in uses if use.sense.startswith("bank/")}
    assert banks["bank/river"] == (("岸",), ("銀行",))
    assert banks["bank/money"] == (("銀行",), ("岸",))
    palms = [use for use in uses if use.sense == "palm/harbour"]
    assert {use.right for use in palms} == {("ヤシ", "の", "木")}


def test_which_sentences_decide():
    assert could_be_told(["there", "was", "a", "bank", "."], "bank/river", "bank/money")
    assert not could_be_told(["she", "swam", "to", "the", "bank", "."], "bank/river", "bank/money")
    assert not could_be_told(["the", "bank", "was", "steep", "."], "bank/river", "bank/money")
    assert could_be_told(["the", "bulb", "was", "new", "."], "bulb/garden", "bulb/workshop")


def test_an_adjective_that_suits_one_thing_only_decides():
    """Harbour stories have hungry seals, but no hungry machines."""
    assert "hungry" in topic_words()["harbour"]
    words = ["the", "crane", "was", "hungry", "."]
    assert not could_be_told(words, "crane/river", "crane/harbour")


def test_some_sentences_decide_and_some_do_not(sentences, uses):
    share = sum(use.decided for use in uses) / len(uses)
    assert 0.7 < share < 0.9
    short = [use for use in uses if len(sentences[use.sentence].words) == 5]
    assert {use.decided for use in short} == {False, True}
