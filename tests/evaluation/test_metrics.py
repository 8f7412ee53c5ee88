import math

import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.evaluation.metrics import (
    Estimate,
    accuracy,
    bits_gap,
    bits_per_word,
    mean,
    perplexity,
    ranks,
    spearman,
)


def test_a_uniform_guess_over_v_tokens_has_perplexity_v():
    assert perplexity(torch.full((6,), math.log(50))) == pytest.approx(50, rel=1e-6)
    assert perplexity(torch.zeros(3)) == 1
    assert perplexity(torch.tensor([0.0, math.inf])) == math.inf


def test_perplexity_is_not_the_mean_of_perplexities():
    nll = torch.tensor([0.0, 0.0, math.log(16.0), 0.0])
    assert perplexity(nll) == pytest.approx(2)
    assert (perplexity(nll[:2]) + perplexity(nll[2:])) / 2 == pytest.approx(2.5)


def test_nothing_has_no_measure():
    for measure in (perplexity, bits_per_word, mean):
        with pytest.raises(ValueError, match="undefined"):
            measure(torch.zeros(0))


def test_bits_count_tokens_not_texts():
    texts = [torch.tensor([0.5, 0.5]).log(), torch.full((6,), 0.125).log()]
    assert bits_per_word(texts).value == pytest.approx((2 * 1 + 6 * 3) / 8)
    assert 2 ** bits_per_word(texts).value == pytest.approx(perplexity(-torch.cat(texts)))
    assert math.isnan(bits_per_word(texts[:1]).standard_error)
    assert bits_per_word([torch.tensor([-math.inf])] * 2).value == math.inf


def samples(n_samples: int, n_texts: int, seed: int) -> list[list[torch.Tensor]]:
    """Texts of unequal lengths, hard or easy as a whole, so their words are not independent."""
    rng = torch.Generator().manual_seed(seed)
    return [
        [
            -torch.rand(int(n), generator=rng) * (1 + 2 * torch.rand(1, generator=rng))
            for n in torch.randint(1, 20, (n_texts,), generator=rng)
        ]
        for _ in range(n_samples)
    ]


def test_the_standard_error_is_the_spread_over_repeated_samples():
    estimates = [bits_per_word(texts) for texts in samples(400, 50, 0)]
    spread = torch.tensor([e.value for e in estimates]).std().item()
    told = torch.tensor([e.standard_error for e in estimates]).mean().item()
    assert told == pytest.approx(spread, rel=0.12)  # sd of a sd from 400 samples: 3.5 %


def test_a_paired_gap_is_known_better_than_either_model():
    texts = samples(1, 200, 1)[0]
    rng = torch.Generator().manual_seed(2)
    worse = [text - 0.1 - 0.01 * torch.rand(len(text), generator=rng) for text in texts]
    gap = bits_gap(worse, texts)
    difference = bits_per_word(worse).value - bits_per_word(texts).value
    assert gap.value == pytest.approx(difference, abs=1e-6)
    assert 0 < gap.standard_error < 0.05 * bits_per_word(texts).standard_error
    assert bits_gap(texts, texts) == Estimate(0, 0)
    with pytest.raises(ValueError, match="same texts"):
        bits_gap(texts, texts[1:])


def test_accuracy_and_mean():
    assert accuracy(["N", "V", "N"], ["N", "N", "N"]) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="cannot compare 1 predictions with 2"):
        accuracy([1], [1, 2])
    with pytest.raises(ValueError, match="0 predictions"):
        accuracy([], [])
    hits = torch.tensor([1.0, 0, 1, 1])
    assert mean(hits).value == 0.75
    assert mean(hits).standard_error == pytest.approx(scipy.stats.sem(hits))
    assert str(mean(hits)) == "0.750 ± 0.250"


@given(st.lists(st.tuples(st.integers(-3, 3), st.floats(-5, 5)), min_size=2, max_size=30))
def test_spearman_equals_scipy_with_and_without_ties(pairs):
    x, y = zip(*pairs, strict=True)
    assert ranks(x).tolist() == scipy.stats.rankdata(x).tolist()
    if len(set(x)) > 1 and len(set(y)) > 1:
        expected = scipy.stats.spearmanr(x, y).statistic
        assert spearman(x, y) == pytest.approx(expected, abs=1e-9)
        assert spearman(x, [-v for v in y]) == pytest.approx(-expected, abs=1e-9)
    else:
        assert math.isnan(spearman(x, y))


def test_spearman_needs_two_pairs():
    for x, y in (([1], [1]), ([1, 2], [1, 2, 3])):
        with pytest.raises(ValueError, match="cannot correlate"):
            spearman(x, y)
