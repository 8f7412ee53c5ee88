"""The references of lecture 08 that are not the package's own functions equal them."""

import pytest
import torch

from course_lib.classroom.exercises.gpt.averages import averages_so_far
from course_lib.classroom.exercises.gpt.loss import token_loss
from course_lib.classroom.exercises.gpt.reach import within_reach
from course_lib.classroom.exercises.gpt.shifting import shift
from course_lib.data.batching import padded_batches
from course_lib.models.attention import attention, causal_mask, padding_mask
from course_lib.training.objectives import next_token_loss


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("length", [1, 4])
def test_shift(length: int):
    text = torch.randint(4, 30, (length,), generator=generator(length))
    rows = next(padded_batches([text], 100, generator(0), 2, 3))
    assert tuple(row[0].tolist() for row in rows) == shift(text.tolist(), 2, 3)


@pytest.mark.parametrize("seed", range(3))
def test_loss(seed: int):
    rng = generator(seed)
    model = torch.nn.Embedding(9, 9)
    inputs, targets = torch.randint(0, 9, (2, 3, 5), generator=rng)
    targets[0, 2:], targets[2, 4:] = -100, -100
    package = next_token_loss(model, (inputs, targets))
    torch.testing.assert_close(token_loss(model(inputs), targets), package)


@pytest.mark.parametrize("seed", range(3))
def test_averages(seed: int):
    rng = generator(seed)
    x = torch.randn(6, 3, generator=rng, dtype=torch.float64)
    ids = torch.tensor([5, 0, 7, 0, 0, 4]).roll(2 * seed)
    ids[0] = 1
    mask = causal_mask(6) & padding_mask(ids[None])[0, 0]
    package = attention(torch.zeros_like(x), x, x, mask)
    torch.testing.assert_close(averages_so_far(x, ids != 0), package)


def test_reach_of_a_story_told_by_hand():
    texts = [["ken", "saw", "emma", "and", "ken"], ["emma", "emma", "ken", "saw", "saw", "emma"]]
    # ken after 4 words; emma after 1, then after 4
    assert within_reach(texts, ["ken", "emma"], [0, 1, 3, 4]) == [0, 1 / 3, 1 / 3, 1]
