"""Train, be killed at random moments, resume: what tests/training/test_resume.py runs.

Usage: killed_training.py FOLDER N_KILLS OPTIMIZER SEED. Prints how far each life came. The lives
are forks of one process, because importing torch twenty times would take a minute.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import torch
from small_runs import batches, small_gpt, weights

from course_lib.training.checkpoint import Checkpoints
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss

N_STEPS = 120


def run(folder: Path, optimizer: str, said: int | None = None) -> None:
    """Train to the end, or go on doing so; tells `said`, a pipe, about every step."""
    torch.set_num_threads(1)
    n_accumulate = 2 if optimizer == "adamw" else 1
    cfg = TrainConfig(
        n_steps=N_STEPS, lr=0.01, n_warmup=9, optimizer=optimizer, n_accumulate=n_accumulate
    )
    model = small_gpt()

    def on_step(step: int, _loss: torch.Tensor) -> None:
        torch.rand(step % 3)  # moves the generator that dropout draws from
        if said is not None:
            os.write(said, bytes([1]))

    saved = Checkpoints(path=folder / "run.safetensors", every=2)
    losses = train(
        model,
        next_token_loss,
        batches(),
        cfg,
        on_step,
        checkpoints=saved,
        record=folder / "losses.csv",
    )
    torch.save((losses, weights(model)), folder / "end.pt")


def life(folder: Path, optimizer: str, n_steps: int, pause: float) -> bool:
    """One process, killed `pause` seconds after its n-th step; False if it finished before."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        run(folder, optimizer, said)
        os._exit(0)
    os.close(said)
    with os.fdopen(heard, "rb", buffering=0) as pipe:
        for _step in range(n_steps):
            pipe.read(1)
        time.sleep(pause)
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status)


def main() -> None:
    folder, n_kills, optimizer = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    chance = random.Random(int(sys.argv[4]))
    (folder / "whole").mkdir()
    (folder / "killed").mkdir()
    run(folder / "whole", optimizer)
    for _kill in range(n_kills):
        n_steps, pause = chance.randrange(1, 8), chance.random() * 0.005
        killed = life(folder / "killed", optimizer, n_steps, pause)
        print("killed" if killed else "finished", flush=True)
    run(folder / "killed", optimizer)


if __name__ == "__main__":
    main()
