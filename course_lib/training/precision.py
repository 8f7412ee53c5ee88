"""Mixed precision: matrix products in 16 bits, weights and their updates in 32."""

import contextlib

import torch
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.i18n import _


class Precision:
    """Runs the forward pass in `name`, and takes optimiser steps that fit.

    float32 is plain. bfloat16 has float32's range with 8 bits of precision. float16 has 11 bits but
    a small range: gradients below 6e-8 would vanish, so the loss is scaled up first and gradients
    down again, and a step whose gradients overflow is left out (Micikevicius et al., 2018).

    Raises CourseError if the device cannot do it.
    """

    def __init__(self, name: str, device: torch.device) -> None:
        if name == "float16" and device.type != "cuda":
            message = _("float16 training needs a CUDA device, not {device}; take bfloat16")
            raise CourseError(message.format(device=device.type))
        self.dtype: torch.dtype = getattr(torch, name)
        self.device = device
        self.scaler = torch.amp.GradScaler(device.type, enabled=name == "float16")

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        """Inside the block, products run in 16 bits if that was asked for."""
        if self.dtype == torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, self.dtype)

    def backward(self, loss: Tensor) -> None:
        """Add the loss's gradients, scaled up where that is needed, to those there are."""
        self.scaler.scale(loss).backward()

    def step(
        self,
        optimizers: list[torch.optim.Optimizer],
        model: nn.Module,
        max_grad_norm: float | None,
    ) -> None:
        """Scale the gradients down, cut them, and move the weights."""
        for optimizer in optimizers:
            self.scaler.unscale_(optimizer)
        if max_grad_norm:
            nn.utils.clip_grad_norm_(model.parameters(), max_grad_norm)
        for optimizer in optimizers:
            self.scaler.step(optimizer)
        self.scaler.update()

    def scale_state(self) -> list[float]:
        """The loss's scale and the number of steps since it last changed; empty without one."""
        state = self.scaler.state_dict()
        return [state["scale"], state["_growth_tracker"]] if state else []

    def restore_scale(self, state: list[float]) -> None:
        """Set what `scale_state` gave."""
        if state:
            scale, n_steps = state
            known = self.scaler.state_dict()
            self.scaler.load_state_dict({**known, "scale": scale, "_growth_tracker": int(n_steps)})
