import itertools
import math

import pytest
import torch
from torch import nn

from course_lib.data.batching import random_windows
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss
from course_lib.training.schedules import learning_rate


class Bigram(nn.Module):
    """Scores the next token from the last one alone."""

    def __init__(self, vocab_size: int) -> None:
        super().__init__()
        self.table = nn.Embedding(vocab_size, vocab_size)
        nn.init.zeros_(self.table.weight)

    def forward(self, ids):
        return self.table(ids)


def cycle_batches(seed=0):
    return random_windows(torch.arange(11).repeat(20), 8, 16, torch.Generator().manual_seed(seed))


def square(model, target):
    return ((model.weight - target) ** 2).sum()


def test_training_starts_at_a_uniform_guess_and_learns_a_cycle():
    model, seen = Bigram(11), []
    cfg = TrainConfig(n_steps=100, lr=0.2, n_warmup=5)
    losses = train(model, next_token_loss, cycle_batches(), cfg, lambda *args: seen.append(args))
    assert losses[0] == pytest.approx(math.log(11))
    assert losses[-1] < 0.1
    assert [step for step, _ in seen] == list(range(100))
    assert [loss.item() for _, loss in seen] == losses
    assert model(torch.arange(11)).argmax(dim=1).tolist() == [*range(1, 11), 0]


def test_the_same_seed_gives_the_same_losses():
    runs = []
    for seed in (3, 3, 4):
        cfg = TrainConfig(n_steps=10, lr=0.1)
        runs.append(train(Bigram(11), next_token_loss, cycle_batches(seed), cfg))
    assert runs[0] == runs[1] != runs[2]


def test_the_rate_rises_to_lr_in_the_warm_up_and_falls_in_a_straight_line():
    cfg = TrainConfig(n_steps=10, lr=0.8, n_warmup=4)
    rates = [learning_rate(step, cfg) for step in range(11)]
    assert rates[:4] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert rates[4] == pytest.approx(0.8)
    falls = [a - b for a, b in itertools.pairwise(rates[4:])]
    assert falls == pytest.approx([0.8 / 6] * 6)
    assert rates[9] > 0 == rates[10]


def test_the_optimiser_uses_the_schedule():
    # AdamW's first step is as long as the rate: here lr / n_warmup.
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    train(model, square, [3.0], TrainConfig(n_steps=1, lr=0.5, weight_decay=0))
    assert model.weight.item() == pytest.approx(0.5, rel=1e-4)
    nn.init.zeros_(model.weight)
    cfg = TrainConfig(n_steps=11, n_warmup=10, lr=0.5, weight_decay=0)
    weights = []
    train(model, square, [3.0] * 11, cfg, lambda *_: weights.append(model.weight.item()))
    assert weights[0] == pytest.approx(0.05, rel=1e-4)


def test_weights_that_the_loss_ignores_decay():
    model = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model.weight)
    cfg = TrainConfig(n_steps=1, lr=0.5, weight_decay=0.1)
    train(model, lambda m, _: 0 * m.weight.sum(), [None], cfg)
    assert model.weight.item() == pytest.approx(1 - 0.5 * 0.1)


def gradient_norms(scales, max_grad_norm):
    """How long the gradients were when the optimiser used them."""
    model, norms = nn.Linear(4, 1, bias=False), []
    cfg = TrainConfig(n_steps=len(scales), max_grad_norm=max_grad_norm)
    keep = lambda *_: norms.append(model.weight.grad.norm().item())  # noqa: E731
    train(model, lambda m, scale: scale * m.weight.sum(), scales, cfg, keep)
    return norms


def test_long_gradients_are_cut():
    assert gradient_norms([1e3, 1e-3], 0.5) == pytest.approx([0.5, 2e-3], rel=1e-4)


@pytest.mark.parametrize("off", [None, 0])
def test_cutting_can_be_turned_off(off):
    assert gradient_norms([1e3, 1e-3], off) == pytest.approx([2e3, 2e-3], rel=1e-4)


def test_each_step_trains_even_if_on_step_evaluates():
    model, modes = nn.Linear(1, 1, bias=False), []

    def loss(model, target):
        modes.append(model.training)
        return square(model, target)

    train(model, loss, [1.0] * 3, TrainConfig(n_steps=3), lambda *_: model.eval())
    assert modes == [True] * 3


def test_batches_that_run_out_are_an_error_and_none_is_wasted():
    with pytest.raises(ValueError, match="ran out after 2 of 3"):
        train(nn.Linear(1, 1), square, [1.0, 1.0], TrainConfig(n_steps=3))
    stream = iter([1.0, 2.0, 3.0])
    train(nn.Linear(1, 1), square, stream, TrainConfig(n_steps=2))
    assert list(stream) == [3.0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_steps": 0},
        {"n_steps": 2, "n_warmup": 2},
        {"n_steps": 2, "n_warmup": -1},
        {"n_steps": 2, "lr": 0.0},
        {"n_steps": 2, "max_grad_norm": -0.5},
        {"n_steps": 2, "weight_decay": -0.1},
    ],
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(ValueError):
        TrainConfig(**wrong)
