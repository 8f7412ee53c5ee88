"""One step of a recurrent network, written as its equations; and a loop that takes T steps.

The weights have torch's layout, so `weights_of` can lend those of nn.RNN, nn.GRU and nn.LSTM: the
fused modules run the models, these functions say what they compute. Letters: x the input, h the
hidden state, c the LSTM's memory; * is element by element, sigma(a) = 1 / (1 + exp(-a)).
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn


class CellWeights(NamedTuple):
    """Weights of one layer; G blocks of H rows: 1 for an RNN, 3 for a GRU, 4 for an LSTM."""

    w_x: Tensor  # (G * H, D) for the input
    w_h: Tensor  # (G * H, H) for the state before
    b_x: Tensor  # (G * H,)
    b_h: Tensor  # (G * H,) a second bias: only the GRU's candidate needs it


def rnn_step(x: Tensor, h: Tensor, w: CellWeights) -> Tensor:
    """h' = tanh(W x + U h + b). (B, D), (B, H) -> (B, H). Source: Elman (1990)."""
    return torch.tanh(x @ w.w_x.T + w.b_x + h @ w.w_h.T + w.b_h)


class GRUGates(NamedTuple):
    """(B, H) each. Reset and update are between 0 and 1, the candidate between -1 and 1."""

    reset: Tensor  # how much of the old state the candidate may see
    update: Tensor  # how much of the old state stays
    candidate: Tensor  # what would be written


def gru_gates(x: Tensor, h: Tensor, w: CellWeights) -> GRUGates:
    """r = sigma(W_r x + U_r h), z = sigma(W_z x + U_z h), n = tanh(W_n x + r * (U_n h)).

    Each product also has its bias. Source: Cho et al. (2014), with r after U_n as in torch.
    """
    r_x, z_x, n_x = (x @ w.w_x.T + w.b_x).chunk(3, dim=-1)
    r_h, z_h, n_h = (h @ w.w_h.T + w.b_h).chunk(3, dim=-1)
    reset = (r_x + r_h).sigmoid()
    return GRUGates(reset, (z_x + z_h).sigmoid(), torch.tanh(n_x + reset * n_h))


def gru_step(x: Tensor, h: Tensor, w: CellWeights) -> Tensor:
    """h' = z * h + (1 - z) * n. (B, D), (B, H) -> (B, H)."""
    gates = gru_gates(x, h, w)
    return gates.update * h + (1 - gates.update) * gates.candidate


class LSTMGates(NamedTuple):
    """(B, H) each. Input, forget and output are between 0 and 1, the candidate -1 to 1."""

    input: Tensor  # how much of the candidate is written
    forget: Tensor  # how much of the memory is kept: 1 keeps all
    candidate: Tensor  # what would be written
    output: Tensor  # how much of the memory is shown


def lstm_gates(x: Tensor, h: Tensor, w: CellWeights) -> LSTMGates:
    """i, f, o = sigma(W x + U h + b), g = tanh(W x + U h + b), each with weights of its own."""
    i, f, g, o = (x @ w.w_x.T + w.b_x + h @ w.w_h.T + w.b_h).chunk(4, dim=-1)
    return LSTMGates(i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid())


def lstm_step(x: Tensor, h: Tensor, c: Tensor, w: CellWeights) -> tuple[Tensor, Tensor]:
    """c' = f * c + i * g, h' = o * tanh(c'). (B, D), (B, H), (B, H) -> h' and c', (B, H) each.

    Source: Hochreiter & Schmidhuber (1997), with the forget gate of Gers et al. (2000).
    """
    gates = lstm_gates(x, h, w)
    c = gates.forget * c + gates.input * gates.candidate
    return gates.output * c.tanh(), c


Step = Callable[[Tensor, Tensor], Tensor]


def unroll(step: Step, inputs: Tensor, state: Tensor) -> Tensor:
    """Every state, one after the other: (B, T, D) inputs, (B, S) first state -> (B, T, S).

    `step(x, state)` gives the next state. An LSTM's is h and c side by side.
    """
    states = []
    for x in inputs.unbind(dim=1):
        state = step(x, state)
        states.append(state)
    return torch.stack(states, dim=1)


def step_of(module: nn.RNNBase, layer: int = 0) -> Step:
    """What one layer of nn.RNN, nn.GRU or nn.LSTM does at each step, for `unroll`."""
    w = weights_of(module, layer)
    if isinstance(module, nn.LSTM):
        return lambda x, state: _lstm_in_one(x, state, w)
    step = gru_step if isinstance(module, nn.GRU) else rnn_step
    return lambda x, state: step(x, state, w)


def _lstm_in_one(x: Tensor, state: Tensor, w: CellWeights) -> Tensor:
    """(B, D), (B, 2H) h and c side by side -> (B, 2H)."""
    h, c = state.chunk(2, dim=-1)
    return torch.cat(lstm_step(x, h, c, w), dim=-1)


def weights_of(module: nn.RNNBase, layer: int = 0) -> CellWeights:
    """The weights of one layer of torch's module, not copied."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return CellWeights(*(getattr(module, f"{name}_l{layer}") for name in names))
