"""Which weight is moved by which rule."""

from collections.abc import Iterable

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
        new = [] if cfg.lr_head is None else head_weights(model)
        return [_adamw(weights, cfg, cfg.betas or (0.9, 0.999), new)]
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


def head_weights(model: nn.Module) -> list[nn.Parameter]:
    """The weights outside `model.encoder`: new ones, with further to go than those learnt before.

    Raises ValueError if the model has no such part.
    """
    encoder = dict(model.named_children()).get("encoder")
    if encoder is None:
        raise ValueError(f"lr_head is for heads on an encoder, and {type(model).__name__} has none")
    learnt = {id(weight) for weight in encoder.parameters()}
    return [weight for weight in model.parameters() if id(weight) not in learnt]


def set_rates(optimizers: list[torch.optim.Optimizer], step: int, cfg: TrainConfig) -> None:
    """Give every group of weights its learning rate for this step."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, cfg, group["peak"])


def _adamw(
    weights: list[nn.Parameter],
    cfg: TrainConfig,
    betas: tuple[float, float],
    new: Iterable[nn.Parameter] = (),
) -> torch.optim.AdamW:
    """One group of weights for each rate and decay; `new`: those that `lr_head` is for."""
    heads = {id(weight) for weight in new}
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for weight in weights:
        shrinks = cfg.optimizer != "muon" and (cfg.decay == "all" or weight.ndim >= 2)
        rate = (cfg.lr_head or cfg.lr) if id(weight) in heads else cfg.lr
        groups.setdefault((rate, cfg.weight_decay if shrinks else 0.0), []).append(weight)
    listed = [
        {"params": members, "peak": rate, "weight_decay": decay}
        for (rate, decay), members in sorted(groups.items(), reverse=True, key=lambda g: g[0][1])
    ]
    return torch.optim.AdamW(listed, cfg.lr, betas, cfg.eps, fused=_can_fuse(weights))


def _can_fuse(weights: list[Tensor] | list[nn.Parameter]) -> bool:
    """Fused steps, all weights in one go, are many times faster for small models."""
    return all(weight.device.type in ("cpu", "cuda", "mps") for weight in weights)


def _muon(matrices: list[Tensor], cfg: TrainConfig) -> torch.optim.Optimizer:
    """Ours on a CPU; torch's elsewhere, where bfloat16 is the fastest arithmetic there is."""
    groups = [{"params": matrices, "peak": cfg.lr_matrices}]
    kind = Muon if matrices[0].device.type == "cpu" else torch.optim.Muon
    return kind(groups, lr=cfg.lr_matrices, weight_decay=cfg.weight_decay)  # type: ignore[arg-type]
