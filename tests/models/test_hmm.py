"""The model class against trying every path, the laws of probability, and texts it wrote itself."""

import itertools
import math

import pytest
import torch
from torch import Tensor

from course_lib.models.hmm import HMM
from course_lib.models.hmm_learning import Parameters

from .hmm_examples import random_hmm, random_textbook, random_texts, rng

LENGTHS = (4, 1, 3, 0, 4, 2)  # unequal, one of them empty, not sorted


def path_scores(p: Parameters, ids: Tensor) -> dict[tuple[int, ...], float]:
    """p(text, path) of every path, multiplied out step by step: Z^T products."""
    start, trans, emit, end, _empty = (table.exp().tolist() for table in p)
    words = ids.tolist()
    scores = {}
    for path in itertools.product(range(len(start)), repeat=len(words)):
        score = start[path[0]] * end[path[-1]]
        for a, b in itertools.pairwise(path):
            score *= trans[a][b]
        for state, word in zip(path, words, strict=True):
            score *= emit[state][word]
        scores[path] = score
    return scores


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("make", [random_textbook, random_hmm])
def test_likelihood_path_and_posterior_match_trying_every_path(make, seed: int):
    model = make(3, 9, seed)
    texts = random_texts(LENGTHS, 4, 9, seed)
    likelihoods, paths = model.log_likelihood(texts).exp(), model.viterbi(texts)
    for text, likelihood, path, posterior in zip(
        texts, likelihoods, paths, model.posterior(texts), strict=True
    ):
        if len(text) == 0:
            assert float(likelihood) == pytest.approx(float(model.params.log_empty.exp()))
            assert len(path) == len(posterior) == 0
            continue
        scores = path_scores(model.params, text)
        total = sum(scores.values())
        assert float(likelihood) == pytest.approx(total, rel=1e-9)
        assert tuple(path.tolist()) == max(scores, key=scores.get)
        for t, z in itertools.product(range(len(text)), range(3)):
            share = sum(score for p, score in scores.items() if p[t] == z) / total
            assert float(posterior[t, z]) == pytest.approx(share, abs=1e-9)


def test_all_texts_together_have_probability_one():
    """Σ over texts of up to 7 words, plus what the model itself gives to longer ones."""
    model = random_hmm(2, 6, seed=3)
    texts = [
        torch.tensor(words, dtype=torch.long)
        for length in range(8)
        for words in itertools.product([1, 4, 5], repeat=length)
    ]
    p = model.params
    longer = p.log_start.exp() @ torch.linalg.matrix_power(p.log_trans.exp(), 7)  # an 8th word
    total = model.log_likelihood(texts).exp().sum() + longer.sum()
    assert float(total) == pytest.approx(1, abs=1e-12)
    assert float(longer.sum()) < 0.9  # so the sum over texts is tested in earnest


@pytest.mark.parametrize("seed", range(5))
def test_log_probs_and_next_logits_agree_and_sum_to_one(seed: int):
    model = random_hmm(3, 8, seed)
    texts = random_texts((5, 5, 5), 4, 8, seed)
    rows = torch.cat([torch.full((3, 1), 2), torch.stack(texts)], dim=1)  # <s> first
    log_probs = model.log_probs(texts)
    for t in range(6):
        logits = model.next_logits(rows[:, : t + 1])
        torch.testing.assert_close(logits.exp().sum(1), torch.ones(3).double())
        assert bool((logits[:, [0, 2]] == -math.inf).all())
        following = rows[:, t + 1] if t < 5 else torch.full((3,), 3)  # </s> last
        expected = torch.stack([scores[t] for scores in log_probs])
        torch.testing.assert_close(logits.gather(1, following[:, None])[:, 0], expected)


def test_log_probs_sum_to_the_log_likelihood():
    model, texts = random_hmm(4, 9, seed=1), random_texts(LENGTHS, 4, 9, seed=1)
    log_probs = model.log_probs(texts)
    assert [len(scores) for scores in log_probs] == [length + 1 for length in LENGTHS]
    assert all(scores.dtype == torch.float64 for scores in log_probs)
    torch.testing.assert_close(
        torch.stack([s.sum() for s in log_probs]), model.log_likelihood(texts)
    )


def test_after_the_end_only_the_end_follows():
    model = random_hmm(3, 8, seed=0)
    logits = model.next_logits(torch.tensor([[2, 5, 3], [2, 5, 6]]))
    assert logits[0].exp().tolist() == [0, 0, 0, 1, 0, 0, 0, 0]
    torch.testing.assert_close(logits[1:], model.next_logits(torch.tensor([[2, 5, 6]])))


