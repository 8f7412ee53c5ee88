"""Similarity, headlines, consecutive sentences, prompts, annotations: laws and values by hand."""

import statistics
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from scipy.stats import spearmanr

from course_lib.data import riverbank
from course_lib.data.riverbank import tasks
from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.facts import Fact, facts, stated
from course_lib.data.riverbank.tasks.similarity import score_of

STORIES = riverbank.sample(500, seed=71) + riverbank.sample(100, seed=72, unseen=True)


def fact(sentence: str, topic: str = "river", place: str = "the river") -> Fact:
    words = f"nina and max met at {place} . {sentence} finally they went home ."
    return stated(Story(topic, tuple(words.split())).sentences[1].meaning, 1, None)[0]


MONEY = {"topic": "money", "place": "the market"}


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        (fact("nina caught a frog ."), fact("nina caught a frog ."), 5.0),
        (fact("nina caught a frog ."), fact("max caught a frog ."), 3.8),  # 5 x 3 / 4
        (fact("nina caught a frog ."), fact("they caught a frog ."), 4.4),  # 5 x 3.5 / 4
        (fact("nina caught a frog ."), fact("nina did not catch a frog ."), 1.5),
        (fact("nina caught a frog ."), fact("nina rented a canoe ."), 1.2),  # 5 x 1 / 4
        (fact("nina caught a frog ."), fact("nina caught a green frog ."), 4.8),  # 5 x 3.8 / 4
        (fact("the bank was muddy ."), fact("the bank was steep ."), 1.7),  # 5 x 1 / 3
        (fact("the bank that max liked was muddy ."), fact("the bank was muddy ."), 3.8),
        (fact("the bank was muddy ."), fact("the bank was closed .", **MONEY), 0.0),
        (fact("the bank was muddy ."), fact("max rented a canoe ."), 0.0),
    ],
)
def test_scores_by_hand(one: Fact, other: Fact, score: float):
    assert score_of(one, other) == pytest.approx(score, abs=0.051)
    assert score_of(other, one) == score_of(one, other)


def test_a_day_counts_where_one_is_told():
    one = fact("nina caught a frog .")
    monday, tuesday = (replace(one, day=day) for day in whole_lexicon().days[:2])
    assert score_of(monday, monday) == 5.0
    assert score_of(monday, tuesday) == score_of(monday, one) == 4.4  # 5 x 4 / 4.5


def test_scores_are_symmetric_and_five_is_for_the_same():
    found = [fact for story in STORIES[:60] for fact in facts(story)]
    for one, other in zip(found, found[11:], strict=False):
        assert score_of(one, other) == score_of(other, one)
        assert 0 <= score_of(one, other) <= score_of(one, one) == 5


@pytest.fixture(scope="module")
def similar() -> list[tasks.Similar]:
    return tasks.similarity(STORIES, seed=0)


def test_all_scores_are_equally_common(similar: list[tasks.Similar]):
    counts = Counter(min(int(pair.score), 4) for pair in similar)
    assert len(similar) > 300
    assert len(counts) == 5
    assert len(set(counts.values())) == 1


def test_shared_words_do_not_give_the_score_away(similar: list[tasks.Similar]):
    overlap = [
        len({*pair.first} & {*pair.second}) / len({*pair.first} | {*pair.second})
        for pair in similar
    ]
    scores = [pair.score for pair in similar]
    assert spearmanr(overlap, scores)[0] < 0.6
    far = [o for o, score in zip(overlap, scores, strict=True) if score < 2]
    near = [o for o, score in zip(overlap, scores, strict=True) if score > 4]
    assert max(far) > 0.7  # alike in words, not in meaning
    assert min(near) < 0.5  # and the reverse


HEADLINES = {
    "river": (
        "nina and max met at the river . max rented a canoe . "
        "they swam across the river to get to the other bank . finally they went home .",
        "nina and max swim across river",
        "ニーナとマックス、向こうの岸へ行くために川を泳いで渡る",
    ),
    "garden": (
        "nina met max at rose park . max did not clean the pots . nina watered the plants . "
        "finally they went home .",
        "nina waters plants at rose park",
        "ニーナ、ローズ公園で植物に水をやる",
    ),
    "kitchen": (
        "nina and max met at the bakery . the mouse was grey . nina brought an apron . "
        "finally nina gave the apron to max .",
        "nina gives apron to max",
        "ニーナ、エプロンをマックスにあげる",
    ),
    "night": (
        "nina and max met at the cave . the light was dim . finally they went home .",
        "nina and max meet at cave",
        "ニーナとマックス、洞窟で会う",
    ),
}


@pytest.mark.parametrize("topic", HEADLINES)
def test_headlines_by_hand(topic: str):
    text, english, japanese = HEADLINES[topic]
    (made,) = tasks.headlines([Story(topic, tuple(text.split()))])
    assert " ".join(made.headline) == english
    assert "".join(made.japanese) == japanese


