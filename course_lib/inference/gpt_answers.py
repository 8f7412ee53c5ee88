"""What a fine-tuned GPT says: the logits of many examples, in the order in which they came."""

from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.data.gpt_batches import Example, in_order
from course_lib.models.gpt_heads import GPTHead


@torch.no_grad()
def task_logits(head: GPTHead, examples: Sequence[Example], n_tokens: int = 8192) -> Tensor:
    """Examples, whose targets do not matter -> (N, L) logits: labels, options or one score.

    The answer is the argmax of a row; its softmax says how sure it is. Examples of like length are
    read together, at most `n_tokens` tokens at once.
    """
    head.eval()
    device = head.output.weight.device
    rows: list[Tensor] = [torch.empty(0)] * len(examples)
    for numbers, batch in in_order(examples, n_tokens):
        logits = head.task_logits(batch.ids.to(device), batch.places.to(device)).cpu()
        for number, row in zip(numbers, logits, strict=True):
            rows[number] = row
    return torch.stack(rows)
