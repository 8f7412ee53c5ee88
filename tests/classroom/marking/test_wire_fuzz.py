"""A hundred thousand hostile replies, from bytes to verdict: none crashes or fools the judge.

Each starts as a right or a wrong answer to a case of a real exercise and is then spoilt.
"""

import functools
import math
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.classroom.checker import Verdict, judge_result, report
from course_lib.classroom.compare import kind
from course_lib.classroom.marking.session import read_reply
from course_lib.classroom.marking.wire import WireError, decode, encode
from course_lib.classroom.registry import all_exercises

N_REPLIES = 100_000
NUMBER = "0123456789abcdef"  # of the request
SEED = 6
TAGS = b"NTFifsltdCSZaxgo"
SIZES = (0, 1, 2, 255, 256, 65_536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)

pytestmark = pytest.mark.filterwarnings("ignore")  # a law may make an array of strange things


def answers() -> Iterator[tuple]:
    """Exercise, case, right result, and what a worker may send for it, honestly or not."""
    for exercise in all_exercises():
        for case in exercise.cases(random.Random(SEED))[:3]:
            expected = exercise.reference(*case.args)
            found = [expected]
            for wrong in exercise.wrong_answers:
                try:
                    found.append(wrong.answer(*case.args))
                except Exception:
                    continue
            yield exercise, case, expected, [encode([NUMBER, "value", result]) for result in found]


def same(result, expected, tolerance: float) -> bool:
    """Slowly and exactly, by other means than the judge: after a rewriting, with fractions."""
    counts = isinstance(expected, Counter)
    result, expected = simple(result), simple(expected)
    if type(result) is not type(expected):
        return False
    if isinstance(expected, tuple):  # a number
        return close(result[0], expected[0], tolerance)
    if isinstance(expected, list):
        n = len(expected)
        return len(result) == n and all(same(result[i], expected[i], tolerance) for i in range(n))
    if isinstance(expected, dict):
        if counts:
            result, expected = without_zeros(result), without_zeros(expected)
        return result.keys() == expected.keys() and all(
            same(result[key], expected[key], tolerance) for key in expected
        )
    return bool(result == expected)


