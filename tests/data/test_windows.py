"""Batches of texts longer than a model's context."""

import itertools
from collections import Counter

import pytest
import torch

from course_lib.data.batching import window_batches

START, END = 2, 3


def texts(*lengths):
    """Every id occurs once in all the texts, so that targets can be told apart."""
    ids = itertools.count(4)
    return [torch.tensor([next(ids) for _ in range(n)], dtype=torch.long) for n in lengths]


def one_pass(rows, context, n_tokens=40, seed=0):
    """The batches of one pass: as many as hold every target once."""
    stream = window_batches(
        rows, context, n_tokens, torch.Generator().manual_seed(seed), START, END
    )
    left, batches = sum(len(row) + 1 for row in rows), []
    while left > 0:
        batches.append(next(stream))
        left -= int((batches[-1][1] >= 0).sum())
    assert left == 0
    return batches


@pytest.mark.parametrize("context", [1, 4, 9, 50])
def test_each_pass_predicts_every_token_once_after_the_one_before_it(context):
    rows = texts(0, 23, 1, 8, 9, 10, 31)
    wanted = Counter()
    for row in rows:
        whole = [START, *row.tolist(), END]
        wanted.update(itertools.pairwise(whole))
    found = Counter()
    for inputs, targets in one_pass(rows, context):
        real = targets >= 0
        assert inputs.shape == targets.shape
        assert inputs.size(1) <= context
        assert inputs.numel() <= 40 or len(inputs) == 1
        assert (inputs[~real] == 0).all()
        found.update(zip(inputs[real].tolist(), targets[real].tolist(), strict=True))
    assert found == wanted


def test_rows_are_pieces_of_the_texts():
    (row,) = texts(57)
    whole = torch.cat([torch.tensor([START]), row, torch.tensor([END])])
    for inputs, targets in one_pass([row], 10):
        for x, y in zip(inputs, targets, strict=True):
            n = int((y >= 0).sum())
            at = int((whole == x[0]).nonzero())
            assert torch.equal(x[:n], whole[at : at + n])
            assert torch.equal(y[:n], whole[at + 1 : at + 1 + n])


def test_long_texts_are_cut_elsewhere_in_the_next_pass():
    rows = texts(57)
    stream = window_batches(rows, 10, 1000, torch.Generator().manual_seed(0), START, END)
    cuts = {tuple(sorted(next(stream)[0][:, 0].tolist())) for _ in range(5)}
    assert len(cuts) > 2


def test_short_texts_are_never_cut_and_a_seed_fixes_all():
    rows = texts(*range(1, 30))
    batches = one_pass(rows, 30)
    lengths = sorted(int((y >= 0).sum()) for _, targets in batches for y in targets)
    assert lengths == list(range(2, 31))
    again = one_pass(rows, 30)
    assert all(torch.equal(a[0], b[0]) for a, b in zip(batches, again, strict=True))


def test_no_texts_are_refused():
    with pytest.raises(ValueError, match="no texts"):
        next(window_batches([], 5, 5, torch.Generator(), START, END))
