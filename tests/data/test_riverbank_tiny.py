"""A tiny Riverbank that can be told completely, and what happens when its lexicon is spoilt."""

import itertools
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_lib.data.riverbank import weights
from course_lib.data.riverbank.choosers import every_story
from course_lib.data.riverbank.language import Language
from course_lib.data.riverbank.lexicon import FOLDER, read_lexicon
from course_lib.errors import CourseError

TINY = Path(__file__).parent / "tiny_riverbank"


def tiny_lexicon(folder: Path) -> Path:
    """A copy of the tiny lexicon, with the real list of closed words, to read or to spoil."""
    shutil.copytree(TINY, folder / "lexicon")
    shutil.copy(FOLDER / "words.txt", folder / "lexicon")
    return folder / "lexicon"


def tiny_language(folder: Path, patch: pytest.MonkeyPatch, short: bool) -> Language:
    """Two people, two topics. `short`: an opening and an ending, however they may be told.

    Otherwise one sentence of any kind stands between them, but only few openings are told.
    """
    patch.setattr(weights, "CLOSE", (0.0, 1.0) if short else (0.0, 0.0, 1.0))
    if not short:
        patch.setattr(weights, "FRONT", {})
        patch.setattr(weights, "AND", 1.0)
        patch.setattr(weights, "RELATION", 1.0)
        patch.setitem(weights.FIXED, "date", {".": 1.0})
        patch.setitem(weights.FIXED, "relation", {"friend": 1.0})
    return Language(read_lexicon(tiny_lexicon(folder)))


def first_stories(
    tiny: Language, topic: str, n: int | None = None
) -> Iterator[tuple[tuple[str, ...], float]]:
    """The first `n` stories of a topic, or all, with their log-probabilities."""
    return itertools.islice(every_story(lambda choose: tiny.tell(topic, choose)), n)


def test_a_small_grammar_told_completely_sums_to_one(tmp_path, monkeypatch):
    tiny = tiny_language(tmp_path, monkeypatch, short=False)
    stories = dict(first_stories(tiny, "river"))
    assert len(stories) > 25_000
    assert math.fsum(map(math.exp, stories.values())) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("topic", ["river", "money"])
def test_no_story_of_a_topic_can_be_told_in_two_ways(tmp_path, monkeypatch, topic):
    tiny = tiny_language(tmp_path, monkeypatch, short=True)
    told = [words for words, _p in first_stories(tiny, topic)]
    assert len(told) == len(set(told)) > 1000


def test_the_topic_is_summed_out(tmp_path, monkeypatch):
    """Both tiny topics can tell these stories, with different probabilities after the opening."""
    tiny = tiny_language(tmp_path, monkeypatch, short=False)
    heads = {
        t: itertools.islice(every_story(lambda c, t=t: tiny.tell(t, c)), 3000) for t in tiny.topics
    }
    river, money = (dict(heads[topic]) for topic in ("river", "money"))
    shared = [words for words in river if words in money]
    assert len(shared) > 100
    for words in shared[::10]:
        expected = math.log((math.exp(river[words]) + math.exp(money[words])) / 2)
        assert sum(tiny.log_probs(words[:-1])) == pytest.approx(expected, abs=1e-9)


SPOILT = [  # file, what stands there, what stands there instead, what the error says
    ("topics/river.txt", "| steep", "| mouldy", "adjective mouldy"),
    ("topics/river.txt", "along the bank", "along the shore", "word shore"),
    ("topics/river.txt", "| 岸 | つ", "| 岸", "cells"),
    ("people.txt", "| f |", "| x |", "nina needs f or m"),
    ("common.txt", "lost/lose {object}", "mislaid {object}", "word mislaid"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), SPOILT)
def test_a_mistake_in_the_lexicon_is_named_with_its_file(tmp_path, file, old, new, message):
    path = tiny_lexicon(tmp_path) / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CourseError, match=message) as error:
        read_lexicon(path.parents[file.count("/")])
    assert path.name in str(error.value)
    assert "\n" not in str(error.value)


def test_actions_that_the_next_word_cannot_tell_apart_are_refused(tmp_path):
    folder = tiny_lexicon(tmp_path)
    with (folder / "topics/river.txt").open("a", encoding="utf-8") as file:
        file.write("1 | any | walked/walk along the bank | 岸 を 歩く\n")
    with pytest.raises(ValueError, match="nothing tells these phrases apart: walked along"):
        list(first_stories(Language(read_lexicon(folder)), "river", 5000))


def test_a_lexicon_that_is_not_there(tmp_path):
    with pytest.raises(CourseError, match="cannot read"):
        read_lexicon(tmp_path / "nowhere")
