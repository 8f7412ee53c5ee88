"""The grammar of Riverbank: its probabilities are exact."""

import math
import random
from collections import Counter
from collections.abc import Mapping

import pytest

from course_lib.data import riverbank
from course_lib.data.riverbank.choosers import Sampler
from course_lib.data.riverbank.language import language
from course_lib.data.riverbank.words import END, Token


class Recorder(Sampler):
    """A sampler that checks every choice it is given, and keeps the log-probability of its own."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.log_prob = 0.0

    def __call__(self, chances: Mapping[Token, float]) -> Token:
        assert sum(chances.values()) == pytest.approx(1, abs=1e-12)
        assert min(chances.values()) > 0
        assert all(isinstance(token, Token) for token in chances)
        token = super().__call__(chances)
        self.log_prob += math.log(chances[token])
        return token


@pytest.mark.parametrize("unseen", [False, True])
def test_every_choice_is_a_distribution_and_a_replay_knows_its_probability(unseen):
    spoken = language(unseen)
    for seed, topic in enumerate(spoken.topics * 20):
        recorder = Recorder(random.Random(seed))
        meanings = spoken.tell(topic, recorder)
        assert recorder.words[-1] == END
        log_probs, _chances = spoken.replay(topic, tuple(map(str, recorder.words)))
        assert sum(log_probs) == pytest.approx(recorder.log_prob, abs=1e-9)
        assert len(meanings) == recorder.words.count(".")
        assert 3 <= len(meanings) <= 8


def test_log_probs_are_those_of_the_next_word():
    for story in riverbank.sample(3, seed=5):
        log_probs = riverbank.log_probs(story.words)
        assert len(log_probs) == len(story.words) + 1
        for place, word in enumerate((*story.words, END)):
            chances = riverbank.next_word(story.words[:place])
            assert sum(chances.values()) == pytest.approx(1, abs=1e-9)
            assert math.log(chances[word]) == pytest.approx(log_probs[place], abs=1e-9)


def test_next_word_is_what_happens():
    """Frequencies in fresh stories agree with the probabilities, within 5 standard errors."""
    stories, n = riverbank.sample(4000, seed=6), 4000
    first = Counter(story.words[0] for story in stories)
    for word, p in riverbank.next_word(()).items():
        assert abs(first[word] - n * p) < 5 * math.sqrt(n * p * (1 - p))
    begun = [story.words for story in stories if story.words[:1] == ("on",)]
    days = Counter(words[1] for words in begun)
    assert days.keys() == riverbank.next_word(("on",)).keys()
    for day in days:
        assert abs(days[day] / len(begun) - 1 / 7) < 5 * math.sqrt(6 / 49 / len(begun))


BEGUN = "on monday nina and max went to"


def test_the_topic_is_known_once_the_place_is():
    chances = language().topic_probs(
        ["on", "monday", "nina", "and", "max", "went", "to", "the", "river", "."]
    )
    assert chances["river"] == pytest.approx(1)
    assert sum(chances.values()) == pytest.approx(1)
    chances = language().topic_probs(BEGUN.split())
    assert list(chances.values()) == pytest.approx([1 / 12] * 12)


def test_the_red_thread():
    """The same words cross to the other bank; only the topic says which."""
    for place, crossing in (
        ("the river", "swam across the river"),
        ("the market", "walked across the street"),
    ):
        opening = f"on monday nina and max met at {place} . nina {crossing} to get to the other"
        assert riverbank.next_word(opening.split()) == {"bank": 1.0}


def test_what_no_story_says_has_no_probability():
    text = "on monday nina and nina met at the river ."
    words = text.split()
    log_probs = riverbank.log_probs(words)
    assert all(math.isfinite(p) for p in log_probs[:4])
    assert set(log_probs[4:]) == {-math.inf}
    assert len(log_probs) == len(words) + 1
    with pytest.raises(ValueError, match="no story begins"):
        riverbank.next_word(words)
    with pytest.raises(ValueError, match="no story about river"):
        language().annotate("river", words)


def test_agreement_negation_and_names_are_rules():
    def follows(text: str) -> dict[str, float]:
        return riverbank.next_word(text.split())

    start = "on monday nina and max met at the river ."
    assert "was" in follows(f"{start} the bridge")
    assert "were" not in follows(f"{start} the bridge")
    assert follows(f"{start} the bridges that nina saw") == {"were": 1.0}
    assert follows(f"{start} the bridges near the canoe") == {"were": 1.0}
    assert "see" in follows(f"{start} nina did not")
    assert "saw" not in follows(f"{start} nina did not")
    assert follows(f"{start} nina enjoyed") == {"herself": 1.0}
    assert follows(f"{start} they enjoyed") == {"themselves": 1.0}
    people = {"nina", "max", "they", "she", "he", "emma"} & follows(
        f"{start} max walked along the bank ."
    ).keys()
    assert people == {"nina", "max", "they", "he"}


def test_samples_depend_on_the_seed_alone():
    assert riverbank.sample(5, seed=1) == riverbank.sample(5, seed=1)
    assert riverbank.sample(5, seed=1) != riverbank.sample(5, seed=2)
    assert riverbank.sample(0, seed=1) == []
    assert riverbank.sample(2, seed=1) == riverbank.sample(5, seed=1)[:2]


def test_reserved_combinations_are_told_by_the_open_language_alone():
    """If `repair` may not take an object in the closed language, the open one must tell it."""
    closed, opened = language(), language(unseen=True)
    fewer = 0
    for name, scene in closed.scenes.items():
        for action in scene.topic.actions:
            for slot in (piece for piece in action.english if hasattr(piece, "article")):
                if slot.article:
                    few = scene.members(slot.name, slot.verb)
                    many = opened.scenes[name].members(slot.name, slot.verb)
                    assert few
                    assert set(few) <= set(many)
                    fewer += len(many) - len(few)
    assert fewer > 5
