"""What is known about the sentences: tags, senses, entities, meaning, readable text."""

import re
from collections import defaultdict

import pytest

from course_lib.data import riverbank
from course_lib.data.riverbank.language import language
from course_lib.data.riverbank.meaning import Clause, People, Thing
from course_lib.data.riverbank.story import Story

UPOS = "ADJ ADP ADV AUX CCONJ DET NOUN NUM PART PRON PROPN PUNCT SCONJ VERB"
STORIES = riverbank.sample(1200, seed=31) + riverbank.sample(200, seed=32, unseen=True)
RIVER = """
on monday nina and her brother max met at willow bridge .
max did not swim across the river to get to the other bank .
nina brought a white feather .
the boatmen who helped the hiker were tired .
in the end , nina gave the white feather to him .
after monday came tuesday , and they rested all day .
"""


def river() -> Story:
    return Story("river", tuple(RIVER.split()))


def test_every_word_has_a_part_of_speech():
    for story in STORIES:
        assert sum((s.words for s in story.sentences), ()) == story.words
        for sentence in story.sentences:
            assert len(sentence.words) == len(sentence.tags) == len(sentence.senses)
            assert set(sentence.tags) <= set(UPOS.split())
            assert sentence.tags[-1] == "PUNCT"
            assert {"VERB", "AUX"} & set(sentence.tags)


def test_one_word_may_have_several_parts_of_speech():
    tags = defaultdict(set)
    for story in STORIES:
        for sentence in story.sentences:
            for word, tag in zip(sentence.words, sentence.tags, strict=True):
                tags[word].add(tag)
    assert tags["to"] == {"ADP", "PART"}
    assert tags["that"] == {"PRON", "SCONJ"}
    assert tags["was"] == {"AUX"}
    assert tags["nina"] == {"PROPN"}


def test_entities_are_well_formed():
    kinds = set()
    for story in STORIES:
        for sentence in story.sentences:
            before = "O"
            for word, tag in zip(sentence.words, sentence.entities, strict=True):
                if tag.startswith("I-"):
                    assert before[2:] == tag[2:], (word, sentence.words)
                elif tag != "O":
                    assert tag.startswith("B-")
                    kinds.add(tag[2:])
                before = tag
    assert kinds == {"PERSON", "PLACE", "ORG", "DATE"}


def test_a_story_known_by_heart():
    first, second, third, fourth, fifth, sixth = river().sentences
    assert first.entities == (
        *("O", "B-DATE", "B-PERSON", "O", "O", "O", "B-PERSON"),
        *("O", "O", "B-PLACE", "I-PLACE", "O"),
    )
    assert first.text == "On Monday Nina and her brother Max met at Willow Bridge."
    assert first.japanese_text == "月曜日に、ニーナと弟のマックスはウィロー橋で会いました。"
    assert second.senses == (None,) * 12 + ("bank/river", None)
    assert second.tags[7] == "PART"
    assert second.japanese_text == "マックスは向こうの岸へ行くために川を泳いで渡りませんでした。"
    assert third.japanese == (
        "ニーナ",
        "は",
        "白い",
        "羽根",
        "を",
        "持っ",
        "て",
        "来",
        "まし",
        "た",
        "。",
    )
    assert fourth.japanese_text == "ハイカーを助けた船頭は疲れていました。"
    assert fifth.japanese_text == "結局、ニーナは白い羽根を彼にあげました。"
    assert sixth.japanese_text == "一夜明けて火曜日になり、二人は一日中休みました。"


def test_meaning_says_who_did_what_to_whom():
    first, second, third, fourth, fifth, sixth = (s.meaning for s in river().sentences)
    assert isinstance(first.main.subject, People)
    assert first.main.subject.relation == "brother"
    assert [str(p.name) for p in first.main.subject.members] == ["nina", "max"]
    assert first.day
    assert first.day.word == "monday"
    assert second.main.negated
    assert second.main.action.verb.base == "swim"
    feather = third.main.roles["keep"]
    assert isinstance(feather, Thing)
    assert feather.noun.lemma == "feather"
    assert feather.adjective.word == "white"
    assert not feather.plural
    which = fourth.main.which
    assert isinstance(which, Clause)
    assert which.subject is fourth.main.subject
    assert which.roles["helped"].noun.lemma == "hiker"
    assert fourth.main.adjective.word == "tired"
    giver, receiver = fifth.main.subject, fifth.main.roles["other"]
    assert not giver.pronoun
    assert str(giver.members[0].name) == "nina"
    assert receiver.pronoun
    assert str(receiver.members[0].name) == "max"
    assert fifth.main.roles["object"].noun is feather.noun
    assert fifth.link == "in the end"
    assert sixth.next_day
    assert sixth.day.word == "tuesday"


def test_senses_go_with_the_topic_and_share_their_frames():
    senses, frames, japanese = defaultdict(set), defaultdict(set), {}
    for story in riverbank.sample(3000, seed=33):
        for sentence in story.sentences:
            for place, sense in enumerate(sentence.senses):
                if sense:
                    word, topic = sense.split("/")
                    assert topic == story.topic
                    senses[word].add(topic)
                    around = sentence.words[max(0, place - 2) : place]
                    frames[sense].add((around, sentence.words[place + 1]))
    for topic in language().world.lexicon.topics.values():
        for noun in topic.nouns:
            if noun.one and noun.one.sense:
                japanese[noun.one.sense] = noun.japanese
    assert len(senses) >= 12
    for word, topics in senses.items():
        assert len(topics) == 2, word
        one, other = (f"{word}/{topic}" for topic in topics)
        assert japanese[one] != japanese[other]
        common = frames[one] & frames[other]
        assert len(common) >= 4, (word, common)


def test_readable_text():
    for story in STORIES[:300]:
        assert not re.search(r" [.,]|  ", story.text)
        assert re.fullmatch(r"([A-Z][^.]*\. ?)+", story.text)
        again = re.findall(r"[a-z]+|[.,]", story.text.lower())
        assert tuple(again) == story.words


@pytest.mark.parametrize("text", ["a b .", "", "on monday"])
def test_a_story_the_grammar_does_not_know(text):
    with pytest.raises(ValueError, match="no story about river"):
        _ = Story("river", tuple(text.split())).sentences
