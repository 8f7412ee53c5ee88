import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.errors import CourseError
from course_lib.text.marks import Marks
from course_lib.text.task_inputs import (
    TaskInput,
    joined,
    sentence_input,
    shortened,
    window_inputs,
    windows,
)

MARKS = Marks(class_id=4, separator_id=5, mask_id=6)
sizes = st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(0, 11))


def ids(n: int, first: int = 10) -> torch.Tensor:
    return torch.arange(first, first + n)


def test_one_text_and_two():
    one = sentence_input(ids(2), None, MARKS, 4)
    assert one.ids.tolist() == [4, 10, 11, 5]
    assert one.segment_ids.tolist() == [0, 0, 0, 0]
    assert one.may_answer.tolist() == [True, True, True, False]
    two = sentence_input(ids(2), ids(3, 20), MARKS, 8)
    assert two.ids.tolist() == [4, 10, 11, 5, 20, 21, 22, 5]
    assert two.segment_ids.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert two.ids[two.start : two.end].tolist() == [20, 21, 22]
    assert two.may_answer.nonzero()[:, 0].tolist() == [0, 4, 5, 6]
    assert two.first == 0


def test_empty_texts_leave_the_marks():
    assert sentence_input(ids(0), None, MARKS, 2).ids.tolist() == [4, 5]
    pair = sentence_input(ids(1), ids(0), MARKS, 4)
    assert pair.ids.tolist() == [4, 10, 5, 5]
    assert pair.segment_ids.tolist() == [0, 0, 0, 1]
    assert pair.may_answer.tolist() == [True, False, False, False]


def test_too_long_is_refused_not_cut():
    for second, n_tokens in ((None, 7), (ids(2), 10)):
        with pytest.raises(CourseError, match=f"{n_tokens} tokens.*reads {n_tokens - 1}"):
            sentence_input(ids(5), second, MARKS, n_tokens - 1)


def as_bert_shortens(a: list[int], b: list[int], room: int) -> tuple[list[int], list[int]]:
    """One token after the other from the end of the longer text; of the second if they tie."""
    while len(a) + len(b) > room:
        (a if len(a) > len(b) else b).pop()
    return a, b


@given(st.integers(0, 12), st.integers(0, 12), st.integers(3, 20))
def test_texts_are_shortened_as_bert_does(n_first, n_second, max_length):
    a, b, n_left_out = shortened(ids(n_first), ids(n_second, 30), max_length)
    assert b is not None
    expected = as_bert_shortens(ids(n_first).tolist(), ids(n_second, 30).tolist(), max_length - 3)
    assert (a.tolist(), b.tolist()) == expected
    assert n_left_out == n_first + n_second - len(a) - len(b)
    assert len(sentence_input(a, b, MARKS, max_length).ids) <= max_length


def test_one_text_is_shortened_at_its_end():
    a, none, n_left_out = shortened(ids(6), None, 5)
    assert (a.tolist(), none, n_left_out) == ([10, 11, 12], None, 3)
    assert shortened(ids(3), None, 5)[2] == 0
    with pytest.raises(ValueError, match="no room"):
        shortened(ids(3), None, 1)


@given(sizes)
def test_windows_cover_all_and_overlap_as_told(case):
    n_tokens, size, overlap = case
    if overlap >= size:
        with pytest.raises(ValueError, match="cannot share"):
            windows(n_tokens, size, overlap)
        return
    found = windows(n_tokens, size, overlap)
    assert found[0][0] == 0
    assert found[-1][1] == n_tokens
    assert all(end - start == min(size, n_tokens) for start, end in found)
    for (start, end), (next_start, next_end) in itertools.pairwise(found):
        assert start < next_start, "every window shows something new"
        assert end < next_end
        assert end - next_start >= overlap


def test_windows_known():
    assert windows(10, 4, 1) == [(0, 4), (3, 7), (6, 10)]
    assert windows(11, 4, 1) == [(0, 4), (3, 7), (6, 10), (7, 11)]
    assert windows(4, 4, 3) == [(0, 4)]
    assert windows(0, 4) == [(0, 0)]


def test_the_question_stands_before_each_window():
    found = window_inputs(ids(2), ids(7, 20), MARKS, 9, overlap=1)
    assert [w.ids.tolist() for w in found] == [
        [4, 10, 11, 5, 20, 21, 22, 23, 5],
        [4, 10, 11, 5, 23, 24, 25, 26, 5],
    ]
    assert [w.first for w in found] == [0, 3]
    assert all((w.segment_ids == torch.tensor([0] * 4 + [1] * 5)).all() for w in found)
    assert [w.ids.tolist() for w in window_inputs(None, ids(3), MARKS, 4)] == [
        [4, 10, 11, 5],
        [4, 11, 12, 5],
    ]
    for question, overlap in ((ids(6), 0), (ids(2), 4)):
        with pytest.raises(CourseError, match=f"question of {len(question)} tokens"):
            window_inputs(question, ids(7), MARKS, 9, overlap)


@given(sizes)
def test_windows_put_together_give_the_text_back(case):
    n_tokens, size, overlap = case
    overlap = min(overlap, size - 1)
    found = window_inputs(None, ids(n_tokens), MARKS, size + 2, overlap)
    assert joined([w.ids for w in found], found).tolist() == ids(n_tokens).tolist()


def poorer_side(token: int, window: TaskInput, n_tokens: int) -> int:
    """How many tokens the window shows on that side of the token where it shows fewer."""
    last = window.first + window.end - window.start - 1
    if not window.first <= token <= last:
        return -1
    left = token - window.first if window.first > 0 else 10**6
    return min(left, last - token if last < n_tokens - 1 else 10**6)


@given(sizes)
def test_each_token_is_taken_from_where_it_stands_most_central(case):
    n_tokens, size, overlap = case
    overlap = min(overlap, size - 1)
    found = window_inputs(None, ids(n_tokens), MARKS, size + 2, overlap)
    rows = [torch.full((len(w.ids), 2), number) for number, w in enumerate(found)]
    chosen = joined(rows, found)
    assert chosen.shape == (n_tokens, 2)
    for token, number in enumerate(chosen[:, 0].tolist()):
        seen = [poorer_side(token, window, n_tokens) for window in found]
        assert seen[number] == max(seen) >= 0
