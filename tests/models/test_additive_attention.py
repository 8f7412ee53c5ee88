"""Additive attention: against a loop over every pair, and by its laws."""

import math

import pytest
import torch

from course_lib.models.additive_attention import AdditiveAttention, additive_weights

B, T, S, D = 3, 4, 5, 6
MASK = torch.arange(S) < torch.tensor([5, 2, 1])[:, None]


def example():
    torch.manual_seed(1)
    layer = AdditiveAttention(D).double()
    return layer, torch.randn(B, T, D).double(), torch.randn(B, S, D).double()


def test_each_weight_is_the_papers_formula():
    layer, states, memory = example()
    weights = layer.weights(states, memory, MASK)
    assert weights.shape == (B, T, S)
    layer.requires_grad_(False)
    for b in range(B):
        n = int(MASK[b].sum())
        for t in range(T):
            query = layer.w_q.weight @ states[b, t]
            keys = [layer.w_k.weight @ memory[b, s] + layer.w_k.bias for s in range(n)]
            scores = [math.exp(float(layer.v.weight[0] @ (query + key).tanh())) for key in keys]
            expected = [score / sum(scores) for score in scores] + [0.0] * (S - n)
            assert weights[b, t].tolist() == pytest.approx(expected)


def test_a_value_known_in_advance():
    """tanh(ln 2) = 0.6 and v = ln 2 / 0.6: the scores are ln 2 and 0, the weights 2/3 and 1/3."""
    v = torch.tensor([math.log(2) / 0.6, 5.0])
    keys = torch.tensor([[[math.log(2), 0.0], [0.0, 0.0]]])
    weights = additive_weights(torch.zeros(1, 1, 2), keys, v)
    torch.testing.assert_close(weights, torch.tensor([[[2 / 3, 1 / 3]]]))


def test_what_is_seen_is_the_weighted_mean_of_the_memory():
    layer, states, memory = example()
    seen = layer(states, memory, MASK)
    torch.testing.assert_close(seen[2], memory[2, :1].expand(T, D))  # one place to look at
    weights = layer.weights(states, memory, MASK)
    torch.testing.assert_close(seen[1], weights[1, :, :2] @ memory[1, :2])


def test_the_order_of_the_memory_does_not_matter():
    layer, states, memory = example()
    order = torch.tensor([3, 0, 4, 1, 2])
    torch.testing.assert_close(layer(states, memory[:, order]), layer(states, memory))
    moved = layer.weights(states, memory[:, order])
    torch.testing.assert_close(moved, layer.weights(states, memory)[:, :, order])
