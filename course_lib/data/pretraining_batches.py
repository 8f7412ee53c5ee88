"""Batches for BERT's two tasks: guess the hidden words, and say whether one text follows another.

A document is a list of sentences, each a 1-D int64 tensor of ids. Source: Devlin et al. (2019),
appendix A.2; there, too, a "sentence" is any stretch of text.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.data.batching import IGNORED, PAD_ID
from course_lib.data.lengths import POOL, batches_of
from course_lib.data.masking import RATE, mask_tokens

IS_NEXT, NOT_NEXT = 0, 1  # as in BERT's published weights
N_MARKS = 3  # [CLS] and two [SEP] in each row


class PretrainingBatch(NamedTuple):
    """`[CLS] a [SEP] b [SEP]` in each row, with some words hidden."""

    ids: Tensor  # (B, T), padded with <pad> on the right
    segment_ids: Tensor  # (B, T): 0 for [CLS] a [SEP], 1 for b [SEP]
    places: Tensor  # (N,): which of the B * T tokens are to be guessed, in reading order
    targets: Tensor  # (N,): what stood there
    nsp_targets: Tensor  # (B,): 0 if b follows a, 1 if not


class PretrainingTask(NamedTuple):
    """What the batches need to know of the vocabulary, and how they are to be."""

    class_id: int
    separator_id: int
    mask_id: int
    random_ids: Tensor  # (N,): what may stand in the place of a hidden word
    max_length: int = 128  # most tokens in a row, the three special ones included
    rate: float = RATE
    word_starts: Tensor | None = None  # (V,) bool: does this piece begin a word? Hides whole words


def pretraining_batches(
    documents: Sequence[Sequence[Tensor]],
    task: PretrainingTask,
    n_tokens: int,
    rng: torch.Generator,
) -> Iterator[PretrainingBatch]:
    """Endless batches of at most `n_tokens` tokens, or of one row; each pass reads every text once.

    In one half of each pool of rows b follows a; in the other it comes from another row. Rows of
    like length share a batch. Raises ValueError if no document has two tokens.
    """
    documents = [d for d in documents if sum(map(len, d)) > 1]
    if not documents:
        raise ValueError("there is no document of two tokens or more to make pairs of")
    while True:
        for pairs in _pools(documents, task.max_length - N_MARKS, rng):
            rows, labels = exchange(pairs, rng)
            rows = [shortened(a, b, task.max_length - N_MARKS) for a, b in rows]
            lengths = [(len(a) + len(b) + N_MARKS,) for a, b in rows]
            for chosen in batches_of(range(len(rows)), lengths, n_tokens, rng):
                yield make_batch([rows[i] for i in chosen], labels[chosen], task, rng)


def _pools(
    documents: Sequence[Sequence[Tensor]], length: int, rng: torch.Generator
) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """One pass over the documents in a new order: pairs of neighbours, POOL of them at a time."""
    pairs: list[tuple[Tensor, Tensor]] = []
    for i in torch.randperm(len(documents), generator=rng).tolist():
        pairs += [split(chunk, rng) for chunk in chunks(documents[i], length, rng)]
        while len(pairs) >= POOL:
            yield pairs[:POOL]
            pairs = pairs[POOL:]
    if pairs:
        yield pairs


def chunks(document: Sequence[Tensor], length: int, rng: torch.Generator) -> Iterator[list[Tensor]]:
    """The sentences of a document, as many together as fit into `length` tokens.

    A long document is cut at places that differ from pass to pass. A piece of one token, of which
    no pair can be made, goes with the one before it.
    """
    total = sum(map(len, document))
    limit = length if total <= length else int(torch.randint(2, length + 1, (), generator=rng))
    chunk: list[Tensor] = []
    size = 0
    for sentence in document:
        for piece in sentence.split(length):
            if chunk and size + len(piece) > limit and size > 1:
                yield chunk
                chunk, size, limit = [], 0, length
            chunk.append(piece)
            size += len(piece)
    if size > 1:
        yield chunk


def split(chunk: Sequence[Tensor], rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Two neighbours: cut between two sentences, or, of a single sentence, anywhere within."""
    text = torch.cat(list(chunk))
    ends = torch.tensor([len(s) for s in chunk]).cumsum(0)[:-1]
    ends = ends[(ends > 0) & (ends < len(text))]
    if len(ends) == 0:
        ends = torch.arange(1, len(text))
    place = int(ends[torch.randint(len(ends), (), generator=rng)])
    return text[:place], text[place:]


def exchange(
    pairs: Sequence[tuple[Tensor, Tensor]], rng: torch.Generator
) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
    """Give half of the pairs the second part of another: (pairs, labels (N,)).

    So every text comes once, first parts and second parts are alike in both halves, and neither
    part alone gives the answer away. Of an odd number of pairs, one more goes on rightly.
    """
    order = torch.randperm(len(pairs), generator=rng).tolist()
    moved = order[: len(pairs) // 2]
    if len(moved) == 1:  # one alone has nobody to exchange with
        moved = order[:2]
    result = list(pairs)
    for i, j in zip(moved, moved[1:] + moved[:1], strict=True):
        result[i] = (pairs[i][0], pairs[j][1])
    labels = torch.full((len(pairs),), IS_NEXT)
    labels[moved] = NOT_NEXT
    return result, labels


def shortened(a: Tensor, b: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Both, cut so that together they fit: tokens far from where they meet go first."""
    room_a = max(length - len(b), length // 2)
    a = a[-min(len(a), room_a) :]
    return a, b[: length - len(a)]


def make_batch(
    rows: Sequence[tuple[Tensor, Tensor]],
    nsp_targets: Tensor,
    task: PretrainingTask,
    rng: torch.Generator,
) -> PretrainingBatch:
    """Put the marks in, pad, and hide words."""
    first, separator = torch.tensor([task.class_id]), torch.tensor([task.separator_id])
    ids = _pad([torch.cat([first, a, separator, b, separator]) for a, b in rows])
    segment_ids = _pad([_segments(len(a) + 2, len(b) + 1) for a, b in rows])
    special = torch.tensor([PAD_ID, task.class_id, task.separator_id])
    groups = None if task.word_starts is None else task.word_starts[ids].cumsum(1)
    inputs, targets = mask_tokens(
        ids, ~torch.isin(ids, special), task.mask_id, task.random_ids, rng, task.rate, groups
    )
    places = (targets != IGNORED).flatten().nonzero().flatten()
    return PretrainingBatch(inputs, segment_ids, places, targets.flatten()[places], nsp_targets)


def _segments(n_first: int, n_second: int) -> Tensor:
    return torch.tensor([0] * n_first + [1] * n_second)


def _pad(rows: Sequence[Tensor]) -> Tensor:
    return pad_sequence(list(rows), batch_first=True, padding_value=PAD_ID)
