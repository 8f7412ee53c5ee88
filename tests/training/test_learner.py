"""Batches go where the model is, whatever they are made of."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_lib.training.learner import to_device
from course_lib.training.loop import TrainConfig, train

NOWHERE = torch.device("meta")  # tensors there have shapes, and nothing in them


class Pair(NamedTuple):
    inputs: Tensor
    name: str


def test_tensors_are_moved_and_the_rest_is_left():
    x = torch.ones(2, 3)
    batch = (x, [x, None], {"mask": x > 0, "n": 4}, Pair(x, "a"))
    moved = to_device(batch, NOWHERE)
    assert moved[0].device == moved[1][0].device == moved[2]["mask"].device == NOWHERE
    assert (moved[1][1], moved[2]["n"]) == (None, 4)
    assert isinstance(moved[3], Pair)
    assert (moved[3].inputs.device, moved[3].name) == (NOWHERE, "a")
    assert type(moved) is tuple
    assert type(moved[1]) is list
    assert moved[0].shape == (2, 3)
    assert x.device.type == "cpu"


def test_a_tensor_that_is_there_already_is_not_copied():
    x = torch.ones(2)
    assert to_device([x], torch.device("cpu"))[0] is x


def test_any_batch_reaches_the_loss_as_it_was():
    seen = []

    def loss_fn(model, batch):
        seen.append(batch)
        return model(batch.inputs).sum()

    batch = Pair(torch.ones(1, 1), "a")
    train(nn.Linear(1, 1), loss_fn, [batch], TrainConfig(n_steps=1))
    assert seen == [batch]
