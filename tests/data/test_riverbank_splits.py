"""The shipped stories: what is in them, and that they are what the grammar writes."""

import json
import math
import shutil
from collections import Counter

import pytest

from course_lib.data import manifest, riverbank
from course_lib.data.riverbank import splits
from course_lib.data.riverbank.build import DATA, build, check
from course_lib.data.riverbank.language import language
from course_lib.errors import CourseError

SPLITS = {split: riverbank.load(split) for split in splits.SIZES}


def test_sizes():
    assert {split: len(stories) for split, stories in SPLITS.items()} == splits.SIZES
    n_words = sum(len(story.words) + 1 for story in SPLITS["train"])
    assert 290_000 < n_words < 350_000
    assert 600 <= len(riverbank.vocabulary()) <= 1500


def test_no_file_is_large():
    assert max(file.stat().st_size for file in (DATA / "riverbank").rglob("*.txt")) < 2_000_000


def test_no_story_is_in_two_splits():
    every = [story.words for stories in SPLITS.values() for story in stories]
    assert len(set(every)) == len(every)


def test_every_word_of_the_vocabulary_is_in_the_training_split_and_no_other():
    counts = Counter(word for story in SPLITS["train"] for word in story.words)
    assert set(counts) == set(riverbank.vocabulary())
    assert riverbank.vocabulary() == sorted(set(riverbank.vocabulary()))


def test_held_out_stories_use_the_vocabulary():
    known = set(riverbank.vocabulary())
    for split in ("dev", "test", "unseen"):
        assert all(known.issuperset(story.words) for story in SPLITS[split])


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_the_closed_language_tells_every_ordinary_story(split):
    for story in SPLITS[split][:200]:
        assert math.isfinite(sum(riverbank.log_probs(story.words)))
        assert story.sentences[0].words == story.words[: story.words.index(".") + 1]


def test_the_open_language_alone_tells_the_unseen_stories():
    for story in SPLITS["unseen"]:
        assert riverbank.log_probs(story.words)[-1] == -math.inf
        assert math.isfinite(sum(riverbank.log_probs(story.words, unseen=True)))


def test_an_unseen_story_differs_by_a_combination_and_not_by_a_word():
    """Somewhere in it two words meet that no story of the training split brings together."""
    spoken = language()
    for story in SPLITS["unseen"][:100]:
        place = riverbank.log_probs(story.words).index(-math.inf)
        assert (
            story.words[place] in spoken.scenes[story.topic].nouns
            or any(
                story.words[place] == adjective.word
                for noun in spoken.scenes[story.topic].topic.nouns
                for adjective in noun.adjectives
            )
            or story.words[place] in ("a", "an")
        )


def test_topics_are_equally_common():
    counts = Counter(story.topic for story in SPLITS["train"])
    n, p = len(SPLITS["train"]), 1 / len(language().topics)
    assert len(counts) == len(language().topics) >= 10
    assert all(abs(c - n * p) < 5 * math.sqrt(n * p * (1 - p)) for c in counts.values())


def test_an_unknown_split():
    with pytest.raises(ValueError, match="no split 'training'"):
        riverbank.load("training")


def test_a_line_without_topic(tmp_path):
    (tmp_path / "dev.txt").write_text("river\tnina rested .\nnina rested .\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"dev\.txt: line 2 has no topic"):
        splits.load("dev", tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    build(folder)
    return folder


def test_build_writes_the_shipped_bytes(built):
    for split in splits.SIZES:
        ours, theirs = (f / "riverbank" / f"{split}.txt" for f in (built, DATA))
        assert ours.read_bytes() == theirs.read_bytes()
    shipped, fresh = manifest.read(DATA), manifest.read(built)
    assert {name: shipped[name] for name in fresh} == fresh
    manifest.verify(DATA)


def small(patch: pytest.MonkeyPatch, folder) -> None:
    """Build tiny splits, so that a check is quick."""
    patch.setattr(splits, "SIZES", {"train": 30, "dev": 5, "test": 5, "unseen": 5})
    build(folder)


def test_check_accepts_what_build_wrote(tmp_path, monkeypatch):
    small(monkeypatch, tmp_path)
    check(tmp_path)


def test_check_names_an_altered_file(tmp_path, monkeypatch):
    small(monkeypatch, tmp_path)
    path = tmp_path / "riverbank" / "dev.txt"
    path.write_bytes(path.read_bytes().replace(b".", b",", 1))
    with pytest.raises(CourseError, match=r"missing or altered: riverbank/dev\.txt"):
        check(tmp_path)
    manifest.record(tmp_path, [path])  # even where the manifest was altered with it
    with pytest.raises(CourseError, match=r"not what the grammar writes: riverbank/dev\.txt"):
        check(tmp_path)
    path.unlink()
    with pytest.raises(CourseError, match=r"missing or altered: riverbank/dev\.txt"):
        check(tmp_path)


def test_the_manifest_keeps_other_entries(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"abc")
    (tmp_path / "b.bin").write_bytes(b"")
    manifest.record(tmp_path, [tmp_path / "b.bin"])
    manifest.record(tmp_path, [tmp_path / "a.bin"])
    entries = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert list(entries) == ["a.bin", "b.bin"]
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2
    assert entries["a.bin"] == {"bytes": 3, "sha256": known}


def test_a_manifest_that_is_no_json(tmp_path):
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="line 1 is not JSON"):
        manifest.verify(tmp_path)
    shutil.rmtree(tmp_path)
    with pytest.raises(CourseError, match="cannot read"):
        manifest.verify(tmp_path)
