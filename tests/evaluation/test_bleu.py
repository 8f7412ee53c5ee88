"""BLEU and chrF: against sacrebleu, by values known in advance, and by laws."""

import math
import random

import pytest
import sacrebleu

from course_lib.evaluation.bleu import (
    BLEU_SIGNATURE,
    CHRF_SIGNATURE,
    bleu,
    brevity_penalty,
    chrf,
)


def corrupted(seed, n_sentences=30):
    """Random sentences, and copies with words dropped, repeated, exchanged and moved."""
    rng = random.Random(seed)
    words = [f"w{i}" for i in range(12)] + ["猫", "が", "。", "(", "%"]
    references = [rng.choices(words, k=rng.randint(1, 15)) for _ in range(n_sentences)]
    translations = []
    for reference in references:
        row = [w for w in reference if rng.random() > 0.15]
        row = [rng.choice(words) if rng.random() < 0.1 else w for w in row]
        translations.append(row + row[: rng.randint(0, 3)])
    return translations, references


@pytest.mark.parametrize("seed", range(6))
def test_bleu_equals_sacrebleu(seed):
    translations, references = corrupted(seed)
    lines = [[" ".join(row) for row in side] for side in (translations, references)]
    expected = sacrebleu.corpus_bleu(lines[0], [lines[1]], tokenize="none", force=True).score
    assert bleu(translations, references) == pytest.approx(expected, abs=1e-9)
    assert 20 < expected < 90
    short = [row[: len(row) // 2 + 1] for row in translations]  # the brevity penalty at work
    lines = [[" ".join(row) for row in side] for side in (short, references)]
    expected = sacrebleu.corpus_bleu(lines[0], [lines[1]], tokenize="none", force=True).score
    assert bleu(short, references) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_chrf_equals_sacrebleu(seed):
    translations, references = corrupted(seed)
    lines = [[" ".join(row) for row in side] for side in (translations, references)]
    expected = sacrebleu.corpus_chrf(lines[0], [lines[1]]).score
    assert chrf(*lines) == pytest.approx(expected, abs=1e-9)


def test_signatures_are_sacrebleus_own():
    """And the score of a metric with that signature is ours."""
    translations, references = corrupted(0)
    lines = [[" ".join(row) for row in side] for side in (translations, references)]
    metric = sacrebleu.BLEU(tokenize="none", smooth_method="none", force=True)
    assert metric.corpus_score(lines[0], [lines[1]]).score == pytest.approx(bleu(*corrupted(0)))
    characters = sacrebleu.CHRF()
    assert characters.corpus_score(lines[0], [lines[1]]).score == pytest.approx(chrf(*lines))
    for signature, one in ((BLEU_SIGNATURE, metric), (CHRF_SIGNATURE, characters)):
        assert str(one.get_signature()).rpartition("|version")[0] == signature


def test_chrf_of_very_short_texts_equals_sacrebleu():
    translations, references = ["ab", "", "c d"], ["ba", "a", "cd"]
    expected = sacrebleu.corpus_chrf(translations, [references]).score
    assert chrf(translations, references) == pytest.approx(expected, abs=1e-9)


def test_values_known_in_advance():
    """The paper's clipping: of seven "the", two are right. And half of a text: exp(1 - 2)."""
    reference = ["the", "cat", "is", "on", "the", "mat"]
    assert bleu([["the"] * 7], [reference], max_n=1) == pytest.approx(100 * 2 / 7)
    assert bleu([reference[:3]], [reference], max_n=3) == pytest.approx(100 * math.exp(-1))
    assert brevity_penalty(12, 10) == 1.0
    assert bleu([reference], [reference]) == pytest.approx(100)
    assert chrf(["今日は"], ["今日は"]) == pytest.approx(100)


def test_counts_are_added_before_they_are_divided():
    """One right token of 1 and none of 3: a quarter, not the mean of 1 and 0."""
    assert bleu([["a"], ["x", "y", "z"]], [["a"], ["b", "c", "d"]], max_n=1) == pytest.approx(25)


def test_nothing_shared_is_zero():
    assert bleu([["a", "b", "c", "d"]], [["e", "f", "g", "h"]]) == 0
    assert bleu([[]], [["a"]]) == 0
    assert chrf(["ab"], ["cd"]) == 0
    assert chrf([""], ["cd"]) == 0


@pytest.mark.parametrize("score", [bleu, chrf])
@pytest.mark.parametrize("wrong", [([], []), (["a"], ["a", "b"])])
def test_lists_must_match(score, wrong):
    with pytest.raises(ValueError, match="translations for"):
        score(*wrong)
