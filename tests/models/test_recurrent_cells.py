"""Cells against torch's modules, against sums written out number by number, and known values."""

import math

import pytest
import torch
from torch import Tensor, nn

from course_lib.models.recurrent_cells import (
    CellWeights,
    gru_gates,
    gru_step,
    lstm_gates,
    lstm_step,
    rnn_step,
    step_of,
    unroll,
    weights_of,
)

D, H = 3, 4
MODULES = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
each_cell = pytest.mark.parametrize("cell", MODULES)


def module_of(cell: str, n_layers: int = 1, seed: int = 0) -> nn.RNNBase:
    """Random weights and biases, larger than torch's own, so that gates leave the middle."""
    torch.manual_seed(seed)
    module = MODULES[cell](D, H, n_layers, batch_first=True, dtype=torch.float64)
    for weight in module.parameters():
        nn.init.normal_(weight, std=0.8)
    return module


def first_state(cell: str, n_rows: int) -> tuple[Tensor, Tensor | tuple[Tensor, Tensor]]:
    """The same random state as `unroll` wants it, and as torch's module does."""
    state = torch.randn(n_rows, 2 * H if cell == "lstm" else H, dtype=torch.float64)
    h, c = state[None, :, :H].contiguous(), state[None, :, H:].contiguous()
    return state, (h, c) if cell == "lstm" else h


@each_cell
@pytest.mark.parametrize(("n_rows", "length"), [(1, 1), (3, 5), (2, 9)])
def test_a_loop_of_steps_equals_the_fused_module(cell: str, n_rows: int, length: int):
    module = module_of(cell)
    x = torch.randn(n_rows, length, D, dtype=torch.float64)
    state, torchs_state = first_state(cell, n_rows)
    by_hand = unroll(step_of(module), x, state)
    fused, last = module(x, torchs_state)
    torch.testing.assert_close(by_hand[..., :H], fused)
    if cell == "lstm":
        torch.testing.assert_close(by_hand[:, -1, H:], last[1][0])


@each_cell
def test_gradients_equal_those_of_the_fused_module(cell: str):
    module = module_of(cell)
    x = torch.randn(3, 6, D, dtype=torch.float64, requires_grad=True)
    wanted = torch.randn(3, 6, H, dtype=torch.float64)
    state, torchs_state = first_state(cell, 3)
    sources = [x, *module.parameters()]
    by_hand = unroll(step_of(module), x, state)[..., :H]
    fused = module(x, torchs_state)[0]
    found = [torch.autograd.grad((y * wanted).sum(), sources) for y in (by_hand, fused)]
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b)


@each_cell
def test_a_second_layer_reads_what_the_first_one_shows(cell: str):
    module = module_of(cell, n_layers=2)
    x = torch.randn(2, 5, D, dtype=torch.float64)
    zeros = torch.zeros(2, 2 * H if cell == "lstm" else H, dtype=torch.float64)
    below = unroll(step_of(module, 0), x, zeros)[..., :H]
    above = unroll(step_of(module, 1), below, zeros)[..., :H]
    torch.testing.assert_close(above, module(x)[0])


@each_cell
def test_rows_of_unequal_length_equal_packed_rows(cell: str):
    module = module_of(cell)
    x, lengths = torch.randn(3, 5, D, dtype=torch.float64), [2, 5, 3]
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    padded, _ = nn.utils.rnn.pad_packed_sequence(module(packed)[0], batch_first=True)
    zeros = torch.zeros(3, 2 * H if cell == "lstm" else H, dtype=torch.float64)
    states = unroll(step_of(module), x, zeros)[..., :H]
    for row, length in enumerate(lengths):
        torch.testing.assert_close(states[row, :length], padded[row, :length])


# The same three cells from the papers' equations, one number at a time, without tensors.


def sigma(a: float) -> float:
    return 1 / (1 + math.exp(-a))


def total(weights: CellWeights, unit: int, x: list[float], h: list[float]) -> tuple[float, float]:
    """What one unit gets from the input, and what from the state, biases included."""
    w_x, w_h, b_x, b_h = (part.tolist() for part in weights)
    from_x = b_x[unit] + sum(w * v for w, v in zip(w_x[unit], x, strict=True))
    return from_x, b_h[unit] + sum(w * v for w, v in zip(w_h[unit], h, strict=True))


def slow_rnn(x: list[float], h: list[float], w: CellWeights) -> list[float]:
    return [math.tanh(sum(total(w, unit, x, h))) for unit in range(H)]


