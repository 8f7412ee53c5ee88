"""How a model is to be trained: the numbers of one run."""

from dataclasses import dataclass

OPTIMIZERS = ("adamw", "muon")
SCHEDULES = ("linear", "cosine")
PRECISIONS = ("float32", "bfloat16", "float16")
DECAYS = ("all", "matrices")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How long and how fast to learn. Raises ValueError if the numbers make no sense."""

    n_steps: int
    lr: float = 1e-3  # the highest learning rate, reached after the warm-up
    n_warmup: int = 0  # steps in which the rate rises from lr / n_warmup to lr
    schedule: str = "linear"  # how it falls after that: linear or cosine
    lr_end: float = 0.0  # what it falls to, as a part of the highest rate
    max_grad_norm: float | None = 1.0  # longer gradients are cut to this length; None or 0: never
    weight_decay: float = 0.01
    decay: str = "all"  # what weight decay shrinks: all weights, or matrices alone
    optimizer: str = "adamw"  # or muon for the matrices inside the layers, and AdamW for the rest
    lr_matrices: float = 0.02  # muon's own highest rate; `lr` is then AdamW's
    lr_head: float | None = None  # AdamW's for new layers on a pre-trained encoder; None: as `lr`
    betas: tuple[float, float] | None = None  # AdamW's; None: (.9, .999), beside muon (.9, .99)
    eps: float = 1e-8  # AdamW's
    n_accumulate: int = 1  # batches whose gradients are averaged for one step
    precision: str = "float32"  # bfloat16, float16: products in half the bits, weights in full
    compile: bool = False  # let torch.compile fuse the model's operations: a slow start, then fast

    def __post_init__(self) -> None:
        if self.n_steps < 1 or self.n_accumulate < 1:
            raise ValueError(f"{self.n_steps=} and {self.n_accumulate=} must be at least 1")
        if not 0 <= self.n_warmup < self.n_steps:
            raise ValueError(f"{self.n_warmup=} must be from 0 to {self.n_steps - 1}")
        if not (self.lr > 0 and self.lr_matrices > 0 and self.eps > 0):
            raise ValueError(f"{self} needs lr, lr_matrices and eps above 0")
        if self.lr_head is not None and (self.lr_head <= 0 or self.optimizer != "adamw"):
            raise ValueError(f"{self.lr_head=} must be above 0, and the optimizer adamw")
        if not 0 <= self.lr_end <= 1:
            raise ValueError(f"{self.lr_end=} is a part of the highest rate: from 0 to 1")
        if not (self.weight_decay >= 0 and (self.max_grad_norm or 0) >= 0):
            raise ValueError(f"{self} needs weight_decay and max_grad_norm of 0 or more")
        if not all(0 <= beta < 1 for beta in self.betas or ()):
            raise ValueError(f"{self.betas=} must be from 0 to below 1")
        choices = (OPTIMIZERS, SCHEDULES, PRECISIONS, DECAYS)
        names = (self.optimizer, self.schedule, self.precision, self.decay)
        for name, known in zip(names, choices, strict=True):
            if name not in known:
                raise ValueError(f"{name!r} is none of {known}")
