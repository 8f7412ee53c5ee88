"""Documents as rows: what is an answer, and that nothing is lost."""

import itertools

import pytest
import torch

from course_lib.data.document_batches import collate_documents, document_batches


def ids(*numbers: int) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.long)


def test_a_batch_by_hand():
    one = [(ids(5, 6), ids(7)), (ids(8), ids(9, 4))]
    other = [(ids(10, 11, 12), ids())]
    batch = collate_documents([one, other], 2, 3)
    assert batch.inputs.tolist() == [[2, 5, 6, 7, 8, 9, 4], [2, 10, 11, 12, 0, 0, 0]]
    assert batch.targets.tolist() == [[5, 6, 7, 8, 9, 4, 3], [10, 11, 12, 3, *[-100] * 3]]
    x = -100
    assert batch.answers.tolist() == [[x, x, 7, x, 9, 4, x], [x] * 7]


@pytest.mark.parametrize("n_tokens", [1, 60, 5000])
def test_every_document_comes_once(n_tokens: int):
    rng = torch.Generator().manual_seed(0)
    told = [
        [(torch.full((1 + i % 7,), 4 + i), ids(4 + i)) for _shot in range(1 + i % 3)]
        for i in range(150)
    ]
    batches = list(document_batches(iter(told), n_tokens, rng, 2, 3))
    rows = [row for batch in batches for row in batch.inputs.tolist()]
    assert sorted(row[1] for row in rows) == list(range(4, 154))
    for row in rows:
        wanted = told[row[1] - 4]
        n = sum(len(part) for pair in wanted for part in pair)
        assert row[: n + 1].count(row[1]) == n
    assert all(b.inputs.numel() <= n_tokens or len(b.inputs) == 1 for b in batches)


def test_documents_may_never_end():
    endless = ([(ids(5), ids(6))] for _ in itertools.count())
    batches = document_batches(endless, 12, torch.Generator().manual_seed(0), 2, 3)
    assert next(batches).inputs.shape == (4, 3)
