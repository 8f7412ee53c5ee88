import math

import pytest
import torch

from course_lib.training.counted_vectors import (
    counted_vectors,
    near_counts,
    positive_information,
)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def by_hand(texts, size, window):
    table = torch.zeros(size, size)
    for text in texts:
        for i, a in enumerate(text.tolist()):
            for j, b in enumerate(text.tolist()):
                if i != j and abs(i - j) <= window:
                    table[a, b] += 1 / abs(i - j)
    return table


@pytest.mark.parametrize("window", [1, 3])
def test_pairs_are_counted_within_their_texts(window):
    sizes = (5, 1, 9, 2)
    texts = [torch.randint(4, 12, (n,), generator=rng(n)) for n in sizes]
    torch.testing.assert_close(near_counts(texts, 12, window), by_hand(texts, 12, window))


def test_information_of_two_tokens_that_keep_together():
    # a and b always stand together, c and d too: each pair has 2 of the 4 counts either way.
    texts = [torch.tensor([5, 6]), torch.tensor([7, 8])] * 3
    table = positive_information(near_counts(texts, 10))
    assert table[5, 6] == pytest.approx(math.log(12 * 3 / (3 * 3)))
    assert table[5, 7] == 0
    assert table.equal(table.T)


def test_strongest_directions_are_those_of_the_full_decomposition():
    texts = [torch.randint(4, 40, (30,), generator=rng(i)) for i in range(40)]
    table = positive_information(near_counts(texts, 40))
    vectors = counted_vectors(texts, 40, 8, 1.0, rng()).double()
    values, directions = torch.linalg.eigh(table.double())
    top = values.abs().argsort(descending=True)[:8]
    whole = directions[:, top] * values[top].abs() @ directions[:, top].T
    seen = table.sum(1) > 0
    found = (vectors @ vectors.T)[seen][:, seen]
    wanted = whole[seen][:, seen]
    similar = torch.corrcoef(torch.stack([found.flatten(), wanted.flatten()]))[0, 1]
    assert similar > 0.97


def test_tokens_of_like_neighbours_get_like_vectors():
    """Cats and dogs do the same things; cars and buses do others."""
    generator = rng(1)
    groups = {4: 10, 5: 10, 6: 20, 7: 20}  # token -> the first of its five companions
    texts = []
    for _text in range(400):
        token = int(torch.randint(4, 8, (), generator=generator))
        others = groups[token] + torch.randint(0, 5, (2,), generator=generator)
        texts.append(torch.tensor([int(others[0]), token, int(others[1])]))
    vectors = counted_vectors(texts, 30, 6, 0.3, rng())
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    assert unit[4] @ unit[5] > 0.9
    assert unit[6] @ unit[7] > 0.9
    assert unit[4] @ unit[6] < 0.3


def test_vectors_have_the_size_asked_for_and_depend_on_the_generator_alone():
    texts = [torch.randint(4, 30, (30,), generator=rng(i)) for i in range(20)]
    torch.manual_seed(1)
    vectors = counted_vectors(texts, 40, 6, 0.3, rng(5))  # tokens 30 to 39 never occur
    torch.manual_seed(2)
    assert vectors.equal(counted_vectors(texts, 40, 6, 0.3, rng(5)))
    assert not vectors.equal(counted_vectors(texts, 40, 6, 0.3, rng(6)))
    seen = vectors[4:30]
    assert seen.square().mean().sqrt().item() == pytest.approx(0.3, rel=1e-4)
    assert 0.15 < vectors[30:].square().mean().sqrt().item() < 0.5
    sizes = seen.square().mean(dim=0).tolist()
    assert sizes != sorted(sizes, reverse=True)  # no number is the first direction
