"""What the prompted models are trained on and measured by, for the shipped checkpoints."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch

from course_lib.data import riverbank
from course_lib.data.document_batches import Document
from course_lib.data.riverbank import Story
from course_lib.data.riverbank.tasks.prompting import prompting_vocabulary
from course_lib.evaluation.metrics import bits_from_totals, bits_per_word
from course_lib.models import checkpoints
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import words_of
from course_lib.training.prompt_documents import documents, instructions
from course_lib.training.prompt_recipes import instructed, prompted_riverbank

N_DEV = 300  # documents
Parts = tuple[Tokenizer, Sequence[Story], Sequence[Document]]


def prompting(make: Callable[..., Any], vocab: Vocab, n: int, seed: int) -> Parts:
    """Tokenizer, stories to make documents of, and documents of the dev stories."""
    told = make(riverbank.load("dev"), vocab, torch.Generator().manual_seed(seed))
    dev = [document for document in itertools.islice(told, N_DEV) if document]
    return words_of(vocab), riverbank.sample(n, seed), dev


def prompted_material(n: int | None, seed: int) -> Parts:
    vocab = Vocab(prompting_vocabulary(riverbank.vocabulary()))
    return prompting(documents, vocab, n or 1, seed)


def instructed_material(n: int | None, seed: int) -> Parts:
    return prompting(instructions, checkpoints.load("prompted_riverbank").vocab, n or 1, seed)


def train_prompted(
    stories: Sequence[Story], vocab: Vocab, rng: torch.Generator, **settings: Any
) -> ShiftedGPT:
    """From the shipped model of stories."""
    base = checkpoints.load("gpt_riverbank").model
    return prompted_riverbank(stories, vocab, rng, base=base, **settings)


def train_instructed(
    stories: Sequence[Story], vocab: Vocab, rng: torch.Generator, **settings: Any
) -> ShiftedGPT:
    """From the shipped prompted model."""
    base = checkpoints.load("prompted_riverbank").model
    return instructed(base, stories, vocab, rng, **settings)


def score_documents(model: Any, dev: Sequence[Document]) -> float:
    """Bits per word of whole documents."""
    texts = [torch.cat([*itertools.chain.from_iterable(one)]) for one in dev]
    return bits_per_word(model.log_probs(texts)).value


def score_answers(model: Any, dev: Sequence[Document]) -> float:
    """Bits per word of the answers, end marks among them."""
    texts = [torch.cat([*itertools.chain.from_iterable(one)]) for one in dev]
    nats, counts = [], []
    for document, scores in zip(dev, model.log_probs(texts), strict=True):
        asked = torch.cat(
            [torch.ones(len(part)) * i for pair in document for i, part in enumerate(pair)]
        )
        nats.append(-(scores[:-1] * asked).sum().item())
        counts.append(int(asked.sum()))
    return bits_from_totals(nats, counts).value
