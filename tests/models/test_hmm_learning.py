"""Learning: equal to hmmlearn and the textbook, never downhill, and it finds what is there."""

import numpy as np
import pytest
import torch
from hmmlearn.hmm import CategoricalHMM
from torch import Tensor

from course_lib.models.hmm import HMM, TextbookHMM
from course_lib.models.hmm_batched import batch_counts, batches
from course_lib.models.hmm_file import hmm_from_tensors, hmm_tensors
from course_lib.models.hmm_learning import Counts, expected_counts, text_log_likelihood

LENGTHS = (7, 1, 12, 3, 7, 2, 25)


def rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_texts(lengths: tuple[int, ...], low: int, high: int, seed: int) -> list[Tensor]:
    generator = rng(seed)
    return [torch.randint(low, high, (length,), generator=generator) for length in lengths]


def in_hmmlearn(model: TextbookHMM, n_steps: int) -> CategoricalHMM:
    """The same parameters in hmmlearn, which will take `n_steps` of EM and never stop early."""
    theirs = CategoricalHMM(
        model.n_states, n_features=model.vocab_size, n_iter=n_steps, tol=-np.inf, init_params=""
    )
    theirs.startprob_ = model.params.log_start.exp().numpy()
    theirs.transmat_ = model.params.log_trans.exp().numpy()
    theirs.emissionprob_ = model.params.log_emit.exp().numpy()
    return theirs


def path_score(model: TextbookHMM, ids: Tensor, path: Tensor) -> float:
    """log p(text, path), added up."""
    p = model.params
    moves = p.log_trans[path[:-1], path[1:]].sum()
    return float(p.log_start[path[0]] + moves + p.log_emit[path, ids].sum())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n_states", "n_symbols"), [(2, 3), (5, 8), (9, 4)])
def test_everything_equals_hmmlearn(seed: int, n_states: int, n_symbols: int):
    model, texts = TextbookHMM(n_states, n_symbols), random_texts(LENGTHS, 0, n_symbols, seed)
    model.fit(texts, 0, rng(seed), add_k=0.01)
    theirs, column = in_hmmlearn(model, n_steps=4), torch.cat(texts).numpy()[:, None]
    for text, log_likelihood in zip(texts, model.log_likelihood(texts), strict=True):
        assert float(log_likelihood) == pytest.approx(theirs.score(text.numpy()[:, None]), rel=1e-9)
    close = {"rtol": 0, "atol": 1e-9}
    gamma = torch.cat(model.posterior(texts)).numpy()
    np.testing.assert_allclose(gamma, theirs.predict_proba(column, LENGTHS), **close)
    for text, path in zip(texts, model.viterbi(texts), strict=True):
        best, _path = theirs.decode(text.numpy()[:, None])  # paths may tie, their scores may not
        assert path_score(model, text, path) == pytest.approx(best, rel=1e-9)
    theirs.fit(column, LENGTHS)
    history = model.improve(texts, 4)
    np.testing.assert_allclose(history, theirs.monitor_.history, rtol=1e-9)
    np.testing.assert_allclose(model.params.log_start.exp(), theirs.startprob_, **close)
    np.testing.assert_allclose(model.params.log_trans.exp(), theirs.transmat_, **close)
    np.testing.assert_allclose(model.params.log_emit.exp(), theirs.emissionprob_, **close)


@pytest.mark.parametrize("model", [HMM(4, 9), TextbookHMM(4, 9)])
def test_batched_counts_equal_the_textbooks_sums_in_log_space(model: TextbookHMM):
    texts = random_texts(LENGTHS, 4, 9, seed=1)
    model.fit(texts, 1, rng(1), add_k=0.1)
    slow = Counts.zeros(4, 9)
    for ids in texts:
        slow = slow.add(expected_counts(model.params, ids))
    fast, log_likelihood = Counts.zeros(4, 9), 0.0
    for batch in batches(texts, max_words=12, max_texts=2):
        more, log_p = batch_counts(model.params, batch)
        fast, log_likelihood = fast.add(more), log_likelihood + log_p
    for mine, its in zip(fast, slow, strict=True):
        torch.testing.assert_close(mine, its)
    assert float(fast.emit.sum()) == pytest.approx(sum(LENGTHS))
    assert log_likelihood == pytest.approx(
        sum(float(text_log_likelihood(model.params, ids)) for ids in texts)
    )


def test_an_impossible_text_counts_nothing():
    model = HMM(2, 8)
    model.fit_supervised([torch.tensor([4, 5, 4])], [torch.tensor([0, 1, 0])])
    text = torch.tensor([4, 7])
    [batch] = batches([text])
    for counts in (batch_counts(model.params, batch)[0], expected_counts(model.params, text)):
        assert sum(float(count.sum()) for count in counts) == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("add_k", [0.0, 0.1])
def test_baum_welch_never_goes_downhill(seed: int, add_k: float):
    """With `add_k`, what rises is the log-likelihood plus add_k times all log-probabilities."""
    texts = [*random_texts(LENGTHS, 4, 10, seed), torch.zeros(0, dtype=torch.long)]
    model = HMM(4, 10)
    model.fit(texts, 0, rng(seed), add_k=add_k)
    heights = []
    for _step in range(30):
        prior = sum(float(table[table.isfinite()].sum()) for table in model.params)
        [log_likelihood] = model.improve(texts, 1, add_k=add_k)
        heights.append(log_likelihood + (add_k * prior if add_k else 0.0))
    steps = np.diff(heights)
    assert (steps > -1e-9).all()
    assert heights[-1] > heights[0] + 1  # and it does climb


