"""The formulas for one text against trying every path."""

import itertools
import math

import pytest
import torch
from torch import Tensor

from course_lib.models.hmm_inference import backward, forward, pair_posterior, posterior, viterbi

T, Z = 4, 3


def random_scores(seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Any numbers will do: nothing here needs them to be normalised."""
    generator = torch.Generator().manual_seed(seed)
    shapes = [(Z,), (Z, Z), (T, Z)]
    return tuple(torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes)


def every_path(start: Tensor, trans: Tensor, emit: Tensor) -> dict[tuple[int, ...], float]:
    """The score of each of the Z^T paths, added up step by step."""
    scores = {}
    for path in itertools.product(range(Z), repeat=len(emit)):
        moves = sum(float(trans[a, b]) for a, b in itertools.pairwise(path))
        words = sum(float(emit[t, s]) for t, s in enumerate(path))
        scores[path] = float(start[path[0]]) + moves + words
    return scores


@pytest.mark.parametrize("seed", range(20))
def test_forward_and_backward_match_trying_every_path(seed: int):
    start, trans, emit = random_scores(seed)
    for t, z in itertools.product(range(T), range(Z)):
        until = every_path(start, trans, emit[: t + 1])
        expected = sum(math.exp(s) for path, s in until.items() if path[-1] == z)
        assert float(forward(start, trans, emit)[t, z].exp()) == pytest.approx(expected)
        after = every_path(trans[z], trans, emit[t + 1 :]) if t < T - 1 else {(): 0.0}
        expected = sum(math.exp(s) for s in after.values())
        assert float(backward(trans, emit)[t, z].exp()) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(20))
def test_posteriors_and_viterbi_match_trying_every_path(seed: int):
    scores = every_path(*random_scores(seed))
    total = sum(math.exp(s) for s in scores.values())
    gamma, xi = posterior(*random_scores(seed)), pair_posterior(*random_scores(seed))
    for t, a, b in itertools.product(range(T - 1), range(Z), range(Z)):
        here = sum(math.exp(s) for p, s in scores.items() if p[t] == a) / total
        both = sum(math.exp(s) for p, s in scores.items() if p[t : t + 2] == (a, b)) / total
        assert float(gamma[t, a]) == pytest.approx(here)
        assert float(xi[t, a, b]) == pytest.approx(both)
    assert viterbi(*random_scores(seed)) == list(max(scores, key=scores.get))


def test_forward_times_backward_is_the_likelihood_at_every_step():
    start, trans, emit = random_scores(0)
    totals = (forward(start, trans, emit) + backward(trans, emit)).logsumexp(1)
    torch.testing.assert_close(totals, totals[-1].expand(T))


def test_one_word_and_no_word():
    start, trans, emit = random_scores(1)
    torch.testing.assert_close(forward(start, trans, emit[:1])[0], start + emit[0])
    torch.testing.assert_close(posterior(start, trans, emit[:1])[0], (start + emit[0]).softmax(0))
    assert viterbi(start, trans, emit[:1]) == [int((start + emit[0]).argmax())]
    assert pair_posterior(start, trans, emit[:1]).shape == (0, Z, Z)
    assert viterbi(start, trans, emit[:0]) == []
    assert forward(start, trans, emit[:0]).shape == (0, Z)


def test_an_impossible_text_has_likelihood_zero_and_no_nan():
    start, trans, emit = random_scores(2)
    emit[1] = -torch.inf
    assert float(forward(start, trans, emit)[-1].logsumexp(0)) == -math.inf
    assert posterior(start, trans, emit).tolist() == [[0.0] * Z] * T
    assert float(pair_posterior(start, trans, emit).abs().sum()) == 0
    assert len(viterbi(start, trans, emit)) == T
