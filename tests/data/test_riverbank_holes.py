"""The best possible guess for a hole: against trying every word, and every story there is."""

import itertools
import math
from collections import defaultdict

import pytest

from course_lib.data import riverbank
from course_lib.data.riverbank import holes

from .test_riverbank_tiny import first_stories, tiny_language


@pytest.mark.parametrize("number", range(3))
def test_a_hole_against_every_word_of_the_vocabulary(number):
    """Where the last sentence begins: whether the story may end after it counts as well."""
    story = riverbank.sample(3, seed=5)[number]
    place = len(story.words) - len(story.sentences[-1].words)
    logs = {}
    for word in riverbank.vocabulary():
        log_probs = riverbank.log_probs((*story.words[:place], word, *story.words[place + 1 :]))
        logs[word] = math.fsum(log_probs)
    total = math.fsum(math.exp(log) for log in logs.values())
    expected = {word: math.exp(log) / total for word, log in logs.items() if log > -math.inf}
    assert holes.fill(story.words, place) == pytest.approx(expected)


def test_holes_against_a_complete_list_of_the_stories(tmp_path, monkeypatch):
    """All stories that differ at one place only, with their share: nothing of the grammar used."""
    tiny = tiny_language(tmp_path, monkeypatch, short=True)
    monkeypatch.setattr(holes, "language", lambda unseen: tiny)
    chances = defaultdict(float)
    for topic in tiny.topics:
        for words, log_prob in first_stories(tiny, topic):
            chances[words[:-1]] += math.exp(log_prob) / len(tiny.topics)
    some = itertools.islice(chances, 0, None, len(chances) // 20)
    for words, place in itertools.product(some, (0, 5)):
        alike = defaultdict(float)
        for other, p in chances.items():
            if (other[:place], other[place + 1 :]) == (words[:place], words[place + 1 :]):
                alike[other[place]] += p
        total = sum(alike.values())
        expected = {word: p / total for word, p in alike.items()}
        assert holes.fill(words, place) == pytest.approx(expected)


def test_a_guess_sums_to_one_and_never_looks_into_the_hole():
    for story in riverbank.sample(20, seed=6):
        for place in (0, len(story.words) // 2, len(story.words) - 1):
            guess = holes.fill(story.words, place)
            assert math.fsum(guess.values()) == pytest.approx(1)
            assert list(guess.values()) == sorted(guess.values(), reverse=True)
            spoilt = (*story.words[:place], "?", *story.words[place + 1 :])
            assert holes.fill(spoilt, place) == guess


def test_a_name_that_comes_back_is_known_where_it_first_stood():
    n_seen = 0
    for story in riverbank.sample(30, seed=7):
        tags = [tag for sentence in story.sentences for tag in sentence.tags]
        place = tags.index("PROPN")
        name = story.words[place]
        left_only = riverbank.next_word(story.words[:place])
        if name in story.words[place + 1 :]:
            assert holes.fill(story.words, place)[name] > 3 * left_only[name]
            n_seen += 1
    assert n_seen > 10


def test_the_floor_is_the_mean_of_its_holes_and_below_the_floor_from_the_left():
    stories = riverbank.sample(150, seed=8)
    floor, places = holes.hole_floor(stories, seed=1), holes.one_hole_each(stories, seed=1)
    bits = holes.hole_bits(stories, places)
    mean = math.fsum(bits) / 150
    variance = math.fsum((bit - mean) ** 2 for bit in bits) / 149
    assert floor.bits_per_hole == pytest.approx(mean)
    assert floor.standard_error == pytest.approx(math.sqrt(variance / 150))
    assert floor.n_holes == 150
    assert 0 < mean < riverbank.floor(stories).bits_per_word


def test_bits_are_minus_the_logarithm_to_base_two():
    story = riverbank.sample(1, seed=9)[0]
    place = story.words.index(story.sentences[1].words[0])
    chance = holes.fill(story.words, place)[story.words[place]]
    assert holes.hole_bits([story], [place])[0] == pytest.approx(-math.log(chance) / math.log(2))


def test_one_hole_each_is_seeded_and_reaches_every_place():
    stories = riverbank.sample(1, seed=10) * 2000
    places = holes.one_hole_each(stories, seed=3)
    assert places == holes.one_hole_each(stories, seed=3) != holes.one_hole_each(stories, seed=4)
    assert set(places) == set(range(len(stories[0].words)))


def test_a_hole_that_is_not_there_and_words_no_story_has():
    story = riverbank.sample(1, seed=11)[0]
    with pytest.raises(ValueError, match="no place"):
        holes.fill(story.words, len(story.words))
    with pytest.raises(ValueError, match="no place"):
        holes.fill(story.words, -1)
    with pytest.raises(ValueError, match="no word fits"):
        holes.fill((*story.words[:3], "?", "?"), 3)
    with pytest.raises(ValueError, match="two stories"):
        holes.hole_floor([story], seed=1)
