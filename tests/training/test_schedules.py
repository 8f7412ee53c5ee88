import math

import pytest

from course_lib.training.config import TrainConfig
from course_lib.training.schedules import learning_rate


def test_the_cosine_starts_at_the_peak_is_half_way_at_half_time_and_ends_at_0():
    cfg = TrainConfig(n_steps=104, n_warmup=4, lr=0.6, schedule="cosine")
    assert [learning_rate(step, cfg) for step in range(4)] == pytest.approx([0.15, 0.3, 0.45, 0.6])
    assert learning_rate(4, cfg) == pytest.approx(0.6)
    assert learning_rate(54, cfg) == pytest.approx(0.3)
    assert learning_rate(29, cfg) == pytest.approx(0.3 * (1 + math.sqrt(0.5)))
    assert learning_rate(104, cfg) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_rates_never_rise_after_the_warm_up_and_every_step_moves(schedule):
    cfg = TrainConfig(n_steps=50, n_warmup=7, lr=2.0, schedule=schedule)
    rates = [learning_rate(step, cfg) for step in range(50)]
    assert rates[:7] == sorted(rates[:7])
    assert rates[7:] == sorted(rates[7:], reverse=True)
    assert min(rates) > 0
    assert max(rates) == 2.0


def test_groups_of_weights_have_peaks_of_their_own():
    cfg = TrainConfig(n_steps=10, n_warmup=2, lr=1.0)
    for step in range(10):
        assert learning_rate(step, cfg, 0.25) == pytest.approx(0.25 * learning_rate(step, cfg))


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_a_fall_may_end_above_0(schedule):
    falls = [
        TrainConfig(n_steps=20, n_warmup=5, lr=2.0, schedule=schedule, lr_end=e) for e in (0, 0.1)
    ]
    for step in range(21):
        to_0, to_a_tenth = (learning_rate(step, cfg) for cfg in falls)
        expected = to_0 if step < 5 else 0.2 + 0.9 * to_0
        assert to_a_tenth == pytest.approx(expected)


@pytest.mark.parametrize("lr_end", [-0.1, 1.1])
def test_an_end_that_is_no_part_of_the_highest_rate_is_refused(lr_end):
    with pytest.raises(ValueError, match="lr_end"):
        TrainConfig(n_steps=20, lr_end=lr_end)
