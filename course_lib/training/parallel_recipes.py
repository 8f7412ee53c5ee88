"""Settings that were found good for translators of real text, on some 50,000 pairs of sentences.

A pair is (source ids, target ids), each side in a vocabulary of its own.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.models.config import TransformerConfig
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.seq2seq import AttentionSeq2Seq, Seq2Seq
from course_lib.models.seq2seq_encoder import Seq2SeqConfig
from course_lib.text.vocab import SPECIAL
from course_lib.training.config import TrainConfig
from course_lib.training.recipes import target_counts

Pair = tuple[Tensor, Tensor]
Translating = Seq2Seq | ModernTranslator
LABEL_SMOOTHING = 0.1
N_WARMUP = 100


class Parallel(NamedTuple):
    """Pairs to learn from, and how many words each side knows, the special ones among them."""

    pairs: Sequence[Pair]
    source_size: int
    target_size: int


class Plan(NamedTuple):
    """A model that has learnt nothing yet, and how it is to learn."""

    model: Translating
    source: Callable[[Tensor], Tensor]  # the source's ids as the model wants them
    n_tokens: int  # in a batch, padding counted
    settings: Callable[[int], TrainConfig]  # for so many steps


def one_vector(parallel: Parallel, rng: torch.Generator) -> Plan:
    """Lecture 06's network without attention."""
    return _recurrent(Seq2Seq, parallel, rng)


def attention(parallel: Parallel, rng: torch.Generator) -> Plan:
    """Lecture 06's network with additive attention."""
    return _recurrent(AttentionSeq2Seq, parallel, rng)


def transformer(parallel: Parallel, rng: torch.Generator) -> Plan:
    """Lecture 13's network. One table of vectors for both sides: the target's words come first."""
    n_targets = parallel.target_size
    cfg = TransformerConfig(
        vocab_size=n_targets + parallel.source_size - len(SPECIAL),
        d_model=128,
        n_heads=4,
        n_layers=2,
        d_ff=256,
        dropout=0.1,
    )
    model = ModernTranslator(cfg, rng, n_targets)
    model.set_unigram(target_counts([target for _source, target in parallel.pairs], n_targets))

    def source(ids: Tensor) -> Tensor:
        return torch.where(ids < len(SPECIAL), ids, ids + n_targets - len(SPECIAL))

    def settings(n_steps: int) -> TrainConfig:
        return TrainConfig(
            n_steps=n_steps,
            n_warmup=min(N_WARMUP, n_steps // 3),
            optimizer="muon",
            lr=0.005,
            lr_matrices=0.014,
            weight_decay=0.1,
            max_grad_norm=None,
        )

    return Plan(model, source, 1500, settings)


def _recurrent(kind: type[Seq2Seq], parallel: Parallel, rng: torch.Generator) -> Plan:
    torch.manual_seed(int(torch.randint(2**31, (), generator=rng)))  # of the first weights
    _, source_size, target_size = parallel
    cfg = Seq2SeqConfig(source_size=source_size, target_size=target_size, d_model=192, dropout=0.15)
    model = kind(cfg)
    model.set_unigram(target_counts([target for _source, target in parallel.pairs], target_size))

    def settings(n_steps: int) -> TrainConfig:
        n_warmup = min(N_WARMUP, n_steps // 3)
        return TrainConfig(n_steps=n_steps, n_warmup=n_warmup, lr=0.004, betas=(0.9, 0.98))

    return Plan(model, lambda ids: ids, 1000, settings)


PLANS: dict[str, Callable[[Parallel, torch.Generator], Plan]] = {
    "one vector": one_vector,
    "attention": attention,
    "transformer": transformer,
}
