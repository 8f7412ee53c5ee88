import math

import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.evaluation.classification import accuracy, macro_f1
from course_lib.evaluation.confidence import Interval, bootstrap, bootstrap_mean, wilson
from course_lib.evaluation.regression import pearson


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(st.integers(1, 300), st.floats(0, 1), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_equals_scipy(n, share, level):
    n_right = round(share * n)
    theirs = scipy.stats.binomtest(n_right, n).proportion_ci(level, method="wilson")
    ours = wilson(n_right, n, level)
    assert ours == pytest.approx((n_right / n, theirs.low, theirs.high), abs=1e-12)
    assert 0 <= ours.low <= ours.value <= ours.high <= 1


def test_wilson_at_the_ends():
    assert all(wilson(n, n).high == 1 for n in range(1, 100)), "not 1 + 2e-16"
    assert all(wilson(0, n).low == 0 for n in range(1, 100))
    assert wilson(20, 20).low == pytest.approx(0.839, abs=1e-3)
    assert wilson(0, 20) == pytest.approx((0, 0, 1 - 0.839), abs=1e-3)
    assert str(wilson(1, 2)) == "0.500 [0.095, 0.905]"
    for n_right, n in ((1, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="no share"):
            wilson(n_right, n)
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, level=95)


def test_the_bootstrap_of_a_mean_is_near_the_normal_interval():
    values = torch.randn(400, generator=seeded(), dtype=torch.float64)
    found = bootstrap_mean(values, seeded(1), n_draws=4000)
    mean, half = values.mean().item(), 1.96 * values.std().item() / 20
    assert found.value == pytest.approx(mean)
    assert found.low == pytest.approx(mean - half, abs=0.1 * half)
    assert found.high == pytest.approx(mean + half, abs=0.1 * half)
    narrower = bootstrap_mean(values, seeded(1), n_draws=4000, level=0.5)
    ratio = (narrower.high - narrower.low) / (found.high - found.low)
    assert ratio == pytest.approx(0.674 / 1.96, rel=0.1)


def test_any_measure_over_several_lists_at_once():
    rng = seeded()
    right = torch.randint(3, (300,), generator=rng).tolist()
    noisy = [
        r if c < 0.8 else 0 for r, c in zip(right, torch.rand(300, generator=rng), strict=True)
    ]
    found = bootstrap(accuracy, [noisy, right], seeded(1), n_draws=2000)
    n_right = sum(a == b for a, b in zip(noisy, right, strict=True))
    assert found == pytest.approx(wilson(n_right, 300), abs=0.01), "rows are drawn together"
    same = bootstrap(macro_f1, [noisy, right], seeded(2), n_draws=50)
    assert same == bootstrap(macro_f1, [noisy, right], seeded(2), n_draws=50)
    assert same != bootstrap(macro_f1, [noisy, right], seeded(3), n_draws=50)
    assert same.low < same.value < same.high


def test_most_intervals_hold_the_truth():
    rng, n_held = seeded(), 0
    for _sample in range(200):
        values = torch.rand(60, generator=rng, dtype=torch.float64)
        found = bootstrap_mean(values, rng, n_draws=300)
        n_held += found.low <= 0.5 <= found.high
    assert 180 <= n_held <= 199  # 95 % of 200 is 190; this is more than 3 sd either way


def test_draws_without_a_measure_are_left_out():
    found = bootstrap(pearson, [[1.0, 2.0], [2.0, 4.0]], seeded(), n_draws=40)
    assert found == pytest.approx((1, 1, 1))
    nothing = bootstrap(pearson, [[1.0, 1.0], [2.0, 4.0]], seeded(), n_draws=4)
    assert all(math.isnan(x) for x in nothing)
    assert bootstrap_mean([3.0], seeded()) == Interval(3, 3, 3)


def test_no_texts_or_unequal_lists_are_refused():
    for samples in ([[], []], [[1], [1, 2]], []):
        with pytest.raises(ValueError, match="equal, positive"):
            bootstrap(accuracy, samples, seeded())
    with pytest.raises(ValueError, match="no values"):
        bootstrap_mean([], seeded())
