import itertools

import pytest
import torch
from torch import Tensor

from course_lib.data import riverbank
from course_lib.data.task_batches import Example, TextBatch, in_order, padded, task_batches


def examples(lengths: list[int], **parts: list[Tensor]) -> list[Example]:
    """Texts whose every token is the text's own number + 1."""
    found = []
    for i, n in enumerate(lengths):
        ids = torch.full((n,), i + 1)
        more = {name: rows[i] for name, rows in parts.items()}
        found.append(Example(ids, torch.zeros_like(ids), **({"target": torch.tensor(i)} | more)))
    return found


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_each_pass_visits_every_example_once_with_its_own_target():
    many = examples([3, 9, 4, 4, 12, 3, 1, 7])
    batches, seen = task_batches(many, 12, seeded()), []
    for _pass in range(3):
        seen = []
        while len(seen) < len(many):
            batch, targets = next(batches)
            assert batch.ids.numel() <= 12 or len(targets) == 1
            assert (batch.ids[:, 0] - 1).tolist() == targets.tolist()
            n_tokens = (batch.ids != 0).sum(dim=1)
            assert n_tokens.tolist() == [len(many[i].ids) for i in targets.tolist()]
            seen += targets.tolist()
        assert sorted(seen) == list(range(8))


def test_the_order_is_chance_and_only_that_of_the_generator():
    many = examples([3] * 6)

    def order(rng: torch.Generator) -> list[int]:
        rows = itertools.islice(task_batches(many, 6, rng), 3)
        return [i for _batch, targets in rows for i in targets.tolist()]

    assert order(seeded()) == order(seeded())
    assert len({tuple(order(torch.Generator().manual_seed(s))) for s in range(8)}) > 4


def test_what_is_padded_with_what():
    segments = [torch.tensor([0, 1]), torch.tensor([0, 1, 1])]
    places = [torch.tensor([True, False]), torch.tensor([True, True, True])]
    tags = [torch.tensor([2, -100]), torch.tensor([-100, 5, 6])]
    numbers = [torch.tensor([0.5]), torch.tensor([-1.0])]
    many = [
        Example(torch.tensor(ids), *parts)
        for ids, *parts in zip([[7, 8], [7, 8, 9]], segments, tags, places, numbers, strict=True)
    ]
    batch, targets = next(task_batches(many, 6, seeded(), pad_id=3))
    assert batch.ids.tolist() == [[7, 8, 3], [7, 8, 9]]
    assert batch.segment_ids.tolist() == [[0, 1, 0], [0, 1, 1]]
    assert batch.may_answer is not None
    assert batch.may_answer.tolist() == [[True, False, False], [True] * 3]
    assert batch.numbers is not None
    assert batch.numbers.tolist() == [[0.5], [-1]]
    assert targets.tolist() == [[2, -100, -100], [-100, 5, 6]]
    moved = batch.to(torch.device("meta"))
    assert isinstance(moved, TextBatch)
    assert {part.device.type for part in moved if part is not None} == {"meta"}
    assert padded(examples([2])).may_answer is None


@pytest.mark.parametrize(
    ("targets", "shape"),
    [
        ([torch.tensor(1), torch.tensor(0)], (2,)),
        ([torch.tensor(1.5), torch.tensor(0.0)], (2,)),
        ([torch.tensor([1, 2]), torch.tensor([0, 0])], (2, 2)),
    ],
)
def test_targets_keep_their_kind(targets, shape):
    _batch, found = next(task_batches(examples([2, 5], target=targets), 10, seeded()))
    assert found.shape == shape
    assert found.dtype == targets[0].dtype


def test_results_come_in_the_order_given():
    many = examples([5, 1, 9, 2, 2, 30])
    sizes = []

    def read(batch: TextBatch) -> Tensor:
        sizes.append(batch.ids.shape)
        return batch.ids.sum(dim=1)

    found = in_order(read, many, 10)
    assert [int(row) for row in found] == [(i + 1) * n for i, n in enumerate([5, 1, 9, 2, 2, 30])]
    assert all(rows * length <= 10 or rows == 1 for rows, length in sizes)
    assert len(sizes) < len(many), "texts of like length are read together"
    assert in_order(read, [], 10) == []


def test_little_is_padded_on_riverbank():
    many = examples([2 + len(story.words) for story in riverbank.load("train")[:1500]])
    n_batches = 0
    n_padding = n_places = 0
    for batch, _targets in itertools.islice(task_batches(many, 1024, seeded()), 60):
        n_batches += 1
        n_padding += int((batch.ids == 0).sum())
        n_places += batch.ids.numel()
    assert n_batches == 60
    assert n_padding / n_places < 0.1


def test_what_cannot_be_learnt_from_is_refused():
    with pytest.raises(ValueError, match="no examples"):
        next(task_batches([], 8, seeded()))
    with pytest.raises(ValueError, match="without a target"):
        next(task_batches([*examples([2]), Example(torch.ones(1), torch.ones(1))], 8, seeded()))
    mixed = [*examples([2]), *examples([2], numbers=[torch.zeros(1)])]
    with pytest.raises(ValueError, match="lack what others have"):
        padded(mixed)
