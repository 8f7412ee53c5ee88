"""Errors that say what to make smaller, or to leave out."""

import pytest
import torch
from torch import nn

from course_lib.errors import CourseError
from course_lib.training.failures import explained
from course_lib.training.loop import TrainConfig, train


def test_a_model_too_large_for_the_memory_says_what_to_do():
    def loss_fn(model, _batch):
        return model.weight.sum() + torch.ones(2**50).sum()  # a petabyte

    with pytest.raises(CourseError, match="out of memory in step 0: make the batches smaller") as e:
        train(nn.Linear(1, 1), loss_fn, [None], TrainConfig(n_steps=1))
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        MemoryError(),
        RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"),
    ],
)
def test_whatever_its_name(error):
    with pytest.raises(CourseError, match="out of memory in step 7"), explained(7):
        raise error


def test_other_errors_pass():
    with pytest.raises(RuntimeError, match="shapes"), explained(7):
        raise RuntimeError("shapes do not match")


def test_a_failure_to_compile_is_one_line(monkeypatch):
    def no_compiler(_graph, _inputs):
        raise OSError("No working C++ compiler found\n  in ten places")

    def compile_in_vain(model, compile=torch.compile):
        return compile(model, backend=no_compiler)

    monkeypatch.setattr(torch, "compile", compile_in_vain)
    cfg = TrainConfig(n_steps=1, compile=True)
    with pytest.raises(CourseError, match=r"torch.compile failed: .*C\+\+ compiler.*without") as e:
        train(nn.Linear(1, 1), lambda m, x: m(x).sum(), [torch.ones(1, 1)], cfg)
    assert "\n" not in str(e.value)
