import math
from collections import Counter, defaultdict

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.classroom.compare import compare, shape, short

TOL = 1e-6


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (2.0, 2),
        (np.float32(0.5), 0.5),
        (torch.tensor(3), 3),
        (0.1 + 0.2, 0.3),
        (1e9 + 1, 1e9),  # relative to its size
        (-math.inf, -math.inf),
        (math.nan, math.nan),
        (np.str_("bank"), "bank"),
        ((1, 2), [1, 2]),
        (np.array([[1, 2], [3, 4]]), torch.tensor([[1.0, 2.0], [3.0, 4.0]])),
        (torch.tensor([1.0], requires_grad=True), [1.0]),
        ([True, False], torch.tensor([True, False])),
        (defaultdict(int, a=1), {"a": 1}),
        (Counter(a=1, b=0), Counter(a=1)),
        ({"a": 1}, Counter(a=1, b=0)),
        ({("the",): Counter(bank=2)}, {("the",): {"bank": 2}}),
        ({1, 2}, frozenset({1, 2})),
        ([], []),
        (None, None),
    ],
)
def test_equal_values_are_equal_whatever_they_are_kept_in(result, expected):
    assert compare(result, expected, TOL) is None


@pytest.mark.parametrize(
    ("result", "expected", "about", "words"),
    [
        (None, 1.0, "kind", "is a return missing?"),
        ("1", 1, "kind", "a string came back where a number is due"),
        (True, 1, "kind", "a truth value"),
        (1, True, "kind", "a number came back where a truth value is due"),
        ((x for x in [1]), [1], "kind", "an object of type generator"),
        (1 + 2j, 1.0, "kind", "an object of type complex"),
        ([1, "a"], [1, 2], "kind", "at [1]: a string"),
        ([1, None], [1, 2], "kind", "at [1]: nothing came back"),
        (torch.zeros(3, 2), torch.zeros(2, 3), "shape", "the shape is (3, 2) where (2, 3) is due"),
        ([1, 2], [1, 2, 3], "shape", "2 items came back where 3 are due"),
        ([[1, 2], [3]], [[1, 2], [3, 4]], "shape", "shape is (2,) where (2, 2)"),
        ({"a": 1}, {"a": 1, "b": 2}, "shape", "the key 'b' is missing"),
        ({"a": 1, "c": 0}, {"a": 1}, "shape", "the key 'c' should not be there"),
        (Counter(a=1, b=2), Counter(a=1), "shape", "'b' should not be there"),
        ({"a": {"b": [1]}}, {"a": {"b": [2]}}, "value", "at ['a']['b'][0]: 1 came back where 2"),
        (math.nan, 1.0, "value", "NaN"),
        (torch.tensor([0.5, math.nan]), [0.5, 0.5], "value", "at [1]: the result is NaN"),
        (math.inf, 1.0, "value", "inf came back where 1 is due"),
        (1.0, math.inf, "value", "1 came back where inf is due"),
        (-math.inf, math.inf, "value", "-inf"),
        (1.0, math.nan, "value", "nan is due"),
        (10**400, 1.0, "value", "1000000"),
        (10**400, math.inf, "value", "where inf is due"),  # large, but not infinite
        (2**1001, math.inf, "value", "where inf is due"),
        ([10**5000], [1.0], "value", "at [0]: a number came back"),  # Python would not print it
        (1 + 2e-6, 1.0, "value", "1.000002"),
        (1 / 3, 0.25, "value", "0.3333 came back where 0.25 is due"),
        ((("the",), 1), (("a",), 1), "value", "at [0][0]: 'the'"),
        ("bank", "bark", "value", "'bank' came back where 'bark' is due"),
        ({1}, {2}, "value", "{1} came back where {2} is due"),
    ],
)
def test_the_first_difference_is_told_in_plain_words(result, expected, about, words):
    mismatch = compare(result, expected, TOL)
    assert mismatch is not None
    assert mismatch.about == about
    assert words in mismatch.words


def test_a_list_that_contains_itself_is_only_a_wrong_shape():
    endless: list = []
    endless.append(endless)
    mismatch = compare(endless, [1.0], TOL)
    assert mismatch is not None
    assert shape(endless) == (1,)


def test_a_list_that_contains_itself_many_times_is_looked_at_once():
    endless: list = []
    endless += [endless] * 1000  # 1000 ** 8 places at a depth of 8
    assert shape(endless) == (1000,)
    assert compare(endless, [1.0] * 1000, TOL) is not None


def test_a_long_value_is_cut():
    assert short(list(range(1000)), width=20) == "[0, 1, 2, 3, 4, 5, …"
    assert "\n" not in short(torch.zeros(5, 5))
    assert short((("the",), torch.ones(2))[0]) == "('the',)"


plain = st.recursive(
    st.integers() | st.floats() | st.text() | st.booleans() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(plain)
def test_everything_equals_itself(value):
    assert compare(value, value, TOL) is None


@given(plain, plain)
def test_no_result_whatever_stops_the_checker(result, expected):
    compare(result, expected, TOL)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1), st.integers(0), st.sampled_from([-1, 1]), st.data()
)
def test_one_changed_number_is_found_where_it_is(numbers, place, sign, data):
    place %= len(numbers)
    size = max(1.0, abs(numbers[place]))
    changed = list(numbers)
    changed[place] += sign * size * data.draw(st.floats(2e-6, 10))
    mismatch = compare(np.array(changed), torch.tensor(numbers, dtype=torch.float64), TOL)
    assert mismatch is not None
    assert mismatch.words.startswith(f"at [{place}]")
    changed[place] = numbers[place] + sign * size * 0.5e-6
    assert compare(changed, numbers, TOL) is None
