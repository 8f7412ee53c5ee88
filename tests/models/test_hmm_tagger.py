"""The tagger: its probabilities, its search, what it learns from little text and from real text."""

import itertools
import os

import pytest
import torch
from torch import Tensor

from course_lib.data import corpora
from course_lib.errors import CourseError
from course_lib.models.hmm_batched import batches
from course_lib.models.tagger import (
    Tagger,
    best_tags,
    count_trigrams,
    deleted_interpolation,
    tag_probabilities,
)
from course_lib.models.tagger_words import WordModel, looks_of

TEXTS = [
    ["the", "dog", "runs"],
    ["a", "cat", "sleeps"],
    ["dogs", "run"],
    ["the", "cat", "saw", "a", "dog"],
]
TAGS = [
    ["DET", "NOUN", "VERB"],
    ["DET", "NOUN", "VERB"],
    ["NOUN", "VERB"],
    ["DET", "NOUN", "VERB", "DET", "NOUN"],
]


def path_score(log_trans: Tensor, log_emit: Tensor, path: tuple[int, ...]) -> float:
    """Two edges, the tags, an edge: the sum of all steps and all words."""
    edge = log_emit.size(1)
    whole = (edge, edge, *path, edge)
    steps = sum(float(log_trans[whole[i : i + 3]]) for i in range(len(whole) - 2))
    return steps + sum(float(log_emit[t, tag]) for t, tag in enumerate(path))


@pytest.mark.parametrize("seed", range(20))
def test_search_matches_trying_every_path(seed: int):
    """Texts of unequal lengths; row i of log_emit belongs to the i-th word of all."""
    generator = torch.Generator().manual_seed(seed)
    log_trans = torch.randn(4, 4, 4, generator=generator, dtype=torch.float64)
    log_emit = torch.randn(13, 3, generator=generator, dtype=torch.float64)
    texts = list(torch.arange(13).split([4, 1, 5, 3]))
    [batch] = batches(texts)
    for place, found in batch.split(best_tags(log_trans, log_emit, batch)):
        emit = log_emit[texts[place]]
        every = itertools.product(range(3), repeat=len(emit))
        expected = max(every, key=lambda path: path_score(log_trans, emit, path))
        assert tuple(found.tolist()) == expected


def test_trigrams_are_counted_with_the_edges():
    counts = count_trigrams([[0, 1, 0], [1], []], n_tags=2)
    seen = {(2, 2, 0): 1, (2, 0, 1): 1, (0, 1, 0): 1, (1, 0, 2): 1}
    seen |= {(2, 2, 1): 1, (2, 1, 2): 1, (2, 2, 2): 1}
    assert {tuple(where.tolist()): int(counts[tuple(where)]) for where in counts.nonzero()} == seen


def test_deleted_interpolation_by_the_published_loop():
    """Brants (2000), figure 1, written as there: one trigram at a time."""
    generator = torch.Generator().manual_seed(0)
    counts = torch.randint(0, 5, (4, 4, 4), generator=generator).double()
    two, one = counts.sum(0), counts.sum((0, 1))
    votes = [1.0, 1.0, 1.0]
    for u, v, w in itertools.product(range(4), repeat=3):
        parts = [
            (one[w], one.sum()),
            (two[v, w], two[v].sum()),
            (counts[u, v, w], counts[u, v].sum()),
        ]
        left = [float((part - 1) / (whole - 1)) if whole > 1 else 0.0 for part, whole in parts]
        votes[left.index(max(left))] += float(counts[u, v, w])
    expected = torch.tensor(votes, dtype=torch.float64) / sum(votes)
    torch.testing.assert_close(deleted_interpolation(counts), expected)


def test_tag_probabilities_sum_to_one_and_a_strong_law_shows():
    """Tags 0 1 0 1 ...: the next follows from the last, in histories seen and never seen."""
    p = tag_probabilities(count_trigrams([[0, 1] * n for n in range(1, 30)], n_tags=3))
    torch.testing.assert_close(p.sum(2), torch.ones(4, 4).double())
    assert float(p[1, 0, 1]) > 0.9
    assert float(p[2, 0, 1]) > 0.9  # 2 was never a tag
    assert float(p[0, 0, 1]) > float(p[0, 0, 0])


def test_word_probabilities_sum_to_one_and_the_word_itself_counts_most():
    model = WordModel(2, weight=1.0)
    model.fit([["cats", "run"]] * 50, [[0, 1]] * 50)
    for word, first in itertools.product(
        ["cats", "run", "bats", "", "日本", "3.14", "X"], [True, False]
    ):
        p = model.probabilities(word, first)
        assert float(p.sum()) == pytest.approx(1)
        assert bool((p > 0).all())
    assert float(model.probabilities("cats", True)[0]) > 0.97


