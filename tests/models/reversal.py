"""A language in seconds: the translation of a word is the word written backwards."""

import torch
from torch import Tensor

from course_lib.data.batching import parallel_batches
from course_lib.models.config import TransformerConfig
from course_lib.models.encoder_decoder import EncoderDecoder
from course_lib.text.vocab import Vocab
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import sequence_loss

CFG = TransformerConfig(
    vocab_size=12, context_length=16, d_model=32, n_heads=4, n_layers=2, dropout=0.0
)


def reversals(n: int, seed: int) -> list[tuple[Tensor, Tensor]]:
    """`n` words of 1 to 6 letters out of eight, and each backwards."""
    rng = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 7, (n,), generator=rng).tolist()
    words = [torch.randint(4, CFG.vocab_size, (length,), generator=rng) for length in lengths]
    return [(word, word.flip(0)) for word in words]


def reverser(kind: type[EncoderDecoder], n_steps: int) -> tuple[EncoderDecoder, list[float]]:
    """A translator that has learnt that for a while, and its losses."""
    rng = torch.Generator().manual_seed(0)
    model = kind(CFG, rng)
    batches = parallel_batches(reversals(2000, seed=1), 256, rng, Vocab.start_id, Vocab.end_id)
    cfg = TrainConfig(n_steps=n_steps, lr=3e-3, n_warmup=20)
    return model, train(model, sequence_loss, batches, cfg)
