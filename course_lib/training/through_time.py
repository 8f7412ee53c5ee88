"""Back-propagation through time, by hand, and how far back a gradient reaches.

One state is made from the one before, so the chain rule runs backwards through all of them:
dL/dh_t = (what the loss asks of h_t itself) + dL/dh_(t+1) * dh_(t+1)/dh_t.
"""

import torch
from torch import Tensor

from course_lib.models.recurrent_cells import CellWeights, Step


def rnn_gradients(
    inputs: Tensor, first: Tensor, states: Tensor, d_states: Tensor, w: CellWeights
) -> CellWeights:
    """Gradient of a loss by the weights of h_t = tanh(W x_t + U h_(t-1) + b).

    Args:
        inputs, first, states: (B, T, D), (B, H) and (B, T, H): what `unroll` was given and gave.
        d_states: (B, T, H) the loss's derivative by each state, the later states held still.
        w: the weights with which the states were made.

    Returns:
        The derivative by each weight, in the shape of that weight. The same weights are used at
        every step, so the steps' contributions are added up. Source: Werbos (1990).
    """
    before = torch.cat([first[:, None], states[:, :-1]], dim=1)  # (B, T, H)
    total = CellWeights(*(torch.zeros_like(part) for part in w))
    d_h = torch.zeros_like(first)  # what the loss of all later steps asks of this state
    for t in reversed(range(inputs.size(1))):
        d_h = d_h + d_states[:, t]
        d_a = d_h * (1 - states[:, t] ** 2)  # through tanh: its derivative is 1 - tanh^2
        total.w_x.add_(d_a.T @ inputs[:, t])
        total.w_h.add_(d_a.T @ before[:, t])
        total.b_x.add_(d_a.sum(dim=0))
        total.b_h.add_(d_a.sum(dim=0))
        d_h = d_a @ w.w_h  # to the state before
    return total


def jacobians(step: Step, inputs: Tensor, state: Tensor) -> Tensor:
    """How each state depends on the one before it: d s_t / d s_(t-1), for every step.

    (T, D) inputs and (S,) first state -> (T, S, S).
    """
    found = []
    for x in inputs:
        jacobian, state = torch.func.jacrev(lambda s, x=x: _twice(step(x, s)), has_aux=True)(state)
        found.append(jacobian)
    return torch.stack(found)


def _twice(state: Tensor) -> tuple[Tensor, Tensor]:
    """For jacrev: the value to differentiate, and the same value to keep."""
    return state, state


def reach(steps: Tensor) -> Tensor:
    """How strongly the last state depends on each state before it. (T, S, S) -> (T + 1,).

    Place k is for the state k steps back: the size of d s_T / d s_(T-k), the product of the last k
    Jacobians. The size of a matrix is here the factor by which it changes the length of a random
    vector (root of the mean square): 1 for a state that is only passed on.
    """
    product = torch.eye(steps.size(-1), dtype=steps.dtype)
    sizes = [product]
    for jacobian in steps.flip(0):
        product = product @ jacobian
        sizes.append(product)
    return torch.stack(sizes).square().sum(dim=(-2, -1)).div(steps.size(-1)).sqrt()
