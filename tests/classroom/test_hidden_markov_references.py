"""The plain-Python references of lecture 02 equal the package's own functions."""

import itertools
import random

import pytest
import torch

from course_lib.classroom.exercises.hidden_markov import tables
from course_lib.classroom.exercises.hidden_markov.expected import expected_moves
from course_lib.classroom.exercises.hidden_markov.forward import forward_step, log, logs
from course_lib.classroom.exercises.hidden_markov.path import path_probability
from course_lib.classroom.exercises.hidden_markov.transitions import transition_matrix
from course_lib.classroom.exercises.hidden_markov.viterbi import by_day, viterbi_path
from course_lib.models import hmm_inference
from course_lib.models.hmm import HMM
from course_lib.text.vocab import Vocab


class River:
    """A random model of 3 states and 4 words with a text of 6 days, as lists and as tensors."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        self.lists = tables.model(rng, 3, 4)
        self.words = tables.text(rng, 6, 4)
        start, trans, emit = (torch.tensor(t, dtype=torch.float64) for t in self.lists)
        self.tensors = start.log(), trans.log(), emit[:, self.words].T.log()


@pytest.mark.parametrize("seed", range(5))
def test_all_paths_sum_to_what_forward_finds(seed: int):
    river = River(seed)
    paths = itertools.product(range(3), repeat=6)
    total = sum(path_probability(path, river.words, *river.lists) for path in paths)
    assert total == pytest.approx(hmm_inference.forward(*river.tensors)[-1].exp().sum().item())


@pytest.mark.parametrize("seed", range(5))
def test_forward_steps(seed: int):
    river = River(seed)
    alpha = hmm_inference.forward(*river.tensors)
    trans = logs(river.lists[1])
    for before, emit, after in zip(alpha[:-1], river.tensors[2][1:], alpha[1:], strict=True):
        step = forward_step(before.tolist(), trans, emit.tolist())
        torch.testing.assert_close(torch.tensor(step, dtype=torch.float64), after)


@pytest.mark.parametrize("seed", range(20))
def test_best_path_and_best_days(seed: int):
    river = River(seed)
    args = log(river.lists[0]), logs(river.lists[1]), river.tensors[2].tolist()
    assert viterbi_path(*args) == hmm_inference.viterbi(*river.tensors)
    assert by_day(*args) == hmm_inference.posterior(*river.tensors).argmax(1).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_expected_moves(seed: int):
    river = River(seed)
    moves = torch.tensor(expected_moves(river.words, *river.lists), dtype=torch.float64)
    torch.testing.assert_close(moves, hmm_inference.pair_posterior(*river.tensors).sum(0))


@pytest.mark.parametrize("k", [0.0, 0.3])
def test_transition_matrix(k: float):
    tags = ["DET", "NOUN", "VERB"]
    tagged = [["DET", "NOUN", "VERB"], ["NOUN", "VERB", "DET", "NOUN"], ["NOUN"]]
    vocab = Vocab("a")
    hmm = HMM(3, len(vocab))
    texts = [vocab.encode("a" * len(path)) for path in tagged]
    hmm.fit_supervised(texts, [torch.tensor([tags.index(t) for t in p]) for p in tagged], add_k=k)
    expected = torch.cat([hmm.params.log_trans, hmm.params.log_end[:, None]], dim=1).exp()
    found = torch.tensor(transition_matrix(tagged, tags, k), dtype=torch.float64)
    torch.testing.assert_close(found, expected)
