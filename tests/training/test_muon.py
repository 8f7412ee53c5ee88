"""Muon against torch's own, against a plain loop over the definition, and by its law."""

import copy

import pytest
import torch
from torch import nn

from course_lib.training.muon import Muon, newton_schulz

SHAPES = [(6, 4), (4, 6), (6, 4), (5, 5), (4, 6), (12, 3)]


def matrices(dtype=torch.float32) -> list[nn.Parameter]:
    rng = torch.Generator().manual_seed(3)
    return [nn.Parameter(torch.randn(*s, generator=rng).to(dtype)) for s in SHAPES]


def run(optimizer: torch.optim.Optimizer, weights: list[nn.Parameter], n_steps: int = 4) -> None:
    """Steps along gradients that a seed fixes; a weight's lengths differ from step to step."""
    rng = torch.Generator().manual_seed(7)
    for step in range(n_steps):
        for weight in weights:
            weight.grad = torch.randn(weight.shape, generator=rng).to(weight.dtype) * 10**step
        optimizer.step()


@pytest.mark.parametrize("settings", [{}, {"lr": 0.3, "momentum": 0.5, "weight_decay": 0.4}])
def test_it_moves_as_torch_does(settings, monkeypatch):
    # With torch's arithmetic lifted from bfloat16 to float64 the two agree to the last digits.
    ours, theirs = matrices(torch.float64), matrices(torch.float64)
    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda tensor: tensor.clone())
    run(Muon(ours, **settings), ours)
    run(torch.optim.Muon(theirs, **{"lr": 0.02, "weight_decay": 0.1} | settings), theirs)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)


def test_torch_in_bfloat16_is_near():
    ours, theirs, start = matrices(), matrices(), matrices()
    run(Muon(ours), ours)
    run(torch.optim.Muon(theirs, lr=0.02), theirs)
    for a, b, old in zip(ours, theirs, start, strict=True):
        assert (a - b).norm() < 0.05 * (a - old).norm()  # bfloat16: 2 ** -8, fifteen products


def test_one_batch_for_equal_shapes_is_a_plain_loop():
    weights, momentum, rate, decay = matrices(torch.float64), 0.9, 0.1, 0.2
    expected = [weight.detach().clone() for weight in weights]
    means = [torch.zeros_like(weight) for weight in expected]
    rng = torch.Generator().manual_seed(7)
    for step in range(4):
        for i, shape in enumerate(SHAPES):
            gradient = torch.randn(shape, generator=rng).double() * 10**step
            means[i] = momentum * means[i] + (1 - momentum) * gradient
            ahead = momentum * means[i] + (1 - momentum) * gradient
            u, s, v = torch.linalg.svd(ahead, full_matrices=False)
            s = s / s.norm()
            for _ in range(5):
                s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
            scale = max(1, shape[0] / shape[1]) ** 0.5
            expected[i] = expected[i] * (1 - rate * decay) - rate * scale * (u * s) @ v
    run(Muon(weights, rate, momentum, decay), weights)
    for weight, wanted in zip(weights, expected, strict=True):
        torch.testing.assert_close(weight.detach(), wanted, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("shape", [(2, 8, 8), (3, 7, 20), (2, 20, 7), (30, 10)])
def test_newton_schulz_makes_matrices_nearly_orthogonal(shape):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    u, s, v = torch.linalg.svd(x * 1e6, full_matrices=False)
    made = newton_schulz(x * 1e6)
    changed = u.mT @ made @ v.mT  # in the matrix's own axes: diagonal, near 1
    size = torch.diagonal(changed, dim1=-2, dim2=-1)
    torch.testing.assert_close(changed, torch.diag_embed(size), rtol=0, atol=1e-10)
    big = s > 0.05 * s.amax(dim=-1, keepdim=True)
    assert size[big].min() > 0.65
    assert size.max() < 1.25


def test_each_matrix_is_made_orthogonal_by_itself():
    """Query, key and value as three matrices differ from one matrix that holds all three."""
    parts = [nn.Parameter(torch.zeros(4, 4)) for _ in range(3)]
    whole = nn.Parameter(torch.zeros(12, 4))
    gradients = [torch.randn(4, 4) * size for size in (1.0, 100.0, 0.01)]
    for part, gradient in zip(parts, gradients, strict=True):
        part.grad = gradient
    whole.grad = torch.cat(gradients)
    Muon(parts, weight_decay=0).step()
    Muon([whole], weight_decay=0).step()
    lengths = torch.stack([part.detach().norm() for part in parts])
    assert (lengths > 0.02).all()  # each moves a full step, however small its gradient
    assert whole[8:].norm() < 0.01 * whole[4:8].norm()


def test_weights_without_a_gradient_stay():
    weights = matrices()
    start = copy.deepcopy(weights)
    weights[1].grad = torch.ones(SHAPES[1])
    Muon(weights).step()
    assert [torch.equal(a, b) for a, b in zip(weights, start, strict=True)] == [
        True, False, True, True, True, True
    ]  # fmt: skip


def test_a_gradient_of_zero_only_decays():
    weight = nn.Parameter(torch.ones(3, 5))
    weight.grad = torch.zeros(3, 5)
    Muon([weight], lr=0.5, weight_decay=0.1).step()
    torch.testing.assert_close(weight.detach(), torch.full((3, 5), 0.95))


def test_only_matrices_are_moved():
    with pytest.raises(ValueError, match="matrices"):
        Muon([nn.Parameter(torch.ones(3))])
