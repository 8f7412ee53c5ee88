"""Which weight is moved by which rule."""

import torch
from torch import Tensor, nn

from course_lib.training.config import TrainConfig
from course_lib.training.muon import Muon
from course_lib.training.schedules import learning_rate


def make_optimizers(model: nn.Module, cfg: TrainConfig) -> list[torch.optim.Optimizer]:
    """The optimizers that together move all weights of the model that may be moved.

    AdamW alone; or Muon for the matrices inside the layers, and AdamW, then without weight decay,
    for embeddings, norms, biases and heads. Raises ValueError if there is nothing to move.
    """
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    if not weights:
        raise ValueError("the model has no weights to train: all are frozen, or there are none")
    if cfg.optimizer == "adamw":
        return [_adamw(weights, cfg, cfg.betas or (0.9, 0.999))]
    matrices = hidden_matrices(model)
    if not matrices:
        raise ValueError("Muon needs matrices in a stack of layers (nn.ModuleList): use adamw")
    hidden = {id(weight) for weight in matrices}
    rest = [weight for weight in weights if id(weight) not in hidden]
    muon = _muon(matrices, cfg)
    return [muon, _adamw(rest, cfg, cfg.betas or (0.9, 0.99))] if rest else [muon]


def hidden_matrices(model: nn.Module) -> list[Tensor]:
    """The matrices of the linear layers inside the model's stacks of layers (`nn.ModuleList`).

    What stands outside the stacks (embeddings, positions, heads) is not hidden, and neither are a
    stack's norms and biases. Query, key and value are matrices of their own here: Muon must make
    each of them orthogonal by itself.
    """
    found: dict[int, Tensor] = {}
    stacks = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
    for layer in (module for stack in stacks for module in stack.modules()):
        if isinstance(layer, nn.Linear) and layer.weight.requires_grad:
            found[id(layer.weight)] = layer.weight
    return list(found.values())


def set_rates(optimizers: list[torch.optim.Optimizer], step: int, cfg: TrainConfig) -> None:
    """Give every group of weights its learning rate for this step."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, cfg, group["peak"])


def _adamw(
    weights: list[nn.Parameter], cfg: TrainConfig, betas: tuple[float, float]
) -> torch.optim.AdamW:
    groups = [{"params": weights, "peak": cfg.lr}]
    if cfg.optimizer == "muon":
        groups[0]["weight_decay"] = 0.0
    elif cfg.decay == "matrices":
        groups = [
            {"params": [w for w in weights if w.ndim >= 2], "peak": cfg.lr},
            {"params": [w for w in weights if w.ndim < 2], "peak": cfg.lr, "weight_decay": 0.0},
        ]
    groups = [group for group in groups if group["params"]]
    decay = cfg.weight_decay
    return torch.optim.AdamW(groups, cfg.lr, betas, cfg.eps, decay, fused=_can_fuse(weights))


def _can_fuse(weights: list[Tensor] | list[nn.Parameter]) -> bool:
    """Fused steps, all weights in one go, are many times faster for small models."""
    return all(weight.device.type in ("cpu", "cuda", "mps") for weight in weights)


def _muon(matrices: list[Tensor], cfg: TrainConfig) -> torch.optim.Optimizer:
    """Ours on a CPU; torch's elsewhere, where bfloat16 is the fastest arithmetic there is."""
    groups = [{"params": matrices, "peak": cfg.lr_matrices}]
    kind = Muon if matrices[0].device.type == "cpu" else torch.optim.Muon
    return kind(groups, lr=cfg.lr_matrices, weight_decay=cfg.weight_decay)  # type: ignore[arg-type]
