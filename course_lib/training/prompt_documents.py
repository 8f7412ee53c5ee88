"""What the prompted models read: endless documents, made of Riverbank's tasks as they are needed.

All chance comes from `rng`.
"""

import random
from collections.abc import Iterator, Sequence

import torch

from course_lib.data.document_batches import Document
from course_lib.data.riverbank import Story
from course_lib.data.riverbank.tasks.prompting import (
    LETTERS,
    LINE,
    Pools,
    drawn,
    fitting,
    pools_of,
)
from course_lib.data.riverbank.tasks.prompts import KINDS
from course_lib.text.vocab import Vocab

CONTEXT = 256  # tokens: three or four stories, each with what is asked about it
STORIES = 0.15  # of the documents are stories, and nothing is asked
SHARES = {  # of the tasks; 1 for those not named
    "topics": 0.5,
    "questions": 1.5,
    "entailment": 1.5,
    "translation": 1.5,
    "sentences": 2.0,
}
SHOTS = (1, 2, 3, 4, 6, 8)  # examples in a document, if they fit
MANY = (8, 16, 24, 40)  # in one whose labels only its own examples explain


def documents(stories: Sequence[Story], vocab: Vocab, rng: torch.Generator) -> Iterator[Document]:
    """Endless documents: some are stories; the others hold examples of one task in one wording."""
    chance = _chance(rng)
    pools = pools_of(stories, seed=chance.randrange(2**31))
    nothing = vocab.encode(())
    while True:
        if chance.random() < STORIES:
            yield [(vocab.encode(chance.choice(stories).words), nothing)]
        else:
            yield examples_of(_kind(chance), pools, "documents", vocab, chance)


def instructions(
    stories: Sequence[Story], vocab: Vocab, rng: torch.Generator
) -> Iterator[Document]:
    """Endless documents with one example each, mostly worded as an instruction.

    One in three is as in `documents`, so that what was known from those is not lost.
    """
    chance = _chance(rng)
    pools = pools_of(stories, seed=chance.randrange(2**31))
    while True:
        if chance.random() < 1 / 3:
            yield examples_of(_kind(chance), pools, "documents", vocab, chance)
        else:
            yield examples_of(chance.choice(KINDS), pools, "instructions", vocab, chance, (1,))


def examples_of(
    kind: str,
    pools: Pools,
    section: str,
    vocab: Vocab,
    chance: random.Random,
    shots: Sequence[int] = SHOTS,
) -> Document:
    """One document of one task, as ids; its answers end with LINE."""
    if kind in LETTERS:
        section, shots = "letters", MANY
    prompts = drawn(kind, pools, section, chance)
    chosen = fitting(prompts, chance.choice(shots), CONTEXT - 2)
    return [(vocab.encode(p.words), vocab.encode([*p.answer, LINE])) for p in chosen]


def _kind(chance: random.Random) -> str:
    kinds = (*KINDS, *LETTERS)
    return chance.choices(kinds, [SHARES.get(kind, 1.0) for kind in kinds])[0]


def _chance(rng: torch.Generator) -> random.Random:
    return random.Random(int(torch.randint(2**31, (), generator=rng)))
