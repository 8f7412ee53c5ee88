"""Settings that were found good, one function per model: Riverbank, and Shakespeare by letter.

Lectures, `course ladder` and the shipped checkpoints train by these, so that they show the same
model. A text is a 1-D int64 tensor of ids without <s> and </s>; all chance comes from `rng`.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_lib.data.batching import count_ids, padded_batches, random_windows
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT
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
    d_model: int = 96,
) -> ModernGPT:
    """A GPT of stories: two blocks, two heads. All chance comes from `rng`.

    It wants many stories: 6,400 are read five times in 2,000 steps, and then it knows them too
    well; 40,000 fresh ones bring it nearly twice as near to the floor in the same time.
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


def shakespeare_baseline(
    text: Tensor,
    vocab_size: int,
    rng: torch.Generator,
    n_steps: int = 2000,
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
) -> GPT:
    """The field's reference recipe for a CPU, to be measured against: GPT-2's architecture, AdamW.

    `text`: the characters of tiny Shakespeare's first 90 %. On the rest the recipe is known for a
    loss of 1.88 nats per character. Source: nanoGPT (Karpathy, 2022), config train_shakespeare_char
    with the sizes that its README gives for a laptop.
    """
    cfg = TransformerConfig(vocab_size=vocab_size, context_length=64, dropout=0.0)
    model = GPT(cfg, rng)
    settings = TrainConfig(
        n_steps=n_steps,
        n_warmup=n_steps // 20,
        lr=1e-3,
        lr_end=0.1,
        schedule="cosine",
        betas=(0.9, 0.99),
        weight_decay=0.1,
        decay="matrices",
    )
    train(model, next_token_loss, random_windows(text, 64, 12, rng), settings, on_step)
    return model


def shakespeare_fast(
    text: Tensor,
    vocab_size: int,
    rng: torch.Generator,
    n_steps: int = 340,
    on_step: Callable[[int, Tensor], None] = lambda step, loss: None,  # noqa: ARG005
) -> ModernGPT:
    """As good in less than a fifth of the time: half the layers, and more learnt from each letter.

    Measured with it, in 300 to 410 steps: smaller batches, narrower layers and other rates were
    worse or no better. The loss still falls with more steps.
    """
    cfg = TransformerConfig(vocab_size=vocab_size, context_length=64, n_layers=2, dropout=0.0)
    model = ModernGPT(cfg, rng=rng)
    model.set_unigram(count_ids([text], vocab_size))
    settings = TrainConfig(
        n_steps=n_steps,
        n_warmup=n_steps // 50,
        optimizer="muon",
        lr=0.02,
        lr_matrices=0.02,
        weight_decay=0.1,
        max_grad_norm=None,
    )
    train(model, next_token_loss, random_windows(text, 64, 16, rng), settings, on_step)
    return model


def target_counts(texts: Sequence[Tensor], vocab_size: int) -> Tensor:
    """How often each id is to be predicted: (V,), the end of each text included."""
    counts = count_ids(texts, vocab_size)
    counts[Vocab.end_id] += len(texts)
    return counts
