"""Settings that were found good on Riverbank, one function per model: the ladder's learnt rungs.

Lectures, `course ladder` and the shipped checkpoints train by these, so that they show the same
model. A text is a 1-D int64 tensor of ids without <s> and </s>.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_lib.data.batching import count_ids, padded_batches
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.rnn import RecurrentConfig, RecurrentLM
from course_lib.text.vocab import Vocab
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss


def lstm_riverbank(
    texts: Sequence[Tensor],
    vocab_size: int,
    rng: torch.Generator,
    n_steps: int = 1000,
    cell: str = "lstm",
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
) -> RecurrentLM:
    """A recurrent language model: three passes over Riverbank, half a minute on one core.

    `cell` may also be "gru" or "rnn". All chance comes from `rng`.
    """
    cfg = RecurrentConfig(vocab_size=vocab_size, d_embedding=64, d_hidden=192, cell=cell)
    model = RecurrentLM(cfg, rng)
    model.set_unigram(target_counts(texts, vocab_size))
    batches = padded_batches(texts, 1024, rng, Vocab.start_id, Vocab.end_id)
    settings = TrainConfig(n_steps=n_steps, lr=0.015, n_warmup=n_steps // 50, betas=(0.9, 0.99))
    train(model, next_token_loss, batches, settings, on_step)
    return model


def gpt_riverbank(
    texts: Sequence[Tensor],
    vocab_size: int,
    rng: torch.Generator,
    n_steps: int = 2000,
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
    d_model: int = 64,
) -> ModernGPT:
    """A GPT of stories: two blocks, two heads. All chance comes from `rng`.

    It learns longer on many texts than on few: 6,400 stories are read five times in 2,000 steps.
    """
    cfg = TransformerConfig(
        vocab_size=vocab_size,
        context_length=160,  # the longest stories have some 120 words
        d_model=d_model,
        n_heads=2,
        n_layers=2,
        d_ff=2 * d_model,
        dropout=0.0,
    )
    model = ModernGPT(cfg, rng=rng)
    model.set_unigram(target_counts(texts, vocab_size))
    batches = padded_batches(texts, 1024, rng, Vocab.start_id, Vocab.end_id)
    settings = TrainConfig(
        n_steps=n_steps,
        n_warmup=n_steps // 50,
        optimizer="muon",
        lr=0.02,
        lr_matrices=0.014,
        weight_decay=0.1,
        max_grad_norm=None,
    )
    train(model, next_token_loss, batches, settings, on_step)
    return model


def target_counts(texts: Sequence[Tensor], vocab_size: int) -> Tensor:
    """How often each id is to be predicted: (V,), the end of each text included."""
    counts = count_ids(texts, vocab_size)
    counts[Vocab.end_id] += len(texts)
    return counts