def simple(value):
    """Sequences as lists, numbers but truth values as tuples of one, sets as frozensets."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return list(value) if value.ndim else simple(value.item())
    if isinstance(value, np.generic):
        return simple(value.item())
    for types, other in (((list, tuple), list), (dict, dict), (set, frozenset)):
        if isinstance(value, types):
            return other(value)
    return (value,) if type(value) in (int, float) else value


def close(result: float, expected: float, tolerance: float) -> bool:
    for number in (result, expected):
        if isinstance(number, float) and not math.isfinite(number):
            return repr(result) == repr(expected)
    gap = abs(Fraction(result) - Fraction(expected))
    return gap <= Fraction(tolerance) * max(1, abs(Fraction(expected)))


def without_zeros(counts: dict) -> dict:
    return {key: value for key, value in counts.items() if simple(value) not in ((0,), False)}


def spoil(message: bytes, other: bytes, rng: random.Random) -> bytes:
    """A message changed in one of the ways of WAYS; `other` is a second message."""
    return rng.choice(WAYS)(bytearray(message), other, rng)


def flip(data: bytearray, _other: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def flip_late(data: bytearray, _other: bytes, rng: random.Random) -> bytes:
    """Only in the result: what stands before it stays a reply."""
    data[rng.randrange(len(data) * 3 // 4, len(data))] = rng.randrange(256)
    return bytes(data)


def cut(data: bytearray, _other: bytes, rng: random.Random) -> bytes:
    return bytes(data[: rng.randrange(len(data))])


def lie_about_a_size(data: bytearray, _other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(max(1, len(data) - 4))
    data[at : at + 4] = rng.choice(SIZES).to_bytes(4, "little")
    return bytes(data)


def change_a_tag(data: bytearray, _other: bytes, rng: random.Random) -> bytes:
    places = [at for at, byte in enumerate(data) if byte in TAGS]
    data[rng.choice(places)] = rng.choice(TAGS)
    return bytes(data)


def splice(data: bytearray, other: bytes, rng: random.Random) -> bytes:
    start, end = sorted(rng.randrange(len(other) + 1) for _ in range(2))
    at = rng.randrange(len(data))
    return bytes(data[:at] + other[start:end] + data[at + rng.choice((0, end - start)) :])


def another_answer(data: bytearray, other: bytes, rng: random.Random) -> bytes:
    """A well-formed reply with an answer to something else, or made of both."""
    mine, theirs = decode(bytes(data))[2], decode(other)[2]
    mixed = rng.choice(
        [theirs, [mine], [theirs, mine], [mine] * 3, {"a": mine}, (mine, mine), None, {0: theirs}]
    )
    return encode([NUMBER, "value", mixed])


def one_item_changed(data: bytearray, _other: bytes, rng: random.Random) -> bytes:
    """A result of the right shape with something strange in it."""
    strange = rng.choice(STRANGE)
    return encode([NUMBER, "value", with_one_changed(decode(bytes(data))[2], strange, rng)])


def with_one_changed(value, strange, rng: random.Random):
    value = value.tolist() if isinstance(value, torch.Tensor | np.ndarray) else value
    if isinstance(value, dict) and value:
        key = rng.choice([*value, "one more"])
        if key == "one more":
            return {**value, key: strange}
        return {**value, key: with_one_changed(value[key], strange, rng)}
    if isinstance(value, list | tuple) and value:
        at = rng.randrange(len(value))
        new = with_one_changed(value[at], strange, rng)
        return type(value)([*value[:at], new, *value[at + 1 :]])
    return strange


def nest(data: bytearray, _other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    around = bytes([rng.choice(b"ltSZ")]) + b"\1\0\0\0"
    return bytes(data[:at]) + around * rng.choice((1, 2, 31, 33, 1000)) + bytes(data[at:])


def noise(_data: bytearray, _other: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(rng.randrange(64))


STRANGE = [
    *(None, True, -1, 0, 2**4095, -(2**4095), 2**1001, math.nan, math.inf, -0.0, 1e308, 1e-9),
    *("", "x" * 999, "\0", "{hint}", "%s"),
    *([], {}, (), {1}, [[]], [1.0, [2]], Counter(a=1), {"a": [1]}, {(1, 2), (3,)}, {(): ()}),
    *(torch.zeros(0), torch.zeros(2, 0, 3), torch.tensor(math.nan), torch.ones(2, 2) * math.nan),
    *(np.float16("inf"), np.array("a"), np.zeros((0, 3)), np.uint64(2**64 - 1), torch.tensor(True)),
    *([[[[[[[[[[1]]]]]]]]]], [1, "a", None], object(), [list(range(9))] * 9),
]  # fmt: skip
WAYS = [flip, flip_late, flip_late, cut, lie_about_a_size, change_a_tag, splice, another_answer]
WAYS += [one_item_changed, one_item_changed, nest, noise]


def test_a_hundred_thousand_hostile_replies_neither_crash_nor_fool_the_judge():
    rng = random.Random(SEED)
    asked = list(answers())
    found = Counter()
    for number in range(N_REPLIES):
        exercise, case, expected, messages = rng.choice(asked)
        other = rng.choice(rng.choice(asked)[3])
        message = spoil(rng.choice(messages), other, rng)
        try:
            result = read_reply(decode(message), NUMBER).value
        except WireError:
            found["refused"] += 1
            continue
        failure = judge_result(exercise, case, result, expected)
        assert (failure is None) == same(result, expected, exercise.tolerance), message
        found["wrong" if failure else "right"] += 1
        if failure and number % 10 == 0:
            assert len(report(exercise, Verdict(0, 1, case, failure))) < 1500
    # Enough of them got as far as the judge, and passed it with an equal value.
    assert found["refused"] > N_REPLIES / 4
    assert found["wrong"] > N_REPLIES / 4
    assert found["right"] > N_REPLIES / 100


def test_the_slow_judge_agrees_on_what_was_not_spoilt():
    for exercise, case, expected, messages in answers():
        for message in messages:
            result = decode(message)[2]
            failure = judge_result(exercise, case, result, expected)
            assert (failure is None) == same(result, expected, exercise.tolerance), exercise.name


KEYS = st.integers() | st.booleans() | st.text(max_size=3) | st.tuples(st.integers(0, 3))
LEAVES = st.none() | KEYS | st.floats() | st.sampled_from([2**4000, np.float32(1), torch.ones(2)])
MADE = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3).map(Counter)
        | st.sets(KEYS, max_size=3)
    ),
)
CASES = [(e, e.cases(random.Random(SEED))[-1]) for e in all_exercises()]


@settings(max_examples=300)
@given(value=MADE, number=st.integers(0, len(CASES) - 1))
def test_no_value_that_anybody_can_send_stops_the_judge(value, number):
    result = decode(encode(value))
    exercise, case = CASES[number]
    expected = exercise.reference(*case.args)
    failure = judge_result(exercise, case, result, expected)
    assert (failure is None) == same(result, expected, exercise.tolerance)


@settings(max_examples=300)
@given(
    st.binary(max_size=200) | st.binary(max_size=40).map(lambda b: encode([NUMBER, "value"]) + b)
)
def test_random_bytes_are_a_value_or_a_wire_error(data):
    try:
        value = decode(data)
    except WireError:
        return
    sent = encode(value)  # it is a value like any other
    assert encode(decode(sent)) == sent


HUGE = {
    "many numbers": [0.5] * 50_000,
    "a tensor of many rows": torch.zeros(50_000, 1),
    "many empty lists": np.zeros((50_000, 0)),
    "a megabyte of text": "x" * 2**20,
    "one within the other": functools.reduce(lambda inner, _: [inner], range(25), 1.0),
    "ten thousand keys": Counter(range(9_000)),
}


@pytest.mark.parametrize("name", HUGE)
def test_the_largest_results_are_judged_for_every_kind_of_exercise(name):
    """One exercise for each kind of expected value: the judge comes to an end, with short words."""
    result = decode(encode(HUGE[name]))
    kinds = {kind(e.reference(*case.args)): (e, case) for e, case in CASES}
    for exercise, case in kinds.values():
        failure = judge_result(exercise, case, result, exercise.reference(*case.args))
        assert failure is not None
        assert len(report(exercise, Verdict(0, 1, case, failure))) < 1500