def test_headlines_are_short_and_tell_of_the_storys_people():
    for story, made in zip(STORIES, tasks.headlines(STORIES), strict=True):
        assert 4 <= len(made.headline) <= 8
        assert {"the", "a", "an"}.isdisjoint(made.headline)
        assert made.passage == story.words
        assert made.headline[0] in story.words


@pytest.fixture(scope="module")
def following() -> list[tasks.Consecutive]:
    return tasks.consecutive(STORIES, seed=0)


def test_half_come_next_and_every_sentence_comes_once_each_way(
    following: list[tasks.Consecutive],
):
    assert len(following) > 1000
    right = Counter(pair.second for pair in following if pair.is_next)
    wrong = Counter(pair.second for pair in following if not pair.is_next)
    assert right == wrong
    assert Counter(p.before for p in following if p.is_next) == Counter(
        p.before for p in following if not p.is_next
    )


def test_the_grammar_tells_what_comes_next(following: list[tasks.Consecutive]):
    for pair in following[:400]:
        assert pair.before[-len(pair.first) :] == pair.first
        log_probs = riverbank.log_probs((*pair.before, *pair.second), unseen=True)
        assert (log_probs[-2] > float("-inf")) == pair.is_next


def test_annotations_are_those_of_the_stories():
    some = STORIES[:50]
    sentences = [sentence for story in some for sentence in story.sentences]
    pairs, tagged = tasks.translations(some), tasks.tagged(some)
    assert [pair.english for pair in pairs] == [sentence.words for sentence in sentences]
    assert [pair.japanese for pair in pairs] == [sentence.japanese for sentence in sentences]
    for one, sentence in zip(tagged, sentences, strict=True):
        assert one.words == sentence.words
        assert (one.tags, one.entities, one.senses) == (
            sentence.tags,
            sentence.entities,
            sentence.senses,
        )
    assert [(d.words, d.topic) for d in tasks.documents(some)] == [(s.words, s.topic) for s in some]


def test_senses_name_their_word_and_the_storys_topic():
    found = tasks.senses(STORIES)
    topics = {story.words: story.topic for story in STORIES}
    assert len({one.sense for one in found}) >= 24
    for one in found:
        lemma, topic = one.sense.split("/")
        assert one.word == one.words[one.place]
        assert one.word[:2] == lemma[:2] or {one.word, lemma} == {"mice", "mouse"}
        assert topics[tuple(one.words)] == topic


@pytest.mark.parametrize("kind", tasks.KINDS)
def test_prompts_end_where_the_answer_begins(kind: str):
    made = tasks.prompts(kind, STORIES[:60], seed=0)
    known = set(tasks.vocabulary())
    assert len(made) > 10
    assert made == tasks.prompts(kind, STORIES[:60], seed=0)
    for prompt in made:
        assert prompt.words[-1] == ":"
        assert prompt.answer
        assert not prompt.choices or prompt.answer[0] in prompt.choices
        assert known >= set(prompt.words)
        assert kind == "translation" or known >= set(prompt.answer)
        assert not any("{" in word for word in prompt.words)
    assert len({prompt.words[:1] for prompt in made}) > 1  # more than one wording


def test_prompts_hold_what_the_task_holds():
    answers = [prompt.label for prompt in tasks.prompts("entailment", STORIES[:60], seed=3)]
    pairs = tasks.entailment(STORIES[:60], seed=3)
    assert answers == [pair.label for pair in pairs]
    for prompt, pair in zip(tasks.prompts("entailment", STORIES[:60], 3), pairs, strict=True):
        assert pair.hypothesis.text.rstrip(".").lower() in prompt.words.text.lower()
        assert prompt.choices.index(prompt.answer[0]) == tasks.LABELS.index(pair.label)


def test_no_prompts_of_an_unknown_kind():
    with pytest.raises(ValueError, match="no prompts for 'poems'"):
        tasks.prompts("poems", STORIES, seed=0)


@pytest.mark.parametrize("name", ["similarity", "consecutive"])
def test_the_same_seed_makes_the_same(name: str):
    make = getattr(tasks, name)
    again = [make(STORIES[:60], seed) for seed in (0, 0, 1)]
    assert again[0] == again[1] != again[2]


def test_tasks_are_not_imported_with_riverbank():
    code = (
        "import sys; from course_lib.data import riverbank as r;"
        "n = 'course_lib.data.riverbank.tasks'; assert n not in sys.modules;"
        "assert r.tasks.questions and n in sys.modules; assert not hasattr(r, 'task')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_headlines_vary():
    lengths = [len(made.headline) for made in tasks.headlines(STORIES)]
    assert statistics.pstdev(lengths) > 0.5
