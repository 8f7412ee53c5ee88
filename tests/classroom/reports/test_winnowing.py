"""The two guarantees of winnowing, against looking at every window and every common piece."""

import hashlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib.classroom.reports.winnowing import NOISE, SURE, fingerprints, hashes, winnow

LETTERS = st.lists(st.sampled_from("abc"), max_size=40)


def longest_common(a: list[str], b: list[str]) -> int:
    """Length of the longest piece that both have, by trying all."""
    pieces = {tuple(a[i:j]) for i in range(len(a)) for j in range(i + 1, len(a) + 1)}
    lengths = (
        j - i for i in range(len(b)) for j in range(i + 1, len(b) + 1) if tuple(b[i:j]) in pieces
    )
    return max(lengths, default=0)


@given(LETTERS, LETTERS, st.integers(1, 5), st.integers(0, 5))
@settings(max_examples=300, deadline=None)
def test_what_is_long_enough_is_found_and_what_is_too_short_is_not(a, b, noise, more):
    sure, common = noise + more, longest_common(a, b)
    shared = fingerprints(a, noise, sure).keys() & fingerprints(b, noise, sure).keys()
    if common >= sure:
        assert shared
    if common < noise:
        assert not shared


@given(LETTERS, LETTERS, LETTERS, LETTERS, LETTERS)
@settings(max_examples=100, deadline=None)
def test_a_planted_piece_is_found_wherever_it_stands(before, after, left, right, piece):
    piece = (piece + list("abcabbca" * 3))[:SURE]
    one, other = before + piece + after, left + piece + right
    assert fingerprints(one).keys() & fingerprints(other).keys()


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(1, 8))
@example([3, 3, 3, 3], 2)
def test_the_places_are_the_last_smallest_ones_of_every_window(numbers, window):
    windows = [range(i, i + window) for i in range(len(numbers) - window + 1)]
    due = {max(places, key=lambda p: (-numbers[p], p)) for places in windows}
    found = list(winnow(numbers, window))
    assert found == sorted(due)


def test_the_example_of_the_paper():
    # Schleimer et al. (2003), figure 2: hashes of 5-grams, windows of 4.
    numbers = [77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98]
    assert [numbers[place] for place in winnow(numbers, 4)] == [17, 17, 8, 39, 17]


@given(LETTERS, st.integers(1, 6))
def test_a_place_is_that_of_its_fingerprint(tokens, noise):
    for number, place in fingerprints(tokens, noise, noise + 2).items():
        assert hashes(tokens[place : place + noise], noise) == [number]


def test_hashes_do_not_depend_on_the_run():
    due = [hashlib.blake2b(pair, digest_size=8).hexdigest() for pair in (b"a\0b", b"b\0c")]
    assert hashes(["a", "b", "c"], 2) == [int(digits, 16) for digits in due]


def test_two_tokens_are_not_one():
    assert hashes(["ab", "c"], 2) != hashes(["a", "bc"], 2)


def test_a_density_of_two_in_window_plus_one():
    # Schleimer et al. (2003), section 4: what winnowing keeps of random hashes.
    tokens = [str((i * 7919) % 10007) for i in range(5000)]
    expected = 2 / (SURE - NOISE + 2)
    assert len(fingerprints(tokens)) / len(tokens) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(("noise", "sure"), [(0, 3), (4, 3), (-1, -1)])
def test_thresholds_that_promise_nothing_are_refused(noise, sure):
    with pytest.raises(ValueError, match="noise"):
        fingerprints(["a"], noise, sure)
