"""Back-propagation through time against autograd, and the reach of gradients where it is known."""

import pytest
import torch
from torch import Tensor, nn

from course_lib.models.recurrent_cells import CellWeights, rnn_step, step_of, unroll
from course_lib.training.through_time import jacobians, reach, rnn_gradients


def random_weights(d: int, h: int) -> CellWeights:
    shapes = ((h, d), (h, h), (h,), (h,))
    return CellWeights(*(torch.randn(s, dtype=torch.float64, requires_grad=True) for s in shapes))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n_rows", "length", "d", "h"), [(1, 3, 1, 1), (3, 6, 2, 4), (2, 1, 3, 2)])
def test_gradients_by_hand_equal_autograd(seed: int, n_rows: int, length: int, d: int, h: int):
    torch.manual_seed(seed)
    w = random_weights(d, h)
    x, first = torch.randn(n_rows, length, d).double(), torch.randn(n_rows, h).double()
    wanted = torch.randn(n_rows, length, h).double()
    states = unroll(lambda x, h: rnn_step(x, h, w), x, first)
    expected = torch.autograd.grad((states.sin() * wanted).sum(), w)  # any loss of the states
    d_states = states.detach().cos() * wanted
    constant = CellWeights(*(part.detach() for part in w))
    for found, right in zip(
        rnn_gradients(x, first, states.detach(), d_states, constant), expected, strict=True
    ):
        torch.testing.assert_close(found, right)


def test_three_steps_of_one_number_by_pencil():
    """h_t = tanh(h_(t-1) u) from h_0 = 1; L = h_3, so dL/du is the sum of three products."""
    u = 0.5
    w = CellWeights(torch.zeros(1, 1), torch.tensor([[u]]), torch.zeros(1), torch.zeros(1))
    first, x = torch.ones(1, 1), torch.zeros(1, 3, 1)
    states = unroll(lambda x, h: rnn_step(x, h, w), x, first)
    h1, h2, h3 = states.flatten().tolist()
    slope = [1 - h1**2, 1 - h2**2, 1 - h3**2]
    expected = (
        slope[2] * h2 + slope[2] * u * slope[1] * h1 + (slope[2] * u) * (slope[1] * u) * slope[0]
    )
    found = rnn_gradients(x, first, states, torch.tensor([[[0.0], [0.0], [1.0]]]), w)
    assert found.w_h.item() == pytest.approx(expected)


@pytest.mark.parametrize("module", [nn.RNN, nn.GRU, nn.LSTM])
def test_jacobians_multiply_to_the_derivative_over_many_steps(module: type[nn.RNNBase]):
    torch.manual_seed(1)
    step = step_of(module(3, 4, batch_first=True).double().requires_grad_(False))
    state = torch.randn(8 if module is nn.LSTM else 4, dtype=torch.float64)
    x = torch.randn(5, 3, dtype=torch.float64)

    def last(first: Tensor) -> Tensor:
        return unroll(step, x[None], first[None])[0, -1]

    steps = jacobians(step, x, state)
    whole = torch.autograd.functional.jacobian(last, state)
    torch.testing.assert_close(torch.linalg.multi_dot(list(steps.flip(0))), whole)
    n = state.numel()
    torch.testing.assert_close(reach(steps)[-1], whole.square().sum().div(n).sqrt())
    torch.testing.assert_close(reach(steps)[0], torch.tensor(1.0, dtype=torch.float64))
    torch.testing.assert_close(reach(steps)[1], steps[-1].square().sum().div(n).sqrt())


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.25])
def test_a_state_that_is_multiplied_vanishes_stays_or_explodes(factor: float):
    rotation, _ = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))
    steps = jacobians(
        lambda _x, h: h @ (factor * rotation), torch.zeros(20, 1), torch.zeros(3).double()
    )
    expected = factor ** torch.arange(21, dtype=torch.float64)
    torch.testing.assert_close(reach(steps), expected)
