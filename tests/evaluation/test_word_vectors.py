import math

import pytest
import torch
from gensim.models import KeyedVectors
from scipy.stats import spearmanr

from course_lib.data.corpora import Analogy, ScoredPair
from course_lib.evaluation.word_vectors import (
    AnalogyScore,
    all_sections,
    analogy_scores,
    similarity_score,
)
from course_lib.models.word_vectors import WordVectors

WORDS = [f"w{i}" for i in range(40)]


@pytest.fixture
def vectors():
    return WordVectors(WORDS, torch.randn(40, 3, generator=torch.Generator().manual_seed(0)))


def random_words(n, rng_seed):
    draws = torch.randint(0, 40, (n, 4), generator=torch.Generator().manual_seed(rng_seed))
    return [[WORDS[i] for i in row] for row in draws.tolist()]


def test_spearman_on_the_known_pairs_equals_scipys(vectors):
    pairs = [ScoredPair(a, b, float(i % 7)) for i, (a, b, *_) in enumerate(random_words(50, 1))]
    unknown = [ScoredPair("w1", "boat", 3.0), ScoredPair("boat", "w1", 9.0)]
    score = similarity_score(vectors, [*unknown, *pairs])
    cosines = [vectors.similarity(pair.first, pair.second) for pair in pairs]
    expected = spearmanr([pair.score for pair in pairs], cosines).statistic
    assert score.spearman == pytest.approx(expected, abs=1e-6)
    assert (score.n_known, score.n_pairs) == (50, 52)


def test_capitals_are_tried_as_written_first():
    vectors = WordVectors(["turkey", "Turkey", "goose"], torch.tensor([[1.0, 0], [0, 1], [1, 0]]))
    pairs = [ScoredPair("Turkey", "Goose", 0.0), ScoredPair("turkey", "GOOSE", 10.0)]
    assert similarity_score(vectors, pairs).spearman == pytest.approx(1)


@pytest.mark.parametrize("pairs", [[], [ScoredPair("w1", "w2", 1.0)], [ScoredPair("x", "y", 1.0)]])
def test_too_few_pairs_have_no_correlation(vectors, pairs):
    score = similarity_score(vectors, pairs)
    assert math.isnan(score.spearman)
    assert score.n_pairs == len(pairs)


def test_analogies_equal_gensims_and_single_answers(vectors, tmp_path):
    sections = {"one": random_words(700, 2), "two": random_words(31, 3)}
    sections["two"].append(["w1", "w2", "boat", "w3"])
    path = tmp_path / "questions.txt"
    path.write_text(
        "".join(
            f": {name}\n" + "".join(f"{' '.join(words)}\n" for words in questions)
            for name, questions in sections.items()
        )
    )
    peer = KeyedVectors(3)
    peer.add_vectors(vectors.words, vectors.matrix.numpy())
    _, theirs = peer.evaluate_word_analogies(path)
    scores = analogy_scores(
        vectors, {name: [Analogy(*q) for q in rows] for name, rows in sections.items()}
    )
    for section in theirs[:2]:
        ours = scores[section["section"]]
        assert ours.n_right == len(section["correct"])
        assert ours.n_known == len(section["correct"]) + len(section["incorrect"])
    assert scores["one"].n_right > 0
    one_by_one = [vectors.analogy(a, b, c)[0][0] == d for a, b, c, d in sections["one"]]
    assert scores["one"].n_right == sum(one_by_one)
    assert scores["two"] == AnalogyScore(scores["two"].n_right, 31, 32)
    assert all_sections(scores.values()).n_questions == 732


def test_totals_count_questions_not_sections():
    total = all_sections([AnalogyScore(1, 1, 5), AnalogyScore(0, 3, 3)])
    assert total == AnalogyScore(1, 4, 8)
    assert total.accuracy == 0.25
    assert math.isnan(AnalogyScore(0, 0, 3).accuracy)


def test_no_known_question(vectors):
    assert analogy_scores(vectors, {"s": [Analogy("a", "b", "c", "d")], "t": []}) == {
        "s": AnalogyScore(0, 0, 1),
        "t": AnalogyScore(0, 0, 0),
    }
