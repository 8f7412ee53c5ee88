"""What GPT-1 is fine-tuned for: the task, and a little of what it was pre-trained for.

L3 = L2 + weight * L1: L2 the task's loss, L1 the loss of predicting the tokens of the task's own
texts. Source: Radford et al. (2018), eq. 5; there weight = 0.5.
"""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data.batching import IGNORED
from course_lib.data.gpt_batches import GPTBatch
from course_lib.training.learner import LossFn

TaskLoss = Callable[[Tensor, Tensor], Tensor]  # task logits (B, L), targets (B,) -> a number


def squared_error(logits: Tensor, targets: Tensor) -> Tensor:
    """(B, 1), (B,) -> mean square of the distance from the score, for regression."""
    return F.mse_loss(logits.squeeze(1), targets)


def with_language_model(task_loss: TaskLoss = F.cross_entropy, weight: float = 0.5) -> LossFn:
    """The loss of a `GPTHead` on a `GPTBatch`; with weight 0 the task's alone.

    `task_loss` is F.cross_entropy, for labels and for options, or `squared_error`.
    """

    def loss(model: nn.Module, batch: GPTBatch) -> Tensor:
        ids, places, targets = batch
        if weight == 0:
            return task_loss(model.task_logits(ids, places), targets)  # type: ignore[operator]
        task_logits, token_logits = model(ids, places)
        auxiliary = language_model_loss(token_logits, ids, places)
        return task_loss(task_logits, targets) + weight * auxiliary

    return loss


def language_model_loss(logits: Tensor, ids: Tensor, places: Tensor) -> Tensor:
    """Mean cross-entropy of each token given those before it, marks included, padding not.

    (B, C, T, V), (B, C, T), (B, C) places of the last tokens -> a number, in nats per token.
    """
    targets = ids[..., 1:].clone()  # the token at t + 1 is predicted at t
    columns = places.new_tensor(range(1, ids.size(-1)))
    targets[columns > places[..., None]] = IGNORED
    return F.cross_entropy(logits[..., :-1, :].flatten(0, 2), targets.flatten())
