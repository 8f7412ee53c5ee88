import math

import pytest
import torch

from course_lib.models.word2vec import CBOW, SkipGram
from course_lib.training.objectives import (
    negative_sampling_gradient,
    negative_sampling_loss,
    negative_sampling_nll,
    softmax_gradient,
    softmax_loss,
)

V, D, B, K = 7, 3, 5, 2


def example(kind):
    """A model away from its start, and a batch in which words repeat."""
    torch.manual_seed(0)
    model = kind(V, D).double()
    for table in (model.inputs, model.outputs):
        torch.nn.init.normal_(table.weight)
    inputs = torch.tensor([4, 4, 5, 6, 1])
    if kind is CBOW:
        inputs = torch.tensor(
            [[4, 5, 0, 0], [0, 4, 4, 6], [1, 2, 3, 4], [5, 0, 0, 0], [0, 6, 6, 1]]
        )
    return model, inputs, torch.tensor([5, 6, 5, 1, 2]), torch.randint(1, V, (B, K))


@pytest.mark.parametrize("kind", [SkipGram, CBOW])
def test_the_first_losses_are_known_in_advance(kind):
    model = kind(V, D)
    _, inputs, targets, negatives = example(kind)
    assert softmax_loss(model, (inputs, targets)).item() == pytest.approx(math.log(V))
    loss = negative_sampling_loss(model, (inputs, targets, negatives))
    assert loss.item() == pytest.approx((K + 1) * math.log(2))


@pytest.mark.parametrize("kind", [SkipGram, CBOW])
def test_softmax_gradients_equal_the_lectures_formulas(kind):
    model, inputs, targets, _ = example(kind)
    softmax_loss(model, (inputs, targets)).backward()
    with torch.no_grad():
        h = model.hidden(inputs)  # (B, D)
        error = softmax_gradient(model(inputs), targets) / B  # (B, V): p - y
        by_hand = sum(torch.outer(error[i], h[i]) for i in range(B))
        d_hidden = error @ model.outputs.weight
    torch.testing.assert_close(model.outputs.weight.grad, by_hand)
    torch.testing.assert_close(model.inputs.weight.grad, spread(inputs, d_hidden))


@pytest.mark.parametrize("kind", [SkipGram, CBOW])
def test_negative_sampling_gradients_equal_the_lectures_formulas(kind):
    model, inputs, targets, negatives = example(kind)
    negative_sampling_loss(model, (inputs, targets, negatives)).backward()
    outputs, d_hidden = torch.zeros(V, D).double(), torch.zeros(B, D).double()
    with torch.no_grad():
        h = model.hidden(inputs)
        for i in range(B):
            for word, label in [(targets[i], 1), *((word, 0) for word in negatives[i])]:
                v = model.outputs.weight[word]
                error = (1 / (1 + torch.exp(-h[i] @ v)) - label) / B  # sigma(u . v) - label
                outputs[word] += error * h[i]
                d_hidden[i] += error * v
    torch.testing.assert_close(model.outputs.weight.grad, outputs)
    torch.testing.assert_close(model.inputs.weight.grad, spread(inputs, d_hidden))


def spread(inputs, d_hidden):
    """Gradient of the input vectors: each word of a context gets an equal share, <pad> none."""
    grad = torch.zeros(V, D).double()
    for ids, d_h in zip(inputs.view(B, -1), d_hidden, strict=True):
        words = [i for i in ids.tolist() if i != 0]
        for word in words:
            grad[word] += d_h / len(words)
    return grad


def test_closed_gradients_equal_autograd():
    logits = torch.randn(4, 6, dtype=torch.double, requires_grad=True)
    targets = torch.tensor([0, 5, 2, 2])
    loss = -logits.log_softmax(dim=1)[torch.arange(4), targets].sum()
    (expected,) = torch.autograd.grad(loss, logits)
    torch.testing.assert_close(softmax_gradient(logits, targets), expected)
    true, false = logits[:, :1], logits[:, 1:]
    labels = torch.tensor([1.0, 0, 0, 0, 0, 0]).expand(4, 6)
    (expected,) = torch.autograd.grad(negative_sampling_nll(true, false).sum(), logits)
    torch.testing.assert_close(negative_sampling_gradient(logits, labels), expected)


def test_hopeless_scores_cost_their_size_and_nothing_overflows():
    huge = torch.tensor([[1000.0]])
    assert negative_sampling_nll(-huge, huge).tolist() == [2000.0]
    assert negative_sampling_nll(huge, -huge).tolist() == [0.0]
