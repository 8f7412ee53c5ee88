"""Winnowing: a few fingerprints of a sequence of tokens, such that what is shared is found.

Source: Schleimer, Wilkerson & Aiken (2003), "Winnowing: local algorithms for document
fingerprinting".
"""

from collections import deque
from collections.abc import Iterator, Sequence
from hashlib import blake2b

NOISE = 12  # tokens: nothing shorter is ever taken for something shared
SURE = 20  # tokens: everything shared that is so long is found


def hashes(tokens: Sequence[str], k: int = NOISE) -> list[int]:
    """A 64-bit number for each k tokens in a row: N tokens -> N - k + 1 numbers."""
    grams = ("\0".join(tokens[i : i + k]) for i in range(len(tokens) - k + 1))
    return [int.from_bytes(blake2b(gram.encode(), digest_size=8).digest()) for gram in grams]


def winnow(numbers: Sequence[int], window: int) -> Iterator[int]:
    """The places of the smallest of each `window` numbers in a row, of equal ones the last.

    Each place comes once, in order. Fewer numbers than a window have none.
    """
    smallest: deque[int] = deque()  # places that can still be it; their numbers grow
    last = -1
    for place, number in enumerate(numbers):
        while smallest and numbers[smallest[-1]] >= number:
            smallest.pop()
        smallest.append(place)
        if smallest[0] <= place - window:
            smallest.popleft()
        if place >= window - 1 and smallest[0] != last:
            last = smallest[0]
            yield last


def fingerprints(tokens: Sequence[str], noise: int = NOISE, sure: int = SURE) -> dict[int, int]:
    """The fingerprints of a passage, and the place where each stands (the first, if several).

    Two passages that share `sure` tokens in a row share a fingerprint; if they share no `noise`
    tokens in a row, they share none (but by a chance of 2^-64 a comparison).
    """
    if not 0 < noise <= sure:
        raise ValueError(f"{noise=} must be positive and at most {sure=}")
    numbers = hashes(tokens, noise)
    found: dict[int, int] = {}
    for place in winnow(numbers, sure - noise + 1):
        found.setdefault(numbers[place], place)
    return found
