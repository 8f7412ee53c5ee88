"""Small worlds that last for one prompt: what a word means in it, only the prompt tells.

An episode is a row `word label word label ... word`; what each label stands for is drawn anew for
each row, so that there is nothing to memorise. All chance comes from the generator passed in.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.data.batching import IGNORED

START_ID = 2  # as Vocab.start_id, which this room may not import
RESERVED = 5  # one map of labels in so many is never trained on


class Episodes(NamedTuple):
    """Rows as a model reads them. `asked` (B, N): which of the row's group or keys each word is."""

    inputs: Tensor  # (B, 2N): <s> word label word ... word
    targets: Tensor  # (B, 2N): at each word its label, -100 elsewhere
    asked: Tensor

    @property
    def answers(self) -> Tensor:
        """(B, N): the label of each word."""
        return self.targets[:, 1::2]


def label_map_episodes(
    groups: Sequence[Tensor],
    labels: Tensor,
    n_shots: int,
    batch_size: int,
    rng: torch.Generator,
    reserved: bool = False,
) -> Iterator[Episodes]:
    """Endless batches: in each row, each of C groups of words has a label of its own.

    Words of all groups are equally likely, group by group. A learner must find out which words
    belong together, which never changes, and in each row which label they have, which always does.

    Args:
        groups: C tensors of word ids; labels: (L,) ids, L >= C.
        n_shots: labelled words before the last one; all N = n_shots + 1 are asked about.
        reserved: with the maps that are kept from training, one in RESERVED, or with the others.

    Raises ValueError if there are fewer labels than groups.
    """
    if len(labels) < len(groups):
        raise ValueError(f"{len(labels)} labels are too few for {len(groups)} groups")
    if any(len(group) == 0 for group in groups):
        raise ValueError("a group has no words")
    sizes = torch.tensor([len(group) for group in groups])
    starts, words = sizes.cumsum(0) - sizes, torch.cat(list(groups))
    while True:
        maps = draw_maps(len(labels), len(groups), batch_size, rng, reserved)  # (B, C)
        asked = torch.randint(len(groups), (batch_size, n_shots + 1), generator=rng)
        place = torch.rand(asked.shape, generator=rng, dtype=torch.double) * sizes[asked]
        yield episodes(words[starts[asked] + place.long()], labels[maps.gather(1, asked)], asked)


def key_value_episodes(
    keys: Tensor,
    values: Tensor,
    n_keys: int,
    n_shots: int,
    batch_size: int,
    rng: torch.Generator,
) -> Iterator[Episodes]:
    """Endless batches: in each row `n_keys` of the keys have a value each, and come in any order.

    Two keys may have one value. Raises ValueError for fewer keys than `n_keys`.
    """
    if len(keys) < n_keys:
        raise ValueError(f"{len(keys)} keys, but {n_keys=}")
    while True:
        chosen = torch.rand(batch_size, len(keys), generator=rng).argsort(dim=1)[:, :n_keys]
        given = torch.randint(len(values), (batch_size, n_keys), generator=rng)
        asked = torch.randint(n_keys, (batch_size, n_shots + 1), generator=rng)
        yield episodes(keys[chosen.gather(1, asked)], values[given.gather(1, asked)], asked)


def draw_maps(
    n_labels: int, n_groups: int, n: int, rng: torch.Generator, reserved: bool = False
) -> Tensor:
    """(n, C): for each of n rows C different numbers below `n_labels`, all such lists alike.

    A list is reserved, one in RESERVED, if its sum can be divided by RESERVED.
    """
    found, n_found = [], 0
    while n_found < n:
        lists = torch.rand(4 * n, n_labels, generator=rng).argsort(dim=1)[:, :n_groups]
        fits = (lists.sum(dim=1) % RESERVED == 0) == reserved
        found.append(lists[fits])
        n_found += len(found[-1])
    return torch.cat(found)[:n]


def episodes(words: Tensor, labels: Tensor, asked: Tensor) -> Episodes:
    """(B, N) words and their labels as rows."""
    start = torch.full_like(words[:, :1], START_ID)
    inputs = torch.cat([start, torch.stack([words, labels], dim=-1).flatten(1)[:, :-1]], dim=1)
    targets = torch.full_like(inputs, IGNORED)
    targets[:, 1::2] = labels
    return Episodes(inputs, targets, asked)
