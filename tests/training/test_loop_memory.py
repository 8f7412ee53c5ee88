"""Training must not hold more memory the longer it goes on."""

from collections.abc import Iterator

import psutil
import pytest
import torch
from torch import Tensor

from course_lib.models.word2vec import SkipGram
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import softmax_loss

MIB = 2**20


def batches(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        yield tuple(torch.randint(900, (2, 512), generator=rng))


@pytest.mark.skipif(not psutil.LINUX, reason="other systems give memory back in other ways")
def test_memory_does_not_grow_with_the_number_of_steps():
    rng = torch.Generator().manual_seed(0)
    model = SkipGram(900, 20, rng)
    train(model, softmax_loss, batches(rng), TrainConfig(n_steps=30))
    before = psutil.Process().memory_info().rss
    train(model, softmax_loss, batches(rng), TrainConfig(n_steps=130))
    grown = (psutil.Process().memory_info().rss - before) / MIB
    assert (
        grown < 60
    )  # a list of loss tensors pinned a freed table of logits, 1.8 MiB, at each step
