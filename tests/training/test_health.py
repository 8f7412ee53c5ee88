"""A run that goes wrong ends at once, and says at which step and why."""

import math

import pytest
import torch
from torch import nn

from course_lib.data.batching import IGNORED
from course_lib.errors import CourseError
from course_lib.training.health import likely_cause, refuse_not_finite
from course_lib.training.loop import TrainConfig, Watch, train
from course_lib.training.objectives import next_token_loss

from .small_runs import batches, small_gpt


def scaled(model, scale):
    return model.weight.sum() * scale


def rows(change, at=3):
    """Batches, of which one is changed."""
    for i, (x, y) in enumerate(batches()):
        yield change(x, y) if i == at else (x, y)


def test_a_batch_without_targets():
    stream = rows(lambda x, y: (x, torch.full_like(y, IGNORED)))
    with pytest.raises(CourseError, match="loss is nan at step 3: a batch has nothing to predict"):
        train(small_gpt(), next_token_loss, stream, TrainConfig(n_steps=9))


def test_a_target_that_the_model_forbids():
    model, forbidden = small_gpt(), torch.zeros(19)
    forbidden[0] = -torch.inf

    def loss_fn(model, batch):
        x, y = batch
        return nn.functional.cross_entropy((model(x) + forbidden).flatten(0, 1), y.flatten())

    with pytest.raises(CourseError, match=r"loss is inf at step 3: .*impossible, .*logit of -inf"):
        train(model, loss_fn, rows(lambda x, y: (x, 0 * y)), TrainConfig(n_steps=9))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_batch_that_is_not_finite(bad):
    features = [torch.ones(2), torch.tensor([1.0, bad]), torch.ones(2)]
    with pytest.raises(CourseError, match="at step 1: the batch itself holds nan or inf"):
        train(nn.Linear(2, 1), lambda m, x: m(x).square().sum(), features, TrainConfig(n_steps=3))


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"max_grad_norm": None}, "a step was too long; set max_grad_norm"),
        ({}, "the learning rate is probably too high; lower it, or warm up"),
    ],
)
def test_a_rate_that_is_too_high(settings, advice):
    """x^4 - x^2 is inf - inf, which is nan, from about 1e10 on."""
    model = nn.Linear(1, 1, bias=False)
    cfg = TrainConfig(n_steps=500, lr=1e30, **settings)
    with pytest.raises(CourseError, match=rf"at step [1-9]\d*: {advice}"):
        train(model, lambda m, _: (m.weight**4 - m.weight**2).sum(), [None] * 500, cfg)


def test_weights_that_are_nan_at_the_start():
    model = nn.Linear(1, 1)
    nn.init.constant_(model.weight, math.nan)
    with pytest.raises(CourseError, match=r"nan at step 0: .* before anything was learnt"):
        train(model, scaled, [1.0], TrainConfig(n_steps=1))


def test_float16_has_its_own_likely_cause():
    cfg = TrainConfig(n_steps=5, precision="float16")
    assert "bfloat16" in likely_cause(math.nan, 4, [torch.ones(2)], cfg)


def test_targets_deep_in_a_batch_are_found():
    batch = [{"inputs": torch.ones(2), "rest": (torch.full((2, 2), IGNORED), "x", None)}]
    assert "nothing to predict" in likely_cause(math.nan, 1, batch, TrainConfig(n_steps=5))
    some = [{"rest": (torch.tensor([IGNORED, 4]),)}]
    assert "nothing" not in likely_cause(math.nan, 1, some, TrainConfig(n_steps=5))


def test_a_look_now_and_then_still_names_the_step_and_its_batch():
    """As on a GPU, where the losses are looked at every 20 steps."""
    cfg = TrainConfig(n_steps=9)
    parts = [torch.ones(1), torch.full((2,), IGNORED), torch.ones(1)]
    with pytest.raises(CourseError, match="at step 5: a batch has nothing to predict"):
        refuse_not_finite([0.1, math.nan, math.nan], 4, parts, cfg)
    refuse_not_finite([], 9, [], cfg)
    refuse_not_finite([0.0, -3.0], 4, parts, cfg)


def test_losses_are_looked_at_in_groups_where_looking_makes_a_gpu_wait(monkeypatch):
    looks = []
    made = Watch.__init__

    def as_on_a_gpu(self, *args):
        made(self, *args)
        self.every = 4

    look = Watch.look
    monkeypatch.setattr(Watch, "__init__", as_on_a_gpu)
    monkeypatch.setattr(Watch, "look", lambda self: (looks.append(self.learner.n_done), look(self)))
    train(nn.Linear(1, 1), scaled, [1.0] * 10, TrainConfig(n_steps=10))
    assert looks == [4, 8, 10]
    data = [torch.ones(1)] * 5 + [torch.tensor([math.nan])] + [torch.ones(1)] * 9
    with pytest.raises(CourseError, match="at step 5: the batch itself"):
        train(nn.Linear(1, 1), lambda m, x: m(x).sum(), data, TrainConfig(n_steps=10))
