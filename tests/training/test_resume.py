"""A run that was killed, however often, ends as the run that was not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).with_name("killed_training.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL, so a POSIX system")
@pytest.mark.parametrize(("optimizer", "seed"), [("adamw", 1), ("muon", 2)])
def test_killed_twenty_times_and_the_same_to_the_last_bit(tmp_path, optimizer, seed):
    command = [sys.executable, str(SCRIPT), str(tmp_path), "20", optimizer, str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["killed"] * 20
    losses, weights = torch.load(tmp_path / "whole" / "end.pt")
    again, resumed = torch.load(tmp_path / "killed" / "end.pt")
    assert again == losses
    assert torch.equal(resumed, weights)
    records = [(tmp_path / run / "losses.csv").read_bytes() for run in ("whole", "killed")]
    assert records[0] == records[1]  # no line is missing, none is there twice
    assert records[0].count(b"\n") == 1 + len(losses)