def test_one_step_of_the_word_model_on_paper():
    """One word "ab", seen 3 times with tag 0 and frequent: only its two spellings are counted."""
    model = WordModel(2, weight=5.0, rare=2)
    model.fit([["ab"]] * 3, [[0]] * 3)
    prior = 3.5 / 4
    lower = (3 + 5 * prior) / 8
    assert float(model.probabilities("ab", True)[0]) == pytest.approx((3 + 5 * lower) / 8)
    assert float(model.probabilities("zb", True)[0]) == pytest.approx(prior)  # endings untaught
    score = model.log_emit("zb", True)
    torch.testing.assert_close(score, torch.zeros(2).double())  # no evidence, no preference


def test_unknown_words_are_judged_by_their_longest_known_ending():
    words = [["walking", "talking", "nation", "station", "ming"]]
    model = WordModel(2)
    model.fit(words, [[0, 0, 1, 1, 1]])
    assert float(model.probabilities("stalking", False)[0]) > 0.7
    assert float(model.probabilities("ration", False)[1]) > 0.7


@pytest.mark.parametrize(
    ("word", "first", "case", "shape"),
    [
        ("McDonald's-2006", False, "Word", "XxXx'x-0"),
        ("The", True, "First", "Xx"),
        ("the", True, "word", "x"),
        ("USA", True, "WORD", "X"),
        ("I", False, "Word", "X"),
        ("$3.50", False, "word", "$0.0"),
        ("Éa", False, "Word", "Xx"),
    ],
)
def test_looks_of_a_word(word: str, first: bool, case: str, shape: str):
    views = looks_of(word, first)
    assert views[:2] == [("case", case), ("shape", case, shape)]
    assert views[-1] == ("end", case, word[-8:].lower())
    assert len(views) == 2 + min(8, len(word))


def test_a_little_text_teaches_the_order_of_tags_and_new_words_fit_in():
    tagger = Tagger()
    tagger.fit(TEXTS * 5, TAGS * 5)
    assert tagger.tag(TEXTS) == TAGS
    # "zug" was never seen; its neighbours decide.
    assert tagger.tag([["the", "zug", "sleeps"], [], ["cat"]])[0] == ["DET", "NOUN", "VERB"]
    assert [len(t) for t in tagger.tag([["the", "zug"], [], ["cat"]])] == [2, 0, 1]


def test_company_changes_nothing():
    tagger = Tagger()
    tagger.fit(TEXTS, TAGS)
    texts = [text[:n] for n in (3, 1, 0, 2) for text in TEXTS] * 60  # more than one batch
    assert tagger.tag(texts) == [tags for text in texts for tags in tagger.tag([text])]


def test_only_the_first_word_is_looked_up_as_first():
    class ByPosition:
        def log_emit(self, word: str, first: bool) -> Tensor:
            return torch.tensor([50.0, 0.0] if first else [0.0, 50.0]).double()

    tagger = Tagger()
    tagger.fit([["x", "y"]], [["A", "B"]])
    tagger.words = ByPosition()
    assert tagger.tag([["x", "x", "x"], ["x"]]) == [["A", "B", "B"], ["A"]]


def test_nothing_to_learn_and_wrong_arguments():
    with pytest.raises(CourseError, match="no tagged word to learn from"):
        Tagger().fit([[], []], [[], []])
    with pytest.raises(ValueError, match="same lengths"):
        Tagger().fit([["a", "b"]], [["X"]])
    with pytest.raises(ValueError, match="learnt nothing"):
        Tagger().tag([["a"]])
    tagger = Tagger()
    tagger.fit([["a"]], [["X"]])
    assert tagger.tag([["b", "a"], []]) == [["X", "X"], []]
    assert tagger.tag([]) == []


@pytest.mark.parametrize(
    ("name", "least"), [("ud_english_ewt", 0.925), ("ud_japanese_gsd_ne", 0.925)]
)
def test_real_text_is_tagged_well(name: str, least: float):
    """Measured 93.3 % (English) and 93.4 % (Japanese) of the test words; the goal was 92 %."""
    home = os.environ.get("COURSE_DATA_HOME")
    files = corpora.data_set(name).files
    if not home or not all((corpora.data_home() / file.file).exists() for file in files):
        pytest.skip(f"COURSE_DATA_HOME is not set, or lacks {name}")
    parts = corpora.tagging(name)
    tagger = Tagger()
    tagger.fit([s.words for s in parts.train], [s.tags for s in parts.train])
    found = tagger.tag([s.words for s in parts.test])
    pairs = [
        (mine, true)
        for tags, sentence in zip(found, parts.test, strict=True)
        for mine, true in zip(tags, sentence.tags, strict=True)
    ]
    assert sum(mine == true for mine, true in pairs) / len(pairs) >= least
