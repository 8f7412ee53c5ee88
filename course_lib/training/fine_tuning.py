"""Going on from a pre-trained model with labelled texts: what is asked, what may move, how fast.

Each loss takes (model, (batch, targets)), as `data.task_batches.task_batches` gives them.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data.batching import IGNORED, PAD_ID
from course_lib.data.task_batches import Example, TextBatch, task_batches
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.training.loop import LossFn, TrainConfig, train

Labelled = tuple[TextBatch, Tensor]


def classification_loss(model: nn.Module, batch: Labelled) -> Tensor:
    """Mean cross-entropy of the right label, in nats. Targets (B,), int64."""
    texts, targets = batch
    return F.cross_entropy(model(texts), targets)


def regression_loss(model: nn.Module, batch: Labelled) -> Tensor:
    """Mean squared error of the one number that the model gives. Targets (B,), float."""
    texts, targets = batch
    return F.mse_loss(model(texts)[:, 0], targets)


def tagging_loss(model: nn.Module, batch: Labelled) -> Tensor:
    """Mean cross-entropy over all tokens that have a label, in nats. Targets (B, T), else -100.

    0 for a batch in which no token has one.
    """
    texts, targets = batch
    logits = model(texts).flatten(0, 1)
    total = F.cross_entropy(logits, targets.flatten(), reduction="sum")
    return total / (targets != IGNORED).sum().clamp(min=1)


def span_loss(model: nn.Module, batch: Labelled) -> Tensor:
    """Mean cross-entropy of the answer's first and of its last place, in nats. Targets (B, 2).

    Only places of the passage compete, and place 0, [CLS], which stands for "no answer". Source:
    Devlin et al. (2019), sections 4.2 and 4.3. Raises ValueError for a batch without `may_answer`.
    """
    texts, targets = batch
    if texts.may_answer is None:
        raise ValueError("to find an answer one must know where it may stand: may_answer is None")
    logits = model(texts).masked_fill(~texts.may_answer[:, :, None], -torch.inf)  # (B, T, 2)
    return F.cross_entropy(logits, targets)  # softmax over T: start and end each have their own


def freeze(encoder: nn.Module, how: Literal["all"] | int | None) -> None:
    """Say which weights of a pre-trained model will not move.

    how: "all" leaves every vector as it is (features); a number n stops the embeddings and the
    first n blocks; None lets everything move. Raises ValueError if there are no n blocks.
    """
    encoder.requires_grad_(how is None)
    if not isinstance(how, int):
        return
    parts = dict(encoder.named_children())  # in the order in which a text passes through them
    blocks = parts.get("blocks")
    if not isinstance(blocks, nn.ModuleList) or not 0 <= how <= len(blocks):
        raise ValueError(f"there are no {how} blocks to freeze in {type(encoder).__name__}")
    blocks[how:].requires_grad_(True)
    for name in itertools.dropwhile(lambda name: name != "blocks", parts):
        if name != "blocks":
            parts[name].requires_grad_(True)


def fine_tune(
    model: nn.Module,
    examples: Sequence[Example],
    loss_fn: LossFn,
    rng: torch.Generator,
    n_steps: int = 300,
    lr: float = 1e-3,
    lr_head: float | None = None,
    n_tokens: int = 1024,
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
    pad_id: int = PAD_ID,
) -> list[float]:
    """Train a model with a new head on labelled examples; return the loss before each step.

    As published but for the rate: AdamW with weight decay 0.01, warmed up over a tenth of the steps
    and then lowered to 0 in a straight line. The rate suits small models: BERT's authors, with
    110 million parameters, took 2e-5 to 5e-5. From scratch is the same with a fresh encoder.

    lr_head: the highest rate of what stands outside `model.encoder`, which begins near 0 and has
    further to go; None: ten times `lr`. n_tokens: of one batch. Raises CourseError if there are no
    examples.
    """
    if not examples:
        raise CourseError(_("there are no labelled examples to learn from"))
    batches = task_batches(examples, n_tokens, rng, pad_id)
    lr_head = 10 * lr if lr_head is None else lr_head
    cfg = TrainConfig(n_steps=n_steps, lr=lr, lr_head=lr_head, n_warmup=n_steps // 10)
    return train(model, loss_fn, batches, cfg, on_step)
