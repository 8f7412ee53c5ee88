"""Entailment: labels that a person would give, laws of logic, and nothing given away."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from course_lib.data import riverbank
from course_lib.data.riverbank import tasks
from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.english import statement
from course_lib.data.riverbank.tasks.facts import Fact, stated
from course_lib.data.riverbank.tasks.logic import judge
from course_lib.data.riverbank.tasks.premises import premise

OPENING = {
    "river": "nina and max met at the river .",
    "kitchen": "nina and max met at the bakery .",
    "money": "nina and max met at the market .",
}
BY_HAND = """
river | max caught a green frog . | max caught a frog . | entailment
river | max caught a frog . | max caught a green frog . | neutral
river | max did not catch a frog . | max did not catch a green frog . | entailment
river | max did not catch a green frog . | max did not catch a frog . | neutral
river | max did not catch a frog . | max caught a green frog . | contradiction
river | max did not catch a green frog . | max caught a frog . | neutral
river | max caught a frog . | max did not catch a frog . | contradiction
river | max caught a frog . | nina caught a frog . | neutral
river | max caught a frog . | max caught a crab . | neutral
river | they caught a frog . | nina caught a frog . | entailment
river | nina caught a frog . | they caught a frog . | neutral
river | they did not drink from the spring . | nina did not drink from the spring . | entailment
river | nina did not drink from the spring . | they did not drink from the spring . | neutral
river | nina did not drink from the spring . | they drank from the spring . | contradiction
river | nina caught two crabs . | nina caught some crabs . | entailment
river | nina caught some crabs . | nina caught two crabs . | neutral
river | there were two canoes . | there were three canoes . | contradiction
river | there were two canoes near the bridge . | there were two canoes . | entailment
river | there were two canoes . | there were two canoes near the bridge . | neutral
river | there was an old bridge . | the bridge was old . | entailment
river | the crane was very beautiful . | the crane was beautiful . | entailment
river | the crane was beautiful . | the crane was very beautiful . | neutral
river | the bridge was not old . | the bridge was old . | contradiction
river | the bridge was old . | the bridge was narrow . | neutral
river | the crane was white . | the crane was hungry . | neutral
river | the duck was brown . | the ducks were brown . | neutral
river | the canoes near the bridge were wooden . | the canoes were wooden . | entailment
river | the canoes near the bridge were wooden . | the bridge was wooden . | neutral
river | the bridge that nina liked was narrow . | nina liked the bridge . | entailment
river | the boatmen who helped nina were tired . | the boatmen helped nina . | entailment
river | nina said that the bridge was dangerous . | the bridge was dangerous . | neutral
river | they were happy because the crane was beautiful . | the crane was beautiful . | entailment
river | nina drank from the spring , but max did not . | max drank from the spring . | contradiction
kitchen | nina shared a small cake with max . | nina shared a cake with max . | entailment
money | the light was red . | the light was green . | contradiction
money | the light was red . | the light was not green . | entailment
money | the light was red . | the light was broken . | neutral
money | the light was not red . | the light was green . | neutral
money | the shop was small . | the fountain was big . | neutral
"""


def story(topic: str, sentence: str) -> Story:
    words = f"{OPENING[topic]} {sentence} finally they went home ."
    return Story(topic, tuple(words.split()))


def claim_of(topic: str, sentence: str) -> Fact:
    return stated(story(topic, sentence).sentences[1].meaning, 1, None)[0]


def table() -> list[list[str]]:
    return [[cell.strip() for cell in row.split("|")] for row in BY_HAND.strip().split("\n")]


@pytest.mark.parametrize(("topic", "said", "claimed", "label"), table())
def test_labels_by_hand(topic: str, said: str, claimed: str, label: str):
    known = stated(story(topic, said).sentences[1].meaning, 1, None)
    assert judge(known, claim_of(topic, claimed)) == label


def day(name: str):
    return next(d for d in whole_lexicon().days if d.word == name)


@pytest.mark.parametrize(
    ("said", "claimed", "label"),
    [
        ("monday", "monday", "entailment"),
        ("monday", None, "entailment"),
        ("monday", "friday", "contradiction"),
        (None, "friday", "neutral"),
    ],
)
def test_days(said: str | None, claimed: str | None, label: str):
    fact = claim_of("river", "max caught a frog .")
    known = [replace(fact, day=said and day(said))]
    assert judge(known, replace(fact, day=claimed and day(claimed))) == label


def opening_facts(sentence: str) -> list[Fact]:
    words = tuple(f"{sentence} the bridge was old . finally they went home .".split())
    return stated(Story("river", words).sentences[0].meaning, 0, None)


@pytest.mark.parametrize(
    ("said", "claimed", "label"),
    [
        ("nina met max at the river .", "max met nina at the river .", "entailment"),
        ("nina waited for max at the river .", "max waited for nina at the river .", "neutral"),
        ("nina met max at the river .", "nina met max at the old mill .", "contradiction"),
    ],
)
def test_openings(said: str, claimed: str, label: str):
    assert judge(opening_facts(said), opening_facts(claimed)[0]) == label


def test_what_is_given_cannot_be_got():
    words = (
        "nina and max met at the river . nina brought a rope . finally nina gave the rope to max ."
    )
    (gave,) = stated(Story("river", tuple(words.split())).sentences[2].meaning, 2, None)
    back = replace(
        gave.clause,
        subject=gave.clause.roles["other"],
        roles=gave.clause.roles | {"other": gave.clause.subject},
    )
    assert judge([gave], replace(gave, clause=back)) == "contradiction"


STORIES = riverbank.sample(120, seed=51)
PREMISES = [premise(story, n) for story in STORIES for n in range(len(story.sentences))]
FACTS = [fact for said in PREMISES if said for fact in said[1]]


@pytest.mark.parametrize(
    ("second", "number", "words"),
    [
        ("max caught a frog .", 2, 5),
        ("she caught a frog .", 2, 13),  # after the first sentence, which has eight words
        ("they caught a frog .", 2, 13),
    ],
)
def test_a_premise_says_who_is_meant(second: str, number: int, words: int):
    text = f"{OPENING['river']} nina drank from the spring . {second} finally they went home ."
    said = premise(Story("river", tuple(text.split())), number)
    assert said is not None
    assert len(said[0]) == words


def test_a_premise_that_leaves_open_who_is_meant_is_none():
    text = (
        "nina and anna met at the river . anna drank from the spring . she caught a frog . "
        "finally they went home ."
    )
    two_women = Story("river", tuple(text.split()))
    assert premise(two_women, 2) is None
    assert premise(two_women, 3) is not None


def test_every_fact_entails_itself_and_contradicts_its_denial():
    for fact in FACTS:
        alone = len(getattr(fact.clause.subject, "members", "1")) == 1
        assert judge([fact], fact) == "entailment"
        denied = replace(fact, clause=replace(fact.clause, negated=not fact.clause.negated))
        exists = fact.clause.action is None and fact.clause.adjective is None
        if not exists and (alone or not fact.clause.negated):
            assert judge([fact], denied) == "contradiction", " ".join(statement(fact.clause))


def test_facts_of_different_events_say_nothing_of_each_other():
    for one, other in zip(FACTS, FACTS[37:], strict=False):
        a, b = one.clause.action, other.clause.action
        if a and b and a.verb.base != b.verb.base:
            assert judge([one], other) == "neutral"


@pytest.fixture(scope="module")
def pairs() -> list[tasks.Pair]:
    return tasks.entailment(riverbank.sample(1000, seed=52), seed=0)


def test_as_many_of_each_label(pairs: list[tasks.Pair]):
    counts = Counter(pair.label for pair in pairs)
    assert len(pairs) > 700
    assert set(counts) == set(tasks.LABELS)
    assert len(set(counts.values())) == 1


@pytest.mark.parametrize(
    "alike",
    [lambda words: words[0] == "on", lambda words: "did" in words],
    ids=["on monday ...", "... did not ..."],
)
def test_as_many_of_each_label_among_those_that_look_alike(
    pairs: list[tasks.Pair], alike: Callable[[tuple[str, ...]], bool]
):
    counts = Counter(pair.label for pair in pairs if alike(pair.hypothesis))
    assert sum(counts.values()) > 20
    assert len(set(counts.values())) == 1


def test_no_pair_comes_twice(pairs: list[tasks.Pair]):
    assert len({(pair.premise, pair.hypothesis) for pair in pairs}) == len(pairs)


def test_every_hypothesis_says_something_else(pairs: list[tasks.Pair]):
    assert all(pair.premise != pair.hypothesis for pair in pairs)
    assert all(pair.hypothesis.count(".") == 1 for pair in pairs)
    words = set(tasks.vocabulary())
    assert all(words >= {*pair.premise, *pair.hypothesis} for pair in pairs)


def test_the_order_of_events_swaps_the_label(pairs: list[tasks.Pair]):
    by_text: dict[tuple[str, ...], str] = {}
    for pair in pairs:
        if pair.kind == "order" and pair.label != "neutral":
            by_text[(*pair.premise, *pair.hypothesis)] = pair.label
    swapped = {"before": "after", "after": "before"}
    for pair in pairs:
        if pair.kind == "order" and pair.label != "neutral":
            other = (*pair.premise, swapped[pair.hypothesis[0]], *pair.hypothesis[1:])
            assert by_text.get(other) != pair.label


def accuracy(pairs: list[tasks.Pair], see: Callable[[tasks.Pair], str]) -> float:
    model = make_pipeline(
        CountVectorizer(token_pattern=r"\S+"), LogisticRegression(C=0.1, max_iter=300)
    )
    labels = [pair.label for pair in pairs]
    return float(cross_val_score(model, list(map(see, pairs)), labels, cv=3).mean())


def test_the_hypothesis_alone_does_not_give_the_label_away(pairs: list[tasks.Pair]):
    assert accuracy(pairs, lambda pair: " ".join(pair.hypothesis)) < 0.42


def test_the_overlap_of_the_words_does_not_give_the_label_away(pairs: list[tasks.Pair]):
    seen = []
    for pair in pairs:
        said, claimed = set(pair.premise), set(pair.hypothesis)
        share = len(said & claimed) / len(claimed)
        seen.append([len(said & claimed), len(claimed - said), share, len(claimed)])
    labels = [pair.label for pair in pairs]
    scores = cross_val_score(LogisticRegression(max_iter=2000), np.array(seen), labels, cv=3)
    assert scores.mean() < 0.42


def test_the_same_seed_makes_the_same_pairs():
    again = [tasks.entailment(STORIES[:60], seed) for seed in (0, 0, 1)]
    assert again[0] == again[1] != again[2]
