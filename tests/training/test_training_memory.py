"""Memory kept between steps."""

import os
import subprocess
import sys

import pytest

from course_lib.training.memory import keep_freed_memory

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
    # `course test` asks for the same through the environment: the test must begin without.
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    faults = {}
    for way in ("keep", "default"):
        command = [sys.executable, "-c", FAULTS, way]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=bare)
        faults[way] = int(done.stdout)
    assert faults["default"] > 6 * 12  # a page of 4 MiB at most, touched anew in each step
    assert faults["keep"] < faults["default"] / 10


def test_it_may_be_asked_for_twice_and_anywhere():
    assert keep_freed_memory() == keep_freed_memory()


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not keep_freed_memory()
