"""Settings that were found good on Riverbank, one function per model: the ladder's learnt rungs.

Lectures, `course ladder` and the shipped checkpoints train by these, so that they show the same
model. A text is a 1-D int64 tensor of ids without <s> and </s>.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_lib.data.batching import count_ids, padded_batches
from course_lib.models.rnn import RecurrentConfig, RecurrentLM
from course_lib.text.vocab import Vocab
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss


def lstm_riverbank(
    texts: Sequence[Tensor],
    vocab_size: int,
    rng: torch.Generator,
    n_steps: int = 1200,
    cell: str = "lstm",
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
) -> RecurrentLM:
    """A recurrent language model of stories: four passes over Riverbank, half a minute on one core.

    `cell` may also be "gru" or "rnn". All chance comes from `rng`.
    """
    cfg = RecurrentConfig(vocab_size=vocab_size, d_embedding=64, d_hidden=192, cell=cell)
    model = RecurrentLM(cfg, rng)
    model.set_unigram(target_counts(texts, vocab_size))
    batches = padded_batches(texts, 1024, rng, Vocab.start_id, Vocab.end_id)
    settings = TrainConfig(n_steps=n_steps, lr=0.015, n_warmup=n_steps // 50, betas=(0.9, 0.99))
    train(model, next_token_loss, batches, settings, on_step)
    return model


def target_counts(texts: Sequence[Tensor], vocab_size: int) -> Tensor:
    """How often each id is to be predicted: (V,), the end of each text included."""
    counts = count_ids(texts, vocab_size)
    counts[Vocab.end_id] += len(texts)
    return counts
