"""Batches of documents in which some words are answers: those that a model is to give itself.

A document is a list of pairs (ids that are given, ids of the answer to them).
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.data.batching import IGNORED, PAD_ID
from course_lib.data.lengths import batches_of

POOL = 64  # documents that are sorted by length together
Document = Sequence[tuple[Tensor, Tensor]]


class DocumentBatch(NamedTuple):
    """Documents as rows; each begins with <s> and is closed by </s>."""

    inputs: Tensor  # (B, T), padded on the right
    targets: Tensor  # (B, T): every next token, padding -100
    answers: Tensor  # (B, T): the targets that are answers, all others -100


def document_batches(
    documents: Iterator[Document], n_tokens: int, rng: torch.Generator, start_id: int, end_id: int
) -> Iterator[DocumentBatch]:
    """Batches as long as there are documents; B * T <= n_tokens, or B = 1.

    Those of like length of POOL in a row share a batch.
    """
    while pool := list(itertools.islice(documents, POOL)):
        lengths = [(sum(len(part) for pair in one for part in pair) + 1,) for one in pool]
        for chosen in batches_of(range(len(pool)), lengths, n_tokens, rng):
            yield collate_documents([pool[i] for i in chosen], start_id, end_id)


def collate_documents(documents: Sequence[Document], start_id: int, end_id: int) -> DocumentBatch:
    """One batch of all of them."""
    start, end = torch.tensor([start_id]), torch.tensor([end_id])
    rows, answers = [], []
    for document in documents:
        rows.append(torch.cat([start, *itertools.chain.from_iterable(document), end]))
        given = [(torch.full_like(g, IGNORED), answer) for g, answer in document]
        ignored = torch.tensor([IGNORED])
        answers.append(torch.cat([*itertools.chain.from_iterable(given), ignored]))
    return DocumentBatch(
        pad_sequence([row[:-1] for row in rows], batch_first=True, padding_value=PAD_ID),
        pad_sequence([row[1:] for row in rows], batch_first=True, padding_value=IGNORED),
        pad_sequence(answers, batch_first=True, padding_value=IGNORED),
    )
