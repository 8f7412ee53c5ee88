"""Minimal pairs: the grammar is always right, and what a shorter memory knows is chance."""

from collections import Counter, defaultdict

import pytest

from course_lib.data import riverbank

N = 100
PAIRS = {name: riverbank.minimal_pairs(name, N, seed=3) for name in riverbank.PHENOMENA}
LONGER = [name for name in riverbank.PHENOMENA if riverbank.REACH[name] != "one word"]


def accuracy(pairs, score) -> float:
    """How often right scores higher; a tie counts half."""
    gaps = [score(p.context, p.right) - score(p.context, p.wrong) for p in pairs]
    return sum((gap > 0) + 0.5 * (gap == 0) for gap in gaps) / len(gaps)


def counts(n: int) -> Counter[tuple[str, ...]]:
    """How often n words stand in a row in the training split."""
    return Counter(
        words[i : i + n]
        for story in riverbank.load("train")
        for words in [("<s>", *story.words)]
        for i in range(len(words) - n + 1)
    )


@pytest.mark.parametrize("name", riverbank.PHENOMENA)
def test_the_true_grammar_is_always_right(name):
    for pair in PAIRS[name]:
        chances = riverbank.next_word(pair.context)
        assert chances.get(pair.right, 0.0) > chances.get(pair.wrong, 0.0), pair


@pytest.mark.parametrize("name", riverbank.PHENOMENA)
def test_counting_words_is_chance(name):
    unigrams = counts(1)
    assert accuracy(PAIRS[name], lambda _context, word: unigrams[word,]) == 0.5
    roles = Counter()
    for pair in PAIRS[name]:
        roles[pair.right] += 1
        roles[pair.wrong] -= 1
    assert set(roles.values()) == {0}


@pytest.mark.parametrize("name", LONGER)
def test_counting_pairs_of_words_is_chance_where_the_reach_is_longer(name):
    bigrams = counts(2)
    assert accuracy(PAIRS[name], lambda context, word: bigrams[context[-1], word]) == 0.5


def test_one_word_back_is_enough_for_the_shortest_reach():
    bigrams = counts(2)
    for name in set(riverbank.PHENOMENA) - set(LONGER):
        assert accuracy(PAIRS[name], lambda context, word: bigrams[context[-1], word]) > 0.9


def test_counting_three_words_does_not_tell_a_sense():
    trigrams = counts(3)
    score = lambda context, word: trigrams[(*context[-2:], word)]  # noqa: E731
    assert accuracy(PAIRS["sense"], score) == 0.5


def test_twins_swap_their_roles():
    for pairs in PAIRS.values():
        for one, other in zip(pairs[::2], pairs[1::2], strict=True):
            assert (one.right, one.wrong) == (other.wrong, other.right)


def test_there_are_enough_phenomena_of_different_reach():
    assert len(riverbank.PHENOMENA) >= 8
    assert set(riverbank.REACH) == set(riverbank.PHENOMENA)
    assert len(set(riverbank.REACH.values())) >= 4


def test_the_nearer_noun_is_as_often_misleading():
    """Across a clause, agreeing with the last word but one that has a number is no help."""
    by_last = defaultdict(Counter)
    for pair in PAIRS["agreement_across"]:
        by_last[pair.context[-1]][pair.right] += 1
    assert all(numbers["was"] == numbers["were"] for numbers in by_last.values())
    assert len(by_last) > 5


def test_what_the_phenomena_are_about():
    for pair in PAIRS["name"]:
        assert pair.right in pair.context
        assert pair.wrong not in pair.context
    for pair in PAIRS["object"]:
        assert pair.right in pair.context
        assert pair.context[-1] != "a"
    days = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
    for pair in PAIRS["day"]:
        assert days & set(pair.context) == {pair.right}
        assert pair.wrong in days
        assert pair.context[-1] == "after"
    for pair in PAIRS["negation"]:
        negated = pair.context[-2:] == ("did", "not")
        assert negated == (riverbank.next_word(pair.context).get(pair.wrong, 0) == 0 and negated)
    assert {p.context[-1] == "not" for p in PAIRS["negation"]} == {True, False}


def test_pairs_depend_on_the_seed_alone():
    one, again, other = (riverbank.minimal_pairs("pronoun", 10, seed) for seed in (1, 1, 2))
    assert one == again != other
    assert riverbank.minimal_pairs("pronoun", 0, seed=1) == []


def test_wrong_arguments():
    with pytest.raises(ValueError, match="no phenomenon 'speling'"):
        riverbank.minimal_pairs("speling", 2, seed=1)
    with pytest.raises(ValueError, match="must be even"):
        riverbank.minimal_pairs("pronoun", 3, seed=1)
