"""Muon: each weight matrix moves by an orthogonal matrix, however small its gradient's parts are.

Source: Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural networks".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

# A quintic a x + b x^3 + c x^5 that, applied five times, brings every x in (0, 1] near 1: the
# steepest such at 0, at the price of landing anywhere from about 0.7 to 1.2 (Jordan et al.).
A, B, C = 3.4445, -4.7750, 2.0315
EPS = 1e-7


def newton_schulz(x: Tensor, n_steps: int = 5) -> Tensor:
    """Push all singular values of a matrix near 1 and leave its singular vectors alone.

    (..., R, C) -> (..., R, C). With x = U S V^T the result is near U V^T, the orthogonal matrix
    nearest to x. Only products are needed, no SVD: x (x^T x)^k = U S^(2k+1) V^T.
    """
    tall = x.size(-2) > x.size(-1)
    x = x.mT if tall else x  # so that x @ x.mT is the smaller of the two products
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=EPS)  # no singular value above 1
    for _ in range(n_steps):
        square = x @ x.mT  # (..., R, R)
        x = A * x + (B * square + C * square @ square) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """The update rule of `torch.optim.Muon`, in the weights' own precision.

    torch's works in bfloat16, matrix by matrix. On CPUs float32 is faster, even where the CPU has a
    bfloat16 unit, and matrices of equal shape go through Newton-Schulz as one batch.

    Args:
        params: 2-D weights of hidden layers; not embeddings, nor the layer that makes the logits.
        lr: the spectral norm of an update, about; wide matrices' times 1, tall ones' times
            sqrt(rows / columns), so that outputs of all layers change alike.
        momentum: of Nesterov's kind.
        weight_decay: decoupled, as AdamW's: a weight loses lr * weight_decay of itself in a step.

    Raises ValueError if a parameter is no matrix.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.1,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.ndim != 2:
                    raise ValueError(f"Muon moves matrices; this weight is {tuple(weight.shape)}")

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # noqa: ARG002
        """Move every weight that has a gradient."""
        for group in self.param_groups:
            for weights in _of_one_shape(group["params"]):
                self._move(weights, group)

    def _move(self, weights: list[Tensor], group: dict[str, Any]) -> None:
        """All weights of one shape at once."""
        momentum, rate = group["momentum"], group["lr"]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        means = [self._mean(weight) for weight in weights]
        torch._foreach_lerp_(means, gradients, 1 - momentum)
        ahead = torch._foreach_lerp(gradients, means, momentum)  # Nesterov: one step further
        updates = newton_schulz(torch.stack(ahead)).unbind()
        rows, columns = weights[0].shape
        torch._foreach_mul_(weights, 1 - rate * group["weight_decay"])
        torch._foreach_add_(weights, updates, alpha=-rate * max(1, rows / columns) ** 0.5)

    def _mean(self, weight: Tensor) -> Tensor:
        """The running mean of the weight's gradients."""
        state = self.state[weight]
        if not state:
            state["momentum_buffer"] = torch.zeros_like(weight)
        mean: Tensor = state["momentum_buffer"]
        return mean


def _of_one_shape(weights: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    """The weights that have gradients, those of equal shape together."""
    groups: dict[torch.Size, list[Tensor]] = defaultdict(list)
    for weight in weights:
        if weight.grad is not None:
            groups[weight.shape].append(weight)
    yield from groups.values()
