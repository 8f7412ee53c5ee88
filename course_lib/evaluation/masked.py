"""How well an encoder does what it was pre-trained for, on texts it has not seen."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data.pretraining_batches import PretrainingTask, pretraining_batches
from course_lib.models.pretraining_heads import PretrainingBERT

N_TOKENS = 4096  # in a batch


class Pretrained(NamedTuple):
    """Measured over the hidden words, and over the pairs, of a number of batches."""

    bits_per_hidden_word: float
    hidden_words_right: float  # share
    pairs_right: float  # share; .5 is chance


@torch.no_grad()
def measure_pretraining(
    model: PretrainingBERT,
    documents: Sequence[Sequence[Tensor]],
    task: PretrainingTask,
    seed: int = 0,
    n_batches: int = 16,
) -> Pretrained:
    """Words are hidden, and pairs made, by `task`; the same ones for the same seed."""
    model.eval()
    device = next(model.parameters()).device
    batches = pretraining_batches(documents, task, N_TOKENS, torch.Generator().manual_seed(seed))
    nats, words, pairs = [], [], []
    for _number, batch in zip(range(n_batches), batches, strict=False):
        ids, segment_ids, places, targets, nsp_targets = (part.to(device) for part in batch)
        logits, follows = model(ids, segment_ids, places=places)
        nats.append(F.cross_entropy(logits, targets, reduction="none").double())
        words.append(logits.argmax(-1) == targets)
        pairs.append(follows.argmax(-1) == nsp_targets)
    return Pretrained(
        torch.cat(nats).mean().item() / math.log(2),
        torch.cat(words).double().mean().item(),
        torch.cat(pairs).double().mean().item(),
    )
