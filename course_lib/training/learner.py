"""A model while it learns: one step, and all that the next step depends on."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.training.config import TrainConfig
from course_lib.training.optimizers import make_optimizers, set_rates
from course_lib.training.precision import Precision

LossFn = Callable[[nn.Module, Any], Tensor]


class Learner:
    """A model with everything that changes as it learns."""

    def __init__(self, model: nn.Module, loss_fn: LossFn, cfg: TrainConfig) -> None:
        self.model, self.loss_fn, self.cfg = model, loss_fn, cfg
        self.optimizers = make_optimizers(model, cfg)
        weight = next(model.parameters())
        self.device = weight.device
        self.precision = Precision(cfg.precision, self.device)
        self.runner: Any = torch.compile(model) if cfg.compile else model
        dtype = torch.promote_types(weight.dtype, torch.float32)
        self.losses = torch.full((cfg.n_steps,), torch.nan, dtype=dtype, device=self.device)
        self.n_done = 0

    def take_step(self, batches: list[Any]) -> None:
        """One step on the mean of the batches' losses.

        Each batch counts alike: with equal numbers of targets this is exactly the step on one large
        batch; with unequal numbers, a target in a small batch weighs more.
        """
        self.model.train()  # each step, because on_step may have called eval()
        set_rates(self.optimizers, self.n_done, self.cfg)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        total = self.losses.new_zeros(())
        for batch in batches:
            with self.precision.autocast():
                loss = self.loss_fn(self.runner, to_device(batch, self.device)) / len(batches)
            self.precision.backward(loss)
            total += loss.detach()
        self.precision.step(self.optimizers, self.model, self.cfg.max_grad_norm)
        # .item() here would make a GPU wait each step. A list of kept tensors would hold far more
        # than numbers: each pins the freed logits around it, a megabyte a step.
        self.losses[self.n_done] = total
        self.n_done += 1

    def tensors(self) -> dict[str, Tensor]:
        """Copies of everything that the next step depends on, under names that sort themselves."""
        found = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        for i, optimizer in enumerate(self.optimizers):
            for weight, state in optimizer.state_dict()["state"].items():
                found |= {f"optimizer.{i}.{weight}.{key}": value for key, value in state.items()}
        found |= {f"random.{name}": state for name, state in _random_states(self.device).items()}
        found["losses"] = self.losses[: self.n_done]
        found["scale"] = torch.tensor(self.precision.scale_state(), dtype=torch.float64)
        return {name: tensor.detach().cpu().clone() for name, tensor in found.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Be as the learner whose `tensors` these are, of the same model and settings.

        Raises ValueError or KeyError if they do not fit.
        """
        self.model.load_state_dict(_part(tensors, "model."))
        for i, optimizer in enumerate(self.optimizers):
            state: dict[int, dict[str, Tensor]] = {}
            for name, tensor in _part(tensors, f"optimizer.{i}.").items():
                weight, key = name.split(".")
                state.setdefault(int(weight), {})[key] = tensor
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": state, "param_groups": groups})
        self.precision.restore_scale(tensors["scale"].tolist())
        self.n_done = len(tensors["losses"])
        self.losses[: self.n_done] = tensors["losses"]
        _set_random_states(_part(tensors, "random."), self.device)


def to_device(batch: Any, device: torch.device) -> Any:
    """The batch, tensors in tuples, lists and dictionaries moved; anything else as it is."""
    if isinstance(batch, Tensor):
        return batch if batch.device == device else batch.to(device, non_blocking=True)
    if isinstance(batch, dict):
        return {key: to_device(part, device) for key, part in batch.items()}
    if isinstance(batch, tuple | list):
        parts = [to_device(part, device) for part in batch]
        named = hasattr(batch, "_fields")  # a NamedTuple takes its parts one by one
        return type(batch)(*parts) if named else type(batch)(parts)
    return batch


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin so, without that beginning."""
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def _random_states(device: torch.device) -> dict[str, Tensor]:
    """The state of torch's own generators, which dropout draws from."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def _set_random_states(states: Mapping[str, Tensor], device: torch.device) -> None:
    """On another device than before, only the CPU's generator can go on as it was."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
    elif device.type == "mps" and "mps" in states:
        torch.mps.set_rng_state(states["mps"])
