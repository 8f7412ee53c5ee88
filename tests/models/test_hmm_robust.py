"""Hidden Markov models at the edges: impossible, empty, endless, tiny and wrong input."""

import math

import pytest
import torch

from course_lib.errors import CourseError
from course_lib.models.hmm import HMM, TextbookHMM

from .hmm_examples import random_hmm, random_textbook, random_texts, rng

LENGTHS = (4, 1, 3, 0, 4, 2)


def test_impossible_words_are_minus_infinity_and_never_nan():
    model = HMM(2, 8)
    model.fit_supervised([torch.tensor([4, 5, 4])], [torch.tensor([0, 1, 0])])
    texts = [torch.tensor([4, 7, 4]), torch.tensor([4, 5, 4]), torch.tensor([], dtype=torch.long)]
    first, second, third = model.log_probs(texts)
    assert first[0] == 0  # every text began with 4
    assert first[1:].tolist() == [-math.inf] * 3
    # 1 to 0 is sure; from 0 the text ended once and went on once.
    torch.testing.assert_close(second.exp(), torch.tensor([1, 0.5, 1, 0.5]).double())
    assert third.tolist() == [-math.inf]
    assert model.log_likelihood(texts)[[0, 2]].tolist() == [-math.inf] * 2
    assert model.posterior(texts)[0].tolist() == [[0, 0]] * 3
    assert len(model.viterbi(texts)[0]) == 3
    assert bool((model.next_logits(torch.tensor([[2, 7]])) == -math.inf).all())


def test_very_long_and_very_unlikely_texts_do_not_underflow():
    model = random_textbook(3, 5, seed=0)
    text = torch.randint(0, 5, (20_000,), generator=rng(0))
    assert -5e4 < float(model.log_likelihood([text])[0]) < -1e4
    rare = model.params.log_emit.clone()
    rare[:, 0] = torch.tensor([-900.0, -901.0, -902.0])  # exp of these is 0 in float64
    model.params = model.params._replace(log_emit=rare)
    text = torch.tensor([0, 0])
    p = model.params
    by_hand = (p.log_start + rare[:, 0])[:, None] + p.log_trans + rare[:, 0]
    torch.testing.assert_close(model.log_likelihood([text])[0], by_hand.logsumexp((0, 1)))


@pytest.mark.parametrize(("n_states", "vocab_size"), [(1, 5), (12, 6)])
def test_one_state_or_more_states_than_words(n_states: int, vocab_size: int):
    model = HMM(n_states, vocab_size)
    texts = random_texts(LENGTHS, 4, vocab_size, seed=0)
    history = model.fit(texts, 5, rng(0), add_k=0.01)
    assert all(math.isfinite(x) for x in history)
    if n_states == 1:  # then words are independent: their relative frequencies, smoothed
        n = sum(LENGTHS)
        assert float(model.params.log_emit[0, 4].exp()) == pytest.approx((n + 0.01) / (n + 0.02))
    assert [len(path) for path in model.viterbi(texts)] == list(LENGTHS)


def test_no_texts():
    model = random_hmm(2, 6, seed=0)
    assert model.log_likelihood([]).shape == (0,)
    assert model.log_probs([]) == model.viterbi([]) == model.posterior([]) == []
    with pytest.raises(CourseError, match="no text to learn from"):
        HMM(2, 6).fit([], 3, rng(0))
    with pytest.raises(CourseError, match="no text to learn from"):
        HMM(2, 6).fit_supervised([], [])


def test_only_empty_texts():
    model = HMM(2, 6)
    model.fit([torch.zeros(0, dtype=torch.long)] * 3, 2, rng(0))
    assert float(model.params.log_empty) == 0
    assert all(not bool(table.isnan().any()) for table in model.params)


def test_wrong_arguments_are_refused():
    model = random_hmm(2, 6, seed=0)
    with pytest.raises(ValueError, match=r"id 6 in a text is outside 0 \.\. 5"):
        model.log_probs([torch.tensor([4]), torch.tensor([5, 6])])
    with pytest.raises(ValueError, match="id -1 in a text"):
        model.viterbi([torch.tensor([-1])])
    with pytest.raises(ValueError, match="without <pad>, <s> and </s>"):
        model.log_likelihood([torch.tensor([2, 4, 3])])
    with pytest.raises(ValueError, match="must start with <s>"):
        model.next_logits(torch.tensor([[4, 5]]))
    with pytest.raises(ValueError, match="learnt nothing"):
        HMM(2, 6).viterbi([torch.tensor([4])])
    with pytest.raises(ValueError, match="same lengths"):
        model.fit_supervised([torch.tensor([4, 5])], [torch.tensor([0])])
    with pytest.raises(ValueError, match=r"not in 0 \.\. 1"):
        model.fit_supervised([torch.tensor([4, 5])], [torch.tensor([0, 2])])
    with pytest.raises(ValueError, match="at least 1"):
        TextbookHMM(0, 3)
    with pytest.raises(ValueError, match="special words"):
        HMM(1, 3)
