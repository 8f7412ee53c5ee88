"""Choosing examples so that what is easy to see gives nothing away."""

import random
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Example = TypeVar("Example")


def balanced(
    found: Iterable[tuple[Hashable, Hashable, Example]],
    shares: Mapping[Hashable, int],
    rng: random.Random,
) -> list[Example]:
    """Some of `found`, triples of (what is easy to see, label, example), in random order.

    Among examples that look alike the labels stand in the ratio of `shares`, exactly; as many are
    kept as that allows.
    """
    groups: defaultdict[Hashable, defaultdict[Hashable, list[Example]]]
    groups = defaultdict(lambda: defaultdict(list))
    for look, label, example in found:
        groups[look][label].append(example)
    kept: list[Example] = []
    for look in sorted(groups, key=repr):
        group = groups[look]
        rounds = min(len(group[label]) // share for label, share in shares.items())
        for label, share in shares.items():
            kept += rng.sample(group[label], rounds * share)
    rng.shuffle(kept)
    return kept
