"""Settings that were found good for models that are told by their prompt what to do.

All chance comes from `rng`.
"""

import copy
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from course_lib.data.batching import count_ids
from course_lib.data.document_batches import Document, DocumentBatch, document_batches
from course_lib.data.riverbank import Story
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_block import ModernBlock
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.text.vocab import Vocab
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss
from course_lib.training.prompt_documents import CONTEXT, documents, instructions
from course_lib.training.prompt_objectives import answers_loss, document_loss

N_TOKENS = 2048  # in a batch
N_COUNTED = 1000  # documents in which words are counted, for the first guess
SHIFT = 0.25  # how much a model that knew none begins to see of the word before
OnStep = Callable[[int, Tensor], None]


def in_context_learner(
    batches: Iterable[tuple[Tensor, ...]],
    vocab_size: int,
    rng: torch.Generator,
    n_steps: int = 200,
    on_step: OnStep = lambda step, loss: None,  # noqa: ARG005
    kind: type[ModernGPT] = ShiftedGPT,
    n_layers: int = 2,
    context_length: int = 64,
) -> ModernGPT:
    """A model of `episodes`: within 10 seconds on one core it reads a new map off its prompt.

    batches: endless, as of `label_map_episodes`: 32 rows of 12 to 24 shots. With kind=ModernGPT,
    the same without the token shift, it still guesses any label that it saw after as many steps.
    """
    cfg = TransformerConfig(
        vocab_size=vocab_size,
        context_length=context_length,
        d_model=128,
        n_layers=n_layers,
        d_ff=256,
        dropout=0.0,
    )
    model = kind(cfg, rotary_base=1000.0, rng=rng)
    settings = TrainConfig(
        n_steps=n_steps,
        n_warmup=n_steps // 20,
        optimizer="muon",
        lr=0.02,
        lr_matrices=0.03,
        weight_decay=0.1,
        max_grad_norm=None,
    )
    train(model, answer_loss, batches, settings, on_step)
    return model


def answer_loss(model: torch.nn.Module, batch: Any) -> Tensor:
    """`next_token_loss` of a batch that may hold more than inputs and targets."""
    return next_token_loss(model, (batch[0], batch[1]))


def prompted_riverbank(
    stories: Sequence[Story],
    vocab: Vocab,
    rng: torch.Generator,
    n_steps: int = 5000,
    on_step: OnStep = lambda step, loss: None,  # noqa: ARG005
    base: ModernGPT | None = None,
    n_layers: int = 4,
    d_model: int = 128,
) -> ShiftedGPT:
    """A GPT of `documents`: examples of all tasks, each in one of its wordings, and stories.

    It goes on from `base`, a model of stories whose words are the vocabulary's first, or begins
    from nothing.
    """
    cfg = TransformerConfig(
        vocab_size=len(vocab),
        context_length=CONTEXT,
        d_model=d_model,
        n_heads=2,
        n_layers=n_layers,
        d_ff=2 * d_model,
        dropout=0.0,
    )
    model = ShiftedGPT(cfg, rotary_base=100.0, rng=rng, shift=1.0 if base is None else SHIFT)
    told = documents(stories, vocab, rng)
    model.set_unigram(_counts(itertools.islice(told, N_COUNTED), len(vocab)))
    if base is not None:
        start_from(model, base)
    train(model, document_loss, _batches(told, rng), _settings(n_steps, 0.01, 0.014), on_step)
    return model


def instructed(
    base: ShiftedGPT,
    stories: Sequence[Story],
    vocab: Vocab,
    rng: torch.Generator,
    n_steps: int = 800,
    on_step: OnStep = lambda step, loss: None,  # noqa: ARG005
) -> ShiftedGPT:
    """A copy of the base, taught to follow instructions without an example: loss on answers alone.

    Source: Wei et al. (2022), "Finetuned language models are zero-shot learners".
    """
    model = copy.deepcopy(base)
    told = instructions(stories, vocab, rng)
    train(model, answers_loss, _batches(told, rng), _settings(n_steps, 0.004, 0.005), on_step)
    return model


def _counts(told: Iterator[Document], vocab_size: int) -> Tensor:
    """(V,) how often each id occurs in these documents."""
    return count_ids((part for document in told for pair in document for part in pair), vocab_size)


def _batches(told: Iterator[Document], rng: torch.Generator) -> Iterator[DocumentBatch]:
    return document_batches(told, N_TOKENS, rng, Vocab.start_id, Vocab.end_id)


def _settings(n_steps: int, lr: float, lr_matrices: float) -> TrainConfig:
    return TrainConfig(
        n_steps=n_steps,
        n_warmup=n_steps // 50,
        optimizer="muon",
        lr=lr,
        lr_matrices=lr_matrices,
        weight_decay=0.1,
        max_grad_norm=None,
    )


def start_from(model: ModernGPT, base: ModernGPT) -> None:
    """Give a larger model the weights of a smaller one whose words are its first words.

    Its blocks above those of the base begin by handing on what they are given.
    """
    n_words, n_layers = base.cfg.vocab_size, base.cfg.n_layers
    with torch.no_grad():
        model.tokens.weight[:n_words] = base.tokens.weight
        model.output_bias[:n_words] = base.output_bias
        model.norm.load_state_dict(base.norm.state_dict())
        for block, known in zip(model.blocks[:n_layers], base.blocks, strict=True):
            block.load_state_dict(known.state_dict())
        for block in model.blocks[n_layers:]:
            assert isinstance(block, ModernBlock)
            block.attention.w_o.weight.zero_()
