"""Token vectors by counting alone: which tokens stand near each other, and what that says of each.

A start for an encoder that costs seconds. Sources: Church & Hanks (1990) for the measure, Levy &
Goldberg (2014) for how near this is to word2vec.
"""

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.data.batching import PAD_ID

WINDOW = 4  # tokens to either side that count as near
N_ITERATIONS = 4  # of the search for the strongest directions


def near_counts(texts: Iterable[Tensor], vocab_size: int, window: int = WINDOW) -> Tensor:
    """How often each token stands near each other: (V, V), symmetric, float32.

    Tokens d places apart count 1 / d. Pairs never cross the end of a text.
    """
    gap = torch.full((window,), PAD_ID)
    joined = torch.cat([piece for text in texts for piece in (text, gap)])
    counts = torch.zeros(vocab_size * vocab_size)
    for distance in range(1, window + 1):
        pairs = joined[:-distance] * vocab_size + joined[distance:]
        counts += torch.bincount(pairs, minlength=len(counts)) / distance
    table = counts.view(vocab_size, vocab_size)
    table[PAD_ID] = table[:, PAD_ID] = 0
    return table + table.T


def positive_information(counts: Tensor) -> Tensor:
    """Positive pointwise mutual information in nats: max(0, ln p(a, b) / (p(a) p(b))), (V, V).

    How much more often two tokens stand near each other than chance would have it; 0 where they
    never do.
    """
    sums = counts.sum(dim=1)
    expected = torch.outer(sums, sums) / sums.sum().clamp(min=1)
    return (counts / expected.clamp(min=1e-12)).clamp(min=1).log()


def counted_vectors(
    texts: Iterable[Tensor], vocab_size: int, d_model: int, std: float, rng: torch.Generator
) -> Tensor:
    """(V, D): tokens of like neighbours get like vectors; numbers of mean square std^2.

    The D strongest directions of the table of positive information, each scaled by the root of its
    strength. Tokens never seen get random vectors of the same size.
    """
    table = positive_information(near_counts(texts, vocab_size))
    seen = table.sum(dim=1) > 0
    # torch.svd_lowrank draws from torch's own generator; this is its algorithm, with ours.
    basis = torch.randn(vocab_size, d_model + 10, generator=rng)
    for _iteration in range(N_ITERATIONS):
        basis = torch.linalg.qr(table @ basis).Q
    small = basis.T @ table @ basis
    values, directions = torch.linalg.eigh((small + small.T) / 2)
    strongest = values.abs().argsort(descending=True)[:d_model]
    vectors = basis @ directions[:, strongest] * values[strongest].abs().sqrt()
    vectors = F.pad(vectors, (0, d_model - vectors.size(1)))  # a few tokens have few directions
    vectors = vectors @ random_rotation(d_model, rng)  # else the first numbers would be the largest
    vectors = vectors / vectors[seen].square().mean().sqrt().clamp(min=1e-12)
    noise = torch.randn(vocab_size, d_model, generator=rng)
    return torch.where(seen[:, None], vectors, noise) * std


def random_rotation(size: int, rng: torch.Generator) -> Tensor:
    """(D, D) with orthonormal rows."""
    rotation: Tensor = torch.linalg.qr(torch.randn(size, size, generator=rng)).Q
    return rotation
