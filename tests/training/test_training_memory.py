"""Memory kept between steps, and errors that say what to make smaller."""

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from course_lib.errors import CourseError
from course_lib.training.loop import TrainConfig, train
from course_lib.training.memory import explained_memory, keep_freed_memory

GLIBC = "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", {}) and "glibc" in (
    os.confstr("CS_GNU_LIBC_VERSION") or ""
)

FAULTS = """
import resource, sys, torch
from course_lib.training.memory import keep_freed_memory

if sys.argv[1] == "keep":
    assert keep_freed_memory()
torch.set_num_threads(1)
for step in range(12):
    if step == 6:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.zeros(12, 2**20).add_(1).sum()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not GLIBC, reason="only glibc gives large buffers back at every step")
def test_kept_memory_costs_no_page_faults():
    faults = {}
    for way in ("keep", "default"):
        command = [sys.executable, "-c", FAULTS, way]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        faults[way] = int(done.stdout)
    assert faults["default"] > 6 * 12  # a page of 4 MiB at most, touched anew in each step
    assert faults["keep"] < faults["default"] / 10


def test_it_may_be_asked_for_twice_and_anywhere():
    assert keep_freed_memory() == keep_freed_memory()


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not keep_freed_memory()


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
    with pytest.raises(CourseError, match="out of memory in step 7"), explained_memory(7):
        raise error


def test_other_errors_pass():
    with pytest.raises(RuntimeError, match="shapes"), explained_memory(7):
        raise RuntimeError("shapes do not match")
