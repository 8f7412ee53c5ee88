import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from course_lib.errors import CourseError
from course_lib.training.numbers import NumberScaler

nan = math.nan
cells = st.one_of(st.just(nan), st.integers(-40, 40).map(lambda n: n / 4))


def table(n_rows: st.SearchStrategy[int]) -> st.SearchStrategy[list[list[float]]]:
    return n_rows.flatmap(
        lambda n: st.lists(st.lists(cells, min_size=3, max_size=3), min_size=n, max_size=n)
    )


@given(table(st.integers(1, 9)), table(st.integers(1, 4)))
def test_equals_scikit_learns_imputer_and_scaler(train, new):
    here = ~np.isnan(np.array(train)).all(axis=0)  # they drop a column that is always missing
    imputer = SimpleImputer(strategy="mean", keep_empty_features=True)
    filled = imputer.fit_transform(train)
    # Scaled as the numbers that are there, before the gaps were filled with their mean.
    theirs = StandardScaler().fit(np.where(here, np.array(train), 0.0))
    expected = theirs.transform(np.where(here, imputer.transform(new), 0.0))
    constant = [len({row[k] for row in train if not math.isnan(row[k])}) < 2 for k in range(3)]
    expected[:, constant] = 0
    assert filled.shape == (len(train), 3)
    found = NumberScaler.fit(train)(new)
    np.testing.assert_allclose(found[:, :3].numpy(), expected, rtol=1e-5, atol=1e-5)


def test_known_numbers():
    scaler = NumberScaler.fit([[1, 5, nan, 2], [3, 5, nan, nan], [5, 5, nan, 4]])
    assert scaler.n_columns == 4 + 2
    assert scaler.has_missing.tolist() == [False, False, True, True]
    found = scaler([[3, 7, 9, 5], [nan, nan, nan, nan]])
    sd = math.sqrt(8 / 3)
    assert found[0].tolist() == pytest.approx([0, 0, 0, 2, 0, 0])
    assert found[1].tolist() == [0, 0, 0, 0, 1, 1]
    assert scaler([[5, 0, 0, 3]])[0, 0].item() == pytest.approx(2 / sd)
    assert found.dtype == torch.float32


def test_it_is_built_again_from_three_tensors():
    first = NumberScaler.fit([[1, nan], [2, 3]])
    second = NumberScaler(first.mean, first.spread, first.has_missing)
    assert second([[4, nan]]).equal(first([[4, nan]]))


def test_numbers_far_from_zero_do_not_lose_their_differences():
    found = NumberScaler.fit([[1e9], [1e9 + 1], [1e9 + 2]])([[1e9 + 2], [1e9]])
    assert found[:, 0].tolist() == pytest.approx([math.sqrt(1.5), -math.sqrt(1.5)])
    same = NumberScaler.fit([[0.1], [0.1], [0.1]])
    assert same([[0.1], [7.0]]).tolist() == [[0], [0]], "always the same, but for rounding"


def test_what_is_no_table_of_numbers_is_refused():
    with pytest.raises(CourseError, match="no numbers"):
        NumberScaler.fit([])
    with pytest.raises(CourseError, match="text 2 has 1 numbers, but 2"):
        NumberScaler.fit([[1, 2], [3]])
    scaler = NumberScaler.fit([[1.0], [2.0]])
    with pytest.raises(CourseError, match="text 1 has 2 numbers, but 1"):
        scaler([[1, 2]])
    with pytest.raises(CourseError, match="text 2 is infinite"):
        scaler([[1], [math.inf]])
    assert scaler([]).shape == (0, 1)
