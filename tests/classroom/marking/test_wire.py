"""Honest values: what is sent arrives, and arrives as the plainest thing that it is."""

import enum
import math
import random
from collections import Counter, OrderedDict, UserDict, defaultdict, deque, namedtuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from course_lib.classroom.marking.wire import Opaque, WireError, decode, encode
from course_lib.classroom.registry import all_exercises

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**4096) + 1, 2**4096 - 1) | st.integers() | st.floats()
KEYS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda keys: st.tuples(keys, keys) | st.frozensets(keys, max_size=3),
    max_leaves=4,
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT | st.frozensets(KEYS, max_size=4),
    lambda values: (
        st.lists(values, max_size=4)
        | st.lists(values, max_size=4).map(tuple)
        | st.dictionaries(KEYS, values, max_size=4)
        | st.dictionaries(KEYS, values, max_size=4).map(Counter)
        | st.sets(KEYS, max_size=4)
    ),
    max_leaves=20,
)
INT_TYPES = [f"{sign}int{n_bits}" for sign in ("", "u") for n_bits in (8, 16, 32, 64)]
REAL_TYPES = ["bool", *INT_TYPES, "float16", "float32", "float64"]
Pair = namedtuple("Pair", "left right")


def alike(a, b) -> bool:
    """Of the same types all the way down, dicts in the same order, -0.0 and NaN kept."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (a != a and b != b)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict):
        return alike(list(a.items()), list(b.items()))
    return a == b


@given(VALUES)
def test_plain_values_arrive_as_they_were_sent(value):
    assert alike(decode(encode(value)), value)


@pytest.mark.parametrize("value", [math.nan, -0.0, math.inf, 5e-324, 2**4096 - 1, 1 - 2**4096, ""])
def test_the_ends_of_the_numbers_arrive(value):
    assert alike(decode(encode([value, (value,)])), [value, (value,)])


@pytest.mark.parametrize("dtype", REAL_TYPES)
@given(data=st.data())
def test_arrays_and_their_numbers_arrive(dtype, data):
    array = data.draw(npst.arrays(dtype, npst.array_shapes(min_dims=0, min_side=0, max_side=4)))
    for sent in (array, array.T, array[..., ::2] if array.ndim else array):
        found = decode(encode(sent))
        assert type(found) is np.ndarray
        assert found.flags.writeable
        assert (found.dtype, found.shape) == (sent.dtype, sent.shape)
        np.testing.assert_array_equal(found, sent)
    for number in array.reshape(-1)[:2]:
        found = decode(encode(number))
        assert type(found) is type(number)
        np.testing.assert_array_equal(found, number)


def test_an_array_of_the_other_byte_order_keeps_its_numbers():
    assert decode(encode(np.array([1, 258], dtype=">i4"))).tolist() == [1, 258]


@pytest.mark.parametrize("name", [*REAL_TYPES, "bfloat16"])
@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (3,), (2, 3), (2, 1, 4)])
def test_tensors_arrive(name, shape):
    rng = torch.Generator().manual_seed(0)
    tensor = (torch.rand(shape, generator=rng) * 100).to(getattr(torch, name))
    for sent in (tensor, tensor.mT if len(shape) > 1 else tensor, tensor.reshape(-1)[1:3:2]):
        found = decode(encode(sent))
        assert type(found) is torch.Tensor
        assert found.is_contiguous()
        torch.testing.assert_close(found, sent, rtol=0, atol=0)


@pytest.mark.filterwarnings("ignore")  # torch's own, of old and new kinds of tensors
@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: torch.nn.Parameter(torch.ones(2)), [1, 1]),
        (lambda: torch.tensor([3, 4]).to_sparse(), [3, 4]),
        (lambda: torch.eye(2).to_sparse_csr(), [[1, 0], [0, 1]]),
        (lambda: torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.quint8), [1, 1]),
        (lambda: torch.tensor([1.5, -2]).to(torch.float8_e4m3fn), [1.5, -2]),
        (lambda: torch.tensor([1 + 2j]).conj().imag, [-2]),  # lazily negated
        (lambda: torch.arange(6.0)[::2].expand(2, 3), [[0, 2, 4], [0, 2, 4]]),
    ],
)
def test_a_tensor_counts_by_its_values(make, expected):
    found = decode(encode(make()))
    assert found.tolist() == expected
    assert found.layout == torch.strided
    assert not found.requires_grad


class Colour(enum.IntEnum):
    RED = 3


class Words(list):
    pass


class Name(str):
    pass


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (Colour.RED, 3),
        (Words(["a"]), ["a"]),
        (Name("a"), "a"),
        (np.str_("a"), "a"),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([1, "a", None], dtype=object), [1, "a", None]),
        (np.longdouble(0.5), np.float64(0.5)),
        (defaultdict(int, a=1), {"a": 1}),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (UserDict(a=1), {"a": 1}),
        (deque([1, 2], maxlen=2), [1, 2]),
        (range(1, 7, 2), [1, 3, 5]),
        ({"a": 1}.keys(), {"a"}),
        ({"a": 1}.values(), [1]),
        ({"a": 1}.items(), {("a", 1)}),
        (Pair(1, 2), (1, 2)),
        (torch.Size([2, 3]), (2, 3)),
        ((x for x in "ab"), Opaque("generator")),
        (b"ab", Opaque("bytes")),
        (3j, Opaque("complex")),
        (np.complex64(1), Opaque("complex")),
        (torch.tensor([1j]), Opaque("Tensor")),
        (torch.empty(2, device="meta"), Opaque("Tensor")),
        (len, Opaque("builtin_function_or_method")),
        (type("Ünicode", (), {})(), Opaque("object")),
        (Opaque("Vocab"), Opaque("Vocab")),
    ],
)
def test_what_is_like_plain_data_becomes_plain(sent, expected):
    found = decode(encode(sent))
    assert found == expected
    assert type(found) is type(expected)


def test_the_same_set_is_the_same_bytes_whatever_its_order():
    assert list({0, 8}) != list({8, 0})
    assert encode({0, 8}) == encode({8, 0})
    assert encode(frozenset([0, 8])) == encode(frozenset([8, 0]))


class Unreadable(list):
    def __iter__(self):
        raise KeyError("no")


class Grows(dict):
    def __len__(self):
        return 3

    def items(self):
        while True:
            yield "a", 1


def cyclic() -> list:
    inner: list = []
    inner.append([inner])
    return inner


def nested(depth: int) -> list:
    return [nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    "value",
    [
        *(cyclic(), nested(33), 2**4096, "\ud800", "a" * (2**20 + 1), {math.nan: 1}, {math.nan}),
        *(Unreadable([1]), Grows(a=1), range(10**18), [0] * 1_000_001, ["a" * 2**20] * 17),
        *(np.zeros(1_000_001), np.zeros((0, 10**7)), torch.zeros(1, 1_000_001), set(range(10_001))),
        {object(): 1, object(): 2},
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_sent_is_a_wire_error(value):
    with pytest.raises(WireError):
        encode(value)


def test_what_is_just_within_the_limits_can_be_sent():
    for value in (nested(32), "ü" * 2**19, set(range(10_000)), [["a" * 2**19] * 31]):
        assert decode(encode(value)) == value
    assert len(decode(encode([0.5] * 999_999))) == 999_999


def test_every_case_of_every_exercise_and_its_answer_arrive():
    for exercise in all_exercises():
        for case in exercise.cases(random.Random(7)):
            for value in (case.args, exercise.reference(*case.args)):
                assert equal(decode(encode(value)), value), exercise.name


def equal(a, b) -> bool:
    """As `alike`, and tensors by dtype, shape and numbers."""
    if isinstance(b, torch.Tensor):
        same = torch.equal(torch.nan_to_num(a), torch.nan_to_num(b))
        return type(a) is torch.Tensor and a.dtype == b.dtype and same
    if isinstance(b, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    if isinstance(b, dict):
        return type(a) is type(b) and equal(list(a.items()), list(b.items()))
    return alike(a, b)
