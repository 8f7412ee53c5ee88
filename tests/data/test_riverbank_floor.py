"""The floor of Riverbank agrees with estimates made in other ways."""

import math

import pytest

from course_lib.data import riverbank
from course_lib.data.riverbank.floor import measure_floor


class Coin:
    """A language of known entropy: after every word, both words are equally likely."""

    def log_probs(self, words):
        return [math.log(0.5)] * (len(words) + 1)


class Dice:
    """The first word costs 3 bits, every other one."""

    def log_probs(self, words):
        return [math.log(1 / 8)] + [math.log(0.5)] * len(words)


def test_a_known_entropy():
    floor = measure_floor(Coin(), [("a",), ("a", "b", "a")])
    assert floor.bits_per_word == pytest.approx(1)
    assert floor.standard_error == pytest.approx(0)
    assert floor.n_words == 6


def test_bits_are_divided_by_all_words_and_vary_with_the_story():
    floor = measure_floor(Dice(), [("a",), ("a", "b", "a")])
    assert floor.bits_per_word == pytest.approx((4 + 6) / 6)
    # residuals 4 - 2 * 5/3 and 6 - 4 * 5/3, that is 2/3 and -2/3; n / (n - 1) = 2
    assert floor.standard_error == pytest.approx(math.sqrt(2 * (4 / 9 + 4 / 9)) / 6)


def test_the_floor_is_the_mean_entropy_of_the_next_word():
    """An independent estimate: at every place the whole distribution, not the word that came."""
    stories = riverbank.sample(60, seed=11)
    bits = [
        -sum(p * math.log2(p) for p in riverbank.next_word(story.words[:place]).values())
        for story in stories
        for place in range(len(story.words) + 1)
    ]
    entropy = sum(bits) / len(bits)
    measured = riverbank.floor(riverbank.sample(1000, seed=12))
    spread = riverbank.floor(stories).standard_error
    assert abs(entropy - measured.bits_per_word) < 4 * (spread + measured.standard_error)
    assert 0.5 < entropy < 3


def test_two_samples_agree_within_their_standard_errors():
    a, b = (riverbank.floor(riverbank.sample(600, seed)) for seed in (21, 22))
    gap = abs(a.bits_per_word - b.bits_per_word)
    assert gap < 4 * math.hypot(a.standard_error, b.standard_error)
    assert 0 < a.standard_error < 0.02


def test_the_open_language_is_less_sure_of_ordinary_stories():
    stories = riverbank.sample(200, seed=13)
    assert (
        riverbank.floor(stories, unseen=True).bits_per_word > riverbank.floor(stories).bits_per_word
    )


def test_one_story_is_too_few():
    with pytest.raises(ValueError, match="at least two"):
        riverbank.floor(riverbank.sample(1, seed=1))
