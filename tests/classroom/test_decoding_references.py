"""The plain-Python references of lecture 09 equal the package's own functions."""

import math
import random

import pytest
import torch
import torch.nn.functional as F

from course_lib.classroom.exercises.decoding.beam import beam_step
from course_lib.classroom.exercises.decoding.cost import tokens_read
from course_lib.classroom.exercises.decoding.divergence import kl_by_temperature
from course_lib.classroom.exercises.decoding.heat import heated_probs
from course_lib.classroom.exercises.decoding.nucleus import nucleus
from course_lib.inference.beam import propose
from course_lib.inference.decoding import generate, greedy, keep_top_p, temperature


def random_logits(seed: int, *shape: int) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(*shape, generator=rng, dtype=torch.float64)


@pytest.mark.parametrize("t", [0, 0.3, 1, 1.7])
def test_temperature(t: float):
    logits = random_logits(0, 7)
    expected = temperature(logits, t).softmax(dim=-1)
    assert heated_probs(logits.tolist(), t) == pytest.approx(expected.tolist(), abs=1e-12)


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9, 1])
def test_nucleus(p: float):
    probs = random_logits(1, 9).softmax(dim=-1)
    expected = keep_top_p(probs.log(), p).softmax(dim=-1)
    kept = nucleus({str(i): x for i, x in enumerate(probs.tolist())}, p)
    for i, x in enumerate(expected.tolist()):
        assert kept.get(str(i), 0.0) == pytest.approx(x, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_beam_step(seed: int):
    rng = random.Random(seed)
    so_far = [round(rng.uniform(-5, 0), 3) for _beam in range(3)]
    log_probs = random_logits(seed, 3, 6).log_softmax(dim=-1)
    expected = propose(log_probs, torch.tensor([so_far]).double(), 3)
    beams = [([f"beam {i}"], x) for i, x in enumerate(so_far)]
    after = [{str(v): x for v, x in enumerate(row)} for row in log_probs.tolist()]
    for place, (words, log_prob) in enumerate(beam_step(beams, after, 3)):
        assert words == [
            f"beam {expected.parents[0, place]}",
            str(expected.tokens[0, place].item()),
        ]
        assert log_prob == pytest.approx(expected.log_probs[0, place].item())


@pytest.mark.parametrize("cached", [False, True])
def test_tokens_read(cached: bool):
    n_read = 0

    class Counting:
        context_length = None

        def read(self, ids, state=None):
            nonlocal n_read
            n_read += ids.numel()
            return torch.zeros(1, 9), self

        def next_logits(self, ids):
            return self.read(ids)[0]

        def log_probs(self, texts):
            raise NotImplementedError

    class Forgetful:
        next_logits = Counting().next_logits

    model = Counting() if cached else Forgetful()
    generate(model, torch.full((1, 5), 4), 8, greedy)
    assert tokens_read(5, 8, cached) == n_read


def test_divergence():
    logits, truth = random_logits(2, 4, 6), random_logits(3, 4, 6).softmax(dim=-1)
    truth = torch.where(truth > 0.05, truth, 0)
    truth = truth / truth.sum(dim=-1, keepdim=True)
    assert (truth == 0).any()
    expected = [
        F.kl_div((logits / t).log_softmax(-1), truth, reduction="batchmean").item() / math.log(2)
        for t in (0.5, 1, 2)
    ]
    found = kl_by_temperature(logits.tolist(), truth.tolist(), [0.5, 1, 2])
    assert found == pytest.approx(expected, abs=1e-12)
