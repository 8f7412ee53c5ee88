"""Batches of examples of several texts: nothing lost, nothing changed, little padded."""

import itertools

import pytest
import torch
from torch import Tensor

from course_lib.data.gpt_batches import collate, gpt_batches, in_order

RNG = torch.Generator().manual_seed(0)


def example(label: float, *lengths: int) -> tuple[list[Tensor], float]:
    """Texts of such lengths, in which every id is label + 1."""
    return [torch.full((n,), int(label) + 1) for n in lengths], label


def examples(n: int, n_texts: int = 2) -> list[tuple[list[Tensor], float]]:
    rng = torch.Generator().manual_seed(n)
    return [example(i, *torch.randint(1, 30, (n_texts,), generator=rng).tolist()) for i in range(n)]


def test_a_batch_by_hand():
    batch = collate([example(4, 2, 3), example(0, 1, 1)])
    assert batch.ids.tolist() == [[[5, 5, 0], [5, 5, 5]], [[1, 0, 0], [1, 0, 0]]]
    assert batch.places.tolist() == [[1, 2], [0, 0]]
    assert batch.targets.tolist() == [4, 0]
    assert batch.targets.dtype == torch.int64
    assert collate([example(4.5, 1)]).targets.dtype == torch.float32


def test_a_pass_visits_every_example_once_with_its_own_texts():
    all_examples = examples(100)
    seen = []
    for batch in gpt_batches(all_examples, 256, RNG):
        assert batch.ids.numel() <= 256
        for ids, places, target in zip(*batch, strict=True):
            texts, label = all_examples[int(target)]
            assert int(target) == label
            for row, place, text in zip(ids, places.tolist(), texts, strict=True):
                assert torch.equal(row[: place + 1], text)
                assert not row[place + 1 :].any()
        seen += batch.targets.tolist()
        if len(seen) >= 100:
            break
    assert sorted(seen) == list(range(100))
    assert seen != list(range(100))


def test_passes_differ_and_the_same_seed_gives_the_same():
    def first(seed: int) -> list[list[int]]:
        batches = gpt_batches(examples(60), 256, torch.Generator().manual_seed(seed))
        return [batch.targets.tolist() for batch in itertools.islice(batches, 30)]

    assert first(1) == first(1) != first(2)


def test_in_order_gives_every_example_once_with_its_number():
    all_examples, found = examples(50, n_texts=3), {}
    for numbers, batch in in_order(all_examples, 300):
        assert batch.targets.tolist() == numbers
        found |= dict(zip(numbers, batch.places.tolist(), strict=True))
    assert sorted(found) == list(range(50))
    assert all(found[i] == [len(t) - 1 for t in all_examples[i][0]] for i in range(50))


def test_examples_of_like_length_share_a_batch():
    lengths = torch.randint(5, 100, (640,), generator=torch.Generator().manual_seed(0)).tolist()
    batches = gpt_batches([example(i, n) for i, n in enumerate(lengths)], 1024, RNG)
    n_real = n_all = 0
    for batch in itertools.islice(batches, 20):
        n_real, n_all = n_real + int((batch.ids != 0).sum()), n_all + batch.ids.numel()
    assert n_real / n_all > 0.9


def test_one_large_example_is_a_batch_of_its_own():
    sizes = {len(batch.targets) for _n, batch in in_order([example(0, 50), example(1, 60)], 10)}
    assert sizes == {1}


@pytest.mark.parametrize("wrong", [[], [example(0, 1), example(1, 1, 1)], [([], 0)]])
def test_what_makes_no_batch_is_refused(wrong):
    with pytest.raises(ValueError, match="equally many texts"):
        next(gpt_batches(wrong, 64, RNG))
    with pytest.raises(ValueError, match="equally many texts"):
        next(in_order(wrong, 64))
