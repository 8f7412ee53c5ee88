"""How alike are many documents, each with each? With an index, not by comparing each with each.

A document is a set of fingerprints. One that few documents have weighs more than one that many
have, and one that very many have weighs nothing: it is what the task or the lecture suggests.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COMMON_SHARE, COMMON_LEAST = 0.25, 10  # shared by more of the documents than both: not counted
FEWEST = 8  # fingerprints a document must have left, or it says too little
FLOOR = 0.4  # no pair below is ever listed; independent answers reach 0.33 (see the tests)
CEILING = 0.95  # and those above always are
N_STEPS = 1000  # of the histogram of likenesses
MOST_PAIRS = 1000  # listed


@dataclass(frozen=True, order=True)
class Pair:
    """likeness: weight of the shared fingerprints as a share of the lighter document's weight."""

    likeness: float
    first: int
    second: int


@dataclass(frozen=True)
class Comparison:
    """What came out.

    pairs: those from `limit` on, the most alike first; at most MOST_PAIRS.
    histogram: (N_STEPS,) how many pairs have which likeness, in equal steps from 0 to 1.
    compared: the documents that have enough to be compared.    common: what was not counted.
    """

    pairs: list[Pair]
    limit: float
    histogram: NDArray[np.int64]
    compared: list[int]
    common: frozenset[int]


def compare_all(
    documents: Sequence[frozenset[int]],
    given: frozenset[int] = frozenset(),
    limit: float | None = None,
) -> Comparison:
    """Compare each with each. `given`: fingerprints that everybody was handed: not counted.

    limit: from which likeness on a pair is listed; None: from where it is far from the others.
    Needs memory for the fingerprints, not for the pairs.
    """
    where = index(documents)
    n = len(documents)
    most = max(COMMON_LEAST, COMMON_SHARE * n)
    common = given | {number for number, places in where.items() if len(places) > most}
    weights = {x: weight(len(places), n) for x, places in where.items() if x not in common}
    own = [[x for x in document if x in weights] for document in documents]
    compared = [place for place, numbers in enumerate(own) if len(numbers) >= FEWEST]
    histogram = np.zeros(N_STEPS, dtype=np.int64)
    best: list[Pair] = []
    for place, others, likeness in rows(own, where, weights, compared):
        steps = np.minimum((likeness * N_STEPS).astype(np.int64), N_STEPS - 1)
        histogram += np.bincount(steps, minlength=N_STEPS)
        for other in np.flatnonzero(likeness >= (FLOOR if limit is None else limit)):
            keep(best, Pair(float(likeness[other]), place, int(others[other])))
    limit = far_out(histogram) if limit is None else limit
    listed = [pair for pair in sorted(best, reverse=True) if pair.likeness >= limit]
    return Comparison(listed, limit, histogram, compared, frozenset(common))


def index(documents: Sequence[frozenset[int]]) -> dict[int, list[int]]:
    """Which documents have a fingerprint, in order."""
    where: defaultdict[int, list[int]] = defaultdict(list)
    for place, document in enumerate(documents):
        for number in document:
            where[number].append(place)
    return where


def weight(n_having: int, n: int) -> float:
    """Bits of surprise that one more document has it, as the others have it: log2 n / (m - 1)."""
    return float(np.log2(n / max(n_having - 1, 1)))


def rows(
    own: Sequence[Sequence[int]],
    where: Mapping[int, Sequence[int]],
    weights: Mapping[int, float],
    compared: Sequence[int],
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
    """For each document, all compared ones after it and how alike they are to it."""
    totals = np.array([sum(weights[x] for x in numbers) for numbers in own])
    for number, place in enumerate(compared[:-1]):
        others = np.array(compared[number + 1 :])
        shared = np.zeros(len(own))
        for x in own[place]:
            shared[where[x]] += weights[x]
        yield place, others, shared[others] / np.minimum(totals[place], totals[others])


def keep(best: list[Pair], pair: Pair) -> None:
    """Put the pair among the MOST_PAIRS best."""
    if len(best) < MOST_PAIRS:
        heapq.heappush(best, pair)
    else:
        heapq.heappushpop(best, pair)


def far_out(histogram: NDArray[np.int64]) -> float:
    """The likeness that is far from the others': three ranges of the middle half above it.

    Within FLOOR and CEILING. Source: Tukey (1977), "Exploratory data analysis": the outer fence.
    """
    n = int(histogram.sum())
    if n == 0:
        return FLOOR
    below = histogram.cumsum()
    low, high = (np.searchsorted(below, q * n) / N_STEPS for q in (0.25, 0.75))
    return float(np.clip(high + 3 * (high - low), FLOOR, CEILING))
