"""Numbers that say how good a model is, each with how far it may be off by chance."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Estimate(NamedTuple):
    """A number measured on a sample, and its standard error: 2 of them either way hold 95 %."""

    value: float
    standard_error: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ± {self.standard_error:.3f}"


def perplexity(nll: Tensor) -> float:
    """How many equally likely tokens the model seems to choose between.

    Args:
        nll: (N,) negative log-likelihoods in nats, one per token of the whole text.
            Averaging per-batch perplexities instead gives a different, wrong number.

    Returns:
        exp(mean nll), at least 1. A uniform guess over V tokens scores exactly V; one token of
        probability 0 makes it infinite.

    Raises:
        ValueError: if nll is empty.

    Source: Jelinek et al. (1977).
    """
    if nll.numel() == 0:
        raise ValueError("perplexity of no tokens is undefined")
    return nll.double().mean().exp().item()


def bits_per_word(log_probs: Sequence[Tensor]) -> Estimate:
    """Cross-entropy in bits per predicted token; perplexity is 2 to this power.

    log_probs: one (T + 1,) tensor of natural logarithms per text, as `LanguageModel.log_probs`
    gives them. The result is all bits over all tokens, not a mean of means. The standard error
    takes the texts as independent, the words within one as not. Raises ValueError without texts.
    """
    nats = [-text.double().sum().item() for text in log_probs]
    return bits_from_totals(nats, [len(text) for text in log_probs])


def bits_gap(log_probs: Sequence[Tensor], others: Sequence[Tensor]) -> Estimate:
    """How many bits per word more the first model needs than the other, on the same texts.

    The standard error is that of the difference, text by text. It is much smaller than either
    model's own, for a hard text is hard for both. Raises ValueError unless the texts match.
    """
    if [len(text) for text in log_probs] != [len(text) for text in others]:
        raise ValueError("the two models were not scored on the same texts")
    nats = [
        (other.double() - text.double()).sum().item()
        for text, other in zip(log_probs, others, strict=True)
    ]
    return bits_from_totals(nats, [len(text) for text in log_probs])


def bits_from_totals(nats: Sequence[float], n_tokens: Sequence[int]) -> Estimate:
    """All nats over all tokens, in bits, from each text's own sums, (B,) each.

    The standard error is that of a ratio over texts: Cochran (1977), Sampling Techniques, section
    2.11. nan for one text. Raises ValueError without texts.
    """
    if not len(nats):
        raise ValueError("bits per word of no texts is undefined")
    bits = torch.tensor(nats, dtype=torch.float64) / math.log(2)
    tokens = torch.tensor(n_tokens, dtype=torch.float64)
    ratio = bits.sum() / tokens.sum()
    spread = (bits - ratio * tokens).square().sum() * len(bits) / (len(bits) - 1 or math.nan)
    return Estimate(ratio.item(), (spread.sqrt() / tokens.sum()).item())


def mean(values: Sequence[float] | Tensor) -> Estimate:
    """The mean of independent values, with its standard error; nan for a single value."""
    sample = torch.as_tensor(values, dtype=torch.float64)
    if not len(sample):
        raise ValueError("the mean of no values is undefined")
    spread = sample.std().item() if len(sample) > 1 else math.nan
    return Estimate(sample.mean().item(), spread / math.sqrt(len(sample)))


def accuracy(predicted: Sequence[object], right: Sequence[object]) -> float:
    """The share of predictions that are right. Raises ValueError if there is none to compare."""
    if len(predicted) != len(right) or not len(right):
        raise ValueError(f"cannot compare {len(predicted)} predictions with {len(right)} answers")
    return sum(bool(p == r) for p, r in zip(predicted, right, strict=True)) / len(right)


def spearman(x: Sequence[float] | Tensor, y: Sequence[float] | Tensor) -> float:
    """Rank correlation, -1 to 1: do two lists of scores put the same things first?

    Pearson's correlation of the ranks; equal values share the mean of their ranks. nan if all
    values of one list are equal. Raises ValueError if the lengths differ or are less than 2.
    """
    if len(x) != len(y) or len(x) < 2:
        raise ValueError(f"cannot correlate {len(x)} values with {len(y)}")
    a, b = ranks(x) - (len(x) + 1) / 2, ranks(y) - (len(x) + 1) / 2  # mean rank taken off
    return ((a * b).sum() / (a.square().sum() * b.square().sum()).sqrt()).item()


def ranks(values: Sequence[float] | Tensor) -> Tensor:
    """(N,) -> (N,) ranks from 1, the smallest first; equal values share the mean of theirs."""
    sample = torch.as_tensor(values, dtype=torch.float64)
    _, which, n_equal = sample.unique(return_inverse=True, return_counts=True)
    last = n_equal.cumsum(0).double()  # the highest rank among those of equal value
    shared: Tensor = last - (n_equal - 1) / 2
    return shared[which]