def test_on_step_sees_the_history_and_the_seed_decides_it():
    texts, seen = random_texts(LENGTHS, 4, 9, seed=0), []
    model = HMM(3, 9)
    history = model.fit(texts, 4, rng(5), lambda *step: seen.append(step))
    assert seen == list(enumerate(history))
    assert HMM(3, 9).fit(texts, 4, rng(5)) == history
    assert HMM(3, 9).fit(texts, 4, rng(6)) != history


def test_history_is_the_log_likelihood_of_all_texts_the_empty_ones_too():
    texts = [*random_texts(LENGTHS, 4, 9, seed=0), torch.zeros(0, dtype=torch.long)]
    model = HMM(3, 9)
    model.fit(texts, 2, rng(5))
    before = float(model.log_likelihood(texts).sum())
    assert model.improve(texts, 1) == [pytest.approx(before, rel=1e-12)]


def test_supervised_learning_counts_and_divides():
    """Pencil and paper: texts "4 5" and "4", states 0 1 and 0, and an empty text."""
    texts = [torch.tensor([4, 5]), torch.tensor([4]), torch.zeros(0, dtype=torch.long)]
    states = [torch.tensor([0, 1]), torch.tensor([0]), torch.zeros(0, dtype=torch.long)]
    model = HMM(2, 6)
    model.fit_supervised(texts, states)
    start, trans, emit, end, empty = (table.exp().tolist() for table in model.params)
    assert start == pytest.approx([2 / 3, 0])
    assert empty == pytest.approx(1 / 3)
    assert trans[0] == pytest.approx([0, 1 / 2])
    assert end == pytest.approx([1 / 2, 1])
    assert emit[0] == pytest.approx([0, 0, 0, 0, 1, 0])
    model.fit_supervised(texts, states, add_k=1)
    start, trans, emit, end, empty = (table.exp().tolist() for table in model.params)
    assert [*start, empty] == pytest.approx([3 / 6, 1 / 6, 2 / 6])
    assert [*trans[0], end[0]] == pytest.approx([1 / 5, 2 / 5, 2 / 5])
    assert emit[0] == pytest.approx([0, 1 / 5, 0, 0, 3 / 5, 1 / 5])  # <unk>, 4 and 5 can be


def test_a_state_never_seen_spreads_evenly():
    model = TextbookHMM(3, 4)
    model.fit_supervised([torch.tensor([0, 1])], [torch.tensor([0, 1])])
    torch.testing.assert_close(model.params.log_trans[2].exp(), torch.full((3,), 1 / 3).double())
    torch.testing.assert_close(model.params.log_emit[2].exp(), torch.full((4,), 1 / 4).double())


def test_learning_recovers_the_model_that_wrote_the_texts():
    """Vowels and consonants that alternate: two states, found without ever being told."""
    true = TextbookHMM(2, 5)
    letters = [torch.tensor([0, 2, 1, 3, 0, 4, 1, 2])]  # 0, 1 are vowels; they strictly alternate
    true.fit_supervised(letters, [torch.tensor([0, 1] * 4)])
    texts, states = true.sample(60, rng(0), max_length=20)
    model = TextbookHMM(2, 5)
    model.fit(texts, 60, rng(1))
    found, truth = torch.cat(model.viterbi(texts)), torch.cat(states)
    agreement = float((found == truth).double().mean())
    assert max(agreement, 1 - agreement) == 1  # up to the states' names
    gain = model.log_likelihood(texts).sum() - true.log_likelihood(texts).sum()
    assert float(gain) > 0  # it fits its own texts at least as well as the truth


def test_a_model_taken_apart_and_put_together_is_the_same():
    model, texts = HMM(3, 9), random_texts(LENGTHS, 4, 9, seed=0)
    model.fit(texts, 2, rng(0))
    again = hmm_from_tensors(*hmm_tensors(model))
    assert (again.n_states, again.vocab_size) == (3, 9)
    for mine, its in zip(again.log_probs(texts), model.log_probs(texts), strict=True):
        assert torch.equal(mine, its)


def test_damaged_tables_are_refused():
    with pytest.raises(ValueError, match="nothing to save"):
        hmm_tensors(HMM(2, 6))
    model = HMM(2, 6)
    model.fit(random_texts((5,), 4, 6, 0), 1, rng(0))
    tensors, settings = hmm_tensors(model)
    trans = tensors["log_trans"]
    for name, damaged in [
        ("log_trans", trans[:, :1]),
        ("log_trans", trans * torch.nan),
        ("log_end", torch.zeros(2, dtype=torch.long)),
        ("log_emit", tensors["log_emit"][:1]),
    ]:
        with pytest.raises(ValueError, match="is damaged"):
            hmm_from_tensors(tensors | {name: damaged}, settings)
    with pytest.raises(KeyError):
        hmm_from_tensors({"log_emit": tensors["log_emit"]}, settings)
