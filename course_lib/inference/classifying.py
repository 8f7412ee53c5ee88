"""What a model with a head says about texts: labels, probabilities, numbers."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_lib.data.batching import PAD_ID
from course_lib.data.task_batches import Example, TextBatch, in_order

N_TOKENS = 8192  # read at once


@torch.inference_mode()
def answers(
    model: nn.Module,
    examples: Sequence[Example],
    n_tokens: int = N_TOKENS,
    pad_id: int = PAD_ID,
) -> list[Tensor]:
    """The model's logits for each example, in the order given, on the CPU; dropout is off.

    Texts of like length are read together. What a head gives for each token is cut at the text's
    end: (L,) for a text, (T, L) for its tokens.
    """
    model.eval()
    device = next(model.parameters()).device

    def read(batch: TextBatch) -> Tensor:
        logits: Tensor = model(batch.to(device))
        return logits.cpu()

    rows = in_order(read, examples, n_tokens, pad_id)
    if rows and rows[0].dim() == 2:
        return [row[: len(e.ids)] for row, e in zip(rows, examples, strict=True)]
    return rows


def probabilities(
    model: nn.Module,
    examples: Sequence[Example],
    n_tokens: int = N_TOKENS,
    pad_id: int = PAD_ID,
) -> Tensor:
    """(N, L): how likely each label is for each text, rows sum to 1. No texts: (0, 0)."""
    rows = answers(model, examples, n_tokens, pad_id)
    return torch.stack(rows).softmax(dim=-1) if rows else torch.empty(0, 0)


def classify(
    model: nn.Module,
    examples: Sequence[Example],
    labels: Sequence[str],
    n_tokens: int = N_TOKENS,
    pad_id: int = PAD_ID,
) -> list[str]:
    """The likeliest of the L labels for each text."""
    rows = answers(model, examples, n_tokens, pad_id)
    return [labels[int(row.argmax())] for row in rows]


def predict_numbers(
    model: nn.Module,
    examples: Sequence[Example],
    n_tokens: int = N_TOKENS,
    pad_id: int = PAD_ID,
) -> Tensor:
    """(N,): the one number that a regression's model gives for each text."""
    rows = answers(model, examples, n_tokens, pad_id)
    return torch.stack(rows)[:, 0] if rows else torch.empty(0)
