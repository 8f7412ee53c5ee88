"""Rows of like length share a batch, so that little of it is padding."""

from collections.abc import Iterable, Iterator, Sequence

import torch

POOL = 640  # rows that are sorted by length together


def of_like_length(
    lengths: Sequence[tuple[int, ...]], n_tokens: int, rng: torch.Generator
) -> Iterator[list[int]]:
    """Endless batches of row numbers; lengths: of each row, all that is padded, chief one first."""
    while True:
        order = torch.randperm(len(lengths), generator=rng).tolist()
        for pool in (order[i : i + POOL] for i in range(0, len(order), POOL)):
            yield from batches_of(pool, lengths, n_tokens, rng)


def batches_of(
    pool: Iterable[int], lengths: Sequence[tuple[int, ...]], n_tokens: int, rng: torch.Generator
) -> Iterator[list[int]]:
    """Each row of a pool once: batches of like length, in random order."""
    batches = list(cut(sorted(pool, key=lengths.__getitem__), lengths, n_tokens))
    for i in torch.randperm(len(batches), generator=rng).tolist():
        yield batches[i]


def cut(pool: list[int], lengths: Sequence[tuple[int, ...]], n_tokens: int) -> Iterator[list[int]]:
    """A pool, from short to long, cut where a batch would exceed n_tokens."""
    batch: list[int] = []
    longest = 0
    for i in pool:
        longest = max(longest, *lengths[i])
        if batch and (len(batch) + 1) * longest > n_tokens:
            yield batch
            batch, longest = [], max(lengths[i])
        batch.append(i)
    yield batch
