"""Losses for documents in which some words are answers, in nats per token."""

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data.batching import IGNORED
from course_lib.data.document_batches import DocumentBatch


def document_loss(model: nn.Module, batch: DocumentBatch) -> Tensor:
    """Mean over all words, as of any language model, plus the mean over the answers alone.

    Answers are few among the words, and what they teach would be lost among the words of stories,
    most of which nobody can foresee. A batch without answers: the first mean.
    """
    nll = F.cross_entropy(
        model(batch.inputs).flatten(0, 1), batch.targets.flatten(), reduction="none"
    )
    n_words = (batch.targets != IGNORED).sum()
    asked = batch.answers.flatten() != IGNORED
    return nll.sum() / n_words + (nll * asked).sum() / asked.sum().clamp(min=1)


def answers_loss(model: Any, batch: DocumentBatch) -> Tensor:
    """Mean over the answers alone: what is given need not be learnt. Nothing else is scored.

    model: a `TransformerLM`.
    """
    hidden = model.hidden(batch.inputs)[batch.answers != IGNORED]  # (N, D)
    return F.cross_entropy(model.logits(hidden), batch.answers[batch.answers != IGNORED])