@pytest.mark.parametrize("make", [random_textbook, random_hmm])
def test_company_and_order_change_nothing(make):
    """A text scores alone as it does among texts of other lengths, in many small batches or one."""
    model = make(4, 12, 5)
    lengths = tuple(int(n) for n in torch.randint(0, 40, (900,), generator=rng(5)))
    texts = random_texts(lengths, 4, 12, seed=5)  # more than one batch
    log_likelihood, paths, posteriors = (
        model.log_likelihood(texts),
        model.viterbi(texts),
        model.posterior(texts),
    )
    for i in range(0, 900, 97):
        torch.testing.assert_close(model.log_likelihood([texts[i]])[0], log_likelihood[i])
        assert model.viterbi([texts[i]])[0].tolist() == paths[i].tolist()
        torch.testing.assert_close(model.posterior([texts[i]])[0], posteriors[i])
    torch.testing.assert_close(model.log_likelihood(texts[::-1]), log_likelihood.flip(0))


def test_renaming_the_states_renames_the_results():
    model, texts = random_hmm(4, 9, seed=2), random_texts((7, 2, 5), 4, 9, seed=2)
    new, old, p = HMM(4, 9), torch.tensor([2, 0, 3, 1]), model.params  # new state i is old[i]
    new.params = p._replace(
        log_start=p.log_start[old],
        log_trans=p.log_trans[old][:, old],
        log_emit=p.log_emit[old],
        log_end=p.log_end[old],
    )
    torch.testing.assert_close(new.log_likelihood(texts), model.log_likelihood(texts))
    for mine, its in zip(new.viterbi(texts), model.viterbi(texts), strict=True):
        assert old[mine].tolist() == its.tolist()
    for mine, its in zip(new.posterior(texts), model.posterior(texts), strict=True):
        torch.testing.assert_close(mine, its[:, old])


def test_sampled_texts_have_the_models_frequencies():
    """First states, next states, words and ends of 20,000 texts, each within 5 standard errors."""
    model, n = random_hmm(3, 8, seed=4), 20_000
    texts, states = model.sample(n, rng(0))
    assert [len(t) for t in texts] == [len(s) for s in states]
    p = model.params
    lengths = torch.tensor([len(t) for t in texts])
    assert_share((lengths == 0).sum(), n, p.log_empty.exp())
    assert_share(sum(len(s) > 0 and int(s[0]) == 1 for s in states), n, p.log_start[1].exp())
    every = torch.cat(states)
    visits = (every == 2).sum()
    assert_share((torch.cat(texts)[every == 2] == 6).sum(), visits, p.log_emit[2, 6].exp())
    assert_share(sum(len(s) > 0 and int(s[-1]) == 2 for s in states), visits, p.log_end[2].exp())
    moves = sum(int(((s[:-1] == 2) & (s[1:] == 0)).sum()) for s in states)
    assert_share(moves, visits, p.log_trans[2, 0].exp())


def assert_share(count, n, p):
    n, p = float(n), float(p)
    assert float(count) / n == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / n))


def test_long_samples_of_the_endless_model_settle_at_the_stationary_distribution():
    model = random_textbook(3, 5, seed=1)
    texts, states = model.sample(400, rng(1), max_length=150)
    late_states = torch.stack(states)[:, 50:].flatten()  # 40,000, when the start is forgotten
    late_words = torch.stack(texts)[:, 50:].flatten()
    stationary = torch.linalg.matrix_power(model.params.log_trans.exp(), 200)[0]
    expected = stationary @ model.params.log_emit.exp()
    for found, law in ((late_states, stationary), (late_words, expected)):
        shares = found.bincount(minlength=len(law)) / len(found)
        torch.testing.assert_close(shares, law.float(), atol=0.02, rtol=0)


def test_sampling_is_cut_reproducible_and_may_be_empty():
    model = random_hmm(3, 8, seed=4)
    texts, states = model.sample(50, rng(7), max_length=3)
    assert max(len(t) for t in texts) == 3
    again, _states = model.sample(50, rng(7), max_length=3)
    assert [t.tolist() for t in texts] == [t.tolist() for t in again]
    assert all(int(t.min()) >= 1 and 2 not in t and 3 not in t for t in texts if len(t))
    assert all(bool((s < 3).all()) for s in states)
    assert model.sample(0, rng(0)) == ([], [])
    assert [len(t) for t in model.sample(2, rng(0), max_length=0)[0]] == [0, 0]