def slow_gru(x: list[float], h: list[float], w: CellWeights) -> list[float]:
    new = []
    for unit in range(H):
        r = sigma(sum(total(w, unit, x, h)))
        z = sigma(sum(total(w, H + unit, x, h)))
        from_x, from_h = total(w, 2 * H + unit, x, h)
        new.append(z * h[unit] + (1 - z) * math.tanh(from_x + r * from_h))
    return new


def slow_lstm(x: list[float], h: list[float], c: list[float], w: CellWeights) -> list[float]:
    hidden, memory = [], []
    for unit in range(H):
        i, f, g, o = (sum(total(w, block * H + unit, x, h)) for block in range(4))
        memory.append(sigma(f) * c[unit] + sigma(i) * math.tanh(g))
        hidden.append(sigma(o) * math.tanh(memory[-1]))
    return hidden + memory


@pytest.mark.parametrize("seed", range(5))
def test_one_step_equals_the_sums_written_out(seed: int):
    w = {cell: weights_of(module_of(cell, seed=seed)) for cell in MODULES}
    x, h, c = (torch.randn(2, n, dtype=torch.float64) for n in (D, H, H))
    steps = {
        "rnn": rnn_step(x, h, w["rnn"]),
        "gru": gru_step(x, h, w["gru"]),
        "lstm": torch.cat(lstm_step(x, h, c, w["lstm"]), dim=1),
    }
    for row, (a, b, m) in enumerate(zip(x.tolist(), h.tolist(), c.tolist(), strict=True)):
        assert steps["rnn"][row].tolist() == pytest.approx(slow_rnn(a, b, w["rnn"]))
        assert steps["gru"][row].tolist() == pytest.approx(slow_gru(a, b, w["gru"]))
        assert steps["lstm"][row].tolist() == pytest.approx(slow_lstm(a, b, m, w["lstm"]))


def gates_set_to(*biases: float) -> CellWeights:
    """Weights of zero; the gates depend on nothing but these biases, one per block."""
    n = len(biases) * H
    b = torch.tensor(biases).repeat_interleave(H)
    return CellWeights(torch.zeros(n, D), torch.zeros(n, H), b, torch.zeros(n))


def test_an_lstm_that_forgets_nothing_and_writes_nothing_keeps_its_memory_for_ever():
    w = gates_set_to(-100.0, 100.0, 5.0, 0.0)  # input shut, forget open, output half open
    c = c_first = torch.randn(2, H)
    h = torch.randn(2, H)
    for _step in range(1000):
        h, c = lstm_step(torch.randn(2, D), h, c, w)
    torch.testing.assert_close(c, c_first, rtol=0, atol=0)
    torch.testing.assert_close(h, 0.5 * c_first.tanh())


def test_an_lstm_that_forgets_all_and_writes_all_holds_the_candidate():
    w = gates_set_to(100.0, -100.0, 0.7, 100.0)
    h, c = lstm_step(torch.randn(2, D), torch.randn(2, H), torch.randn(2, H), w)
    torch.testing.assert_close(c, torch.full((2, H), math.tanh(0.7)))
    torch.testing.assert_close(h, torch.full((2, H), math.tanh(math.tanh(0.7))))


def test_a_gru_whose_update_gate_is_1_keeps_its_state_and_at_0_it_takes_the_candidate():
    h = torch.randn(2, H)
    torch.testing.assert_close(gru_step(torch.randn(2, D), h, gates_set_to(0, 100, 3)), h)
    new = gru_step(torch.randn(2, D), h, gates_set_to(0, -100, 0.3))
    torch.testing.assert_close(new, torch.full((2, H), math.tanh(0.3)))


def test_gates_stay_in_their_ranges():
    x, h = 30 * torch.randn(50, D).double(), torch.randn(50, H).double()
    with torch.no_grad():
        lstm = lstm_gates(x, h, weights_of(module_of("lstm")))
        gru = gru_gates(x, h, weights_of(module_of("gru")))
    for gate in (lstm.input, lstm.forget, lstm.output, gru.reset, gru.update):
        assert gate.shape == (50, H)
        assert 0 <= float(gate.min()) < 0.1
        assert 0.9 < float(gate.max()) <= 1
    for candidate in (lstm.candidate, gru.candidate):
        assert -1 <= float(candidate.min()) < -0.9
        assert 0.9 < float(candidate.max()) <= 1
