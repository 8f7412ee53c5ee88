"""The references of lecture 05 that are not the package's own functions equal them."""

import random

import pytest
import torch
from torch import nn

from course_lib.classroom.exercises.rnn.clipping import clip_gradients
from course_lib.classroom.exercises.rnn.states import rnn_states
from course_lib.classroom.exercises.rnn.through_time import recurrent_gradient
from course_lib.models.recurrent_cells import CellWeights, rnn_step, unroll
from course_lib.training.through_time import rnn_gradients

seeds = pytest.mark.parametrize("seed", range(5))


def one_number(w: float, u: float) -> CellWeights:
    zero = torch.zeros(1, dtype=torch.float64)
    return CellWeights(zero[None] + w, zero[None] + u, zero, zero)


def drawn(seed: int) -> tuple[list[float], float, float]:
    rng = random.Random(seed)
    inputs = [rng.uniform(-2, 2) for _x in range(rng.randint(1, 8))]
    return inputs, rng.uniform(-2, 2), rng.uniform(-2, 2)


@seeds
def test_states(seed: int):
    inputs, w, u = drawn(seed)
    x, weights = torch.tensor(inputs, dtype=torch.float64).view(1, -1, 1), one_number(w, u)
    states = unroll(lambda x, h: rnn_step(x, h, weights), x, torch.zeros(1, 1).double())
    assert rnn_states(inputs, w, u) == pytest.approx(states.flatten().tolist())


@seeds
def test_gradient(seed: int):
    inputs, w, u = drawn(seed)
    x, first = torch.tensor(inputs, dtype=torch.float64).view(1, -1, 1), torch.zeros(1, 1).double()
    states = torch.tensor(rnn_states(inputs, w, u), dtype=torch.float64).view(1, -1, 1)
    d_states = torch.zeros_like(states)
    d_states[0, -1] = 1.0
    package = rnn_gradients(x, first, states, d_states, one_number(w, u))
    assert recurrent_gradient(inputs, w, u) == pytest.approx(package.w_h.item())


@seeds
def test_clipping(seed: int):
    rng = torch.Generator().manual_seed(seed)
    gradients = [torch.randn(shape, generator=rng) for shape in ((2, 3), (4,), ())]
    for limit in (0.5, 2.0, 50.0):
        weights = [nn.Parameter(torch.zeros_like(g)) for g in gradients]
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient.clone()
        nn.utils.clip_grad_norm_(weights, limit)
        for ours, weight in zip(clip_gradients(gradients, limit), weights, strict=True):
            torch.testing.assert_close(ours, weight.grad, atol=1e-5, rtol=1e-5)
