"""How the learning rate moves over a run: up in the warm-up, then down."""

import math

from course_lib.training.config import TrainConfig


def learning_rate(step: int, cfg: TrainConfig, peak: float | None = None) -> float:
    """The rate of a step: a straight line up to `peak` in cfg.n_warmup steps, then down.

    `peak` is cfg.lr unless given. The first step already moves (rate peak / n_warmup), and so does
    the last; after it the rate would be cfg.lr_end * peak, by default 0. Sources: a linear fall is
    the schedule of Devlin et al. (2019), half a cosine that of Radford et al. (2018).
    """
    peak = cfg.lr if peak is None else peak
    if step < cfg.n_warmup:
        return peak * (step + 1) / cfg.n_warmup
    if cfg.schedule == "linear":
        height = peak * (cfg.n_steps - step) / (cfg.n_steps - cfg.n_warmup)
    else:
        done = (step - cfg.n_warmup) / (cfg.n_steps - cfg.n_warmup)  # 0 at the peak
        height = peak * (1 + math.cos(math.pi * done)) / 2
    return cfg.lr_end * peak + (1 - cfg.lr_end) * height
