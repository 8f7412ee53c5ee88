import math

import pytest
import scipy.stats
import sklearn.metrics
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.evaluation.regression import pearson, r_squared, root_mean_square

few = st.integers(-4, 4).map(lambda n: n / 2)
pairs = st.lists(st.tuples(few, st.floats(-50, 50).map(lambda x: round(x, 3))), min_size=2)


@given(pairs)
def test_all_equal_scipy_and_scikit_learn(values):
    x, y = map(list, zip(*values, strict=True))
    if len(set(x)) > 1 and len(set(y)) > 1:
        assert pearson(x, y) == pytest.approx(scipy.stats.pearsonr(x, y).statistic, abs=1e-9)
    else:
        assert math.isnan(pearson(x, y))
    if len(set(y)) > 1:
        expected = sklearn.metrics.r2_score(y, x)
        assert r_squared(x, y) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    else:  # their mean of equal numbers may be off by a last bit, and then they divide by that
        assert r_squared(x, y) == (x == y)
    expected = sklearn.metrics.root_mean_squared_error(y, x)
    assert root_mean_square(x, y) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_known_values():
    right = torch.tensor([1.0, 2, 3, 6])
    assert r_squared(torch.full((4,), 3.0), right) == 0, "the mean explains nothing"
    assert r_squared(right, right) == 1
    assert r_squared(-right, right) < 0
    assert r_squared([5, 5], [5, 5]) == 1
    assert r_squared([5, 6], [5, 5]) == 0
    assert pearson(right, 10 - 3 * right) == pytest.approx(-1)
    assert pearson(1e200 * right.double(), right) == pytest.approx(1), "no overflow"
    assert root_mean_square([0, 0], [3, 4]) == pytest.approx(math.sqrt(12.5))


def test_too_little_to_compare_is_refused():
    for measure in (pearson, r_squared):
        for x, y in (([1], [1]), ([1, 2], [1, 2, 3])):
            with pytest.raises(ValueError, match="cannot compare"):
                measure(x, y)
    with pytest.raises(ValueError, match="cannot compare 0"):
        root_mean_square([], [])
