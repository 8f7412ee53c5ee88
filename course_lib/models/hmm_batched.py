"""The algorithms of `hmm_inference` for many texts at once, fast enough to learn from.

The texts of a batch are sorted, longest first, and laid out step by step: all first words, then all
second words, ... The texts that still have a word at step t are then always the first `sizes[t]`
rows, so there is no padding, and no mask to get wrong.

Probabilities instead of logarithms, scaled so that they cannot underflow: at each step `alpha` is
divided by its sum, which is p(word | words before), exactly what a language model asks for
(Rabiner, 1989, section V.A). A word that is impossible, or less likely than 1e-300 of the
likeliest state's, gets -inf.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence

from course_lib.models.hmm_learning import Counts, Parameters


class Batch(NamedTuple):
    """B texts, none empty, laid out step by step; N words in all."""

    ids: Tensor  # (N,) int64
    sizes: list[int]  # how many texts have a word at step 0, 1, ...; sizes[0] = B
    places: list[int]  # (B,) where each row's text stood in the caller's list

    def steps(self) -> list[slice]:
        """Where the words of step 0, 1, ... stand in `ids`."""
        ends = torch.tensor(self.sizes).cumsum(0).tolist()
        return [slice(end - size, end) for size, end in zip(self.sizes, ends, strict=True)]

    def split(self, values: Tensor) -> Iterator[tuple[int, Tensor]]:
        """(N, ...) one value per word -> (place, (T, ...)) for each text."""
        starts = torch.tensor([0, *self.sizes[:-1]]).cumsum(0)  # (T,)
        lengths = (torch.tensor(self.sizes) > torch.arange(self.sizes[0])[:, None]).sum(1)
        for row, (place, length) in enumerate(zip(self.places, lengths.tolist(), strict=True)):
            yield place, values[starts[:length] + row]


def batches(
    texts: Sequence[Tensor], max_words: int = 10_000, max_texts: int = 1_000
) -> list[Batch]:
    """Texts of similar length together; empty texts are left out."""
    lengths = [len(ids) for ids in texts]
    order = sorted((i for i, n in enumerate(lengths) if n > 0), key=lambda i: -lengths[i])
    groups: list[list[int]] = []
    n_words = max_words
    for i in order:
        if n_words + lengths[i] > max_words or len(groups[-1]) == max_texts:
            groups.append([])
            n_words = 0
        groups[-1].append(i)
        n_words += lengths[i]
    return [_pack(texts, group) for group in groups]


def _pack(texts: Sequence[Tensor], places: list[int]) -> Batch:
    packed = pack_sequence([texts[i] for i in places])
    return Batch(packed.data, packed.batch_sizes.tolist(), places)


class Tables(NamedTuple):
    """The parameters as probabilities. Each word's emissions are divided by the largest of them."""

    start: Tensor  # (Z,)
    trans: Tensor  # (Z, Z) from-to
    emit: Tensor  # (V, Z), the largest entry of each row is 1 (0 for a word no state emits)
    log_largest: Tensor  # (V,) what the rows of `emit` were divided by
    end: Tensor  # (Z,)


def tables(p: Parameters) -> Tables:
    """Exponentiate once, not once per word."""
    log_largest = p.log_emit.amax(0)  # (V,)
    emit = (p.log_emit - log_largest.clamp(min=torch.finfo(log_largest.dtype).min)).exp()
    return Tables(
        p.log_start.exp(), p.log_trans.exp(), emit.T.contiguous(), log_largest, p.log_end.exp()
    )


class Filtered(NamedTuple):
    """What is known when the text has been read up to each word."""

    emit: Tensor  # (N, Z) the words' rows of Tables.emit
    alpha: Tensor  # (N, Z) p(state | words up to here)
    scale: Tensor  # (N,) p(word | words before), in units of the word's largest emission
    last: Tensor  # (B, Z) alpha at each text's last word
    end: Tensor  # (B,) p(end | all words)


def filter_states(p: Tables, batch: Batch) -> Filtered:
    """The forward algorithm, scaled."""
    emit = p.emit[batch.ids]
    alpha, scale = torch.empty_like(emit), emit.new_empty(len(emit))
    current = emit.new_empty(batch.sizes[0], len(p.start))  # alpha at each text's latest word
    for t, step in enumerate(batch.steps()):
        arrive = current[: batch.sizes[t]] @ p.trans if t > 0 else p.start
        joint = arrive * emit[step]
        scale[step] = joint.sum(1)
        alpha[step] = joint / _divisor(scale[step, None])
        current[: batch.sizes[t]] = alpha[step]
    return Filtered(emit, alpha, scale, current, current @ p.end)


def word_log_probs(p: Tables, batch: Batch, seen: Filtered) -> Tensor:
    """log p(word | words before) for every word: (N,), -inf from an impossible word on."""
    return seen.scale.log() + p.log_largest[batch.ids]


def smooth(p: Tables, batch: Batch, seen: Filtered) -> tuple[Tensor, Tensor]:
    """The backward algorithm, scaled. Returns gamma (N, Z) and the expected transitions (Z, Z).

    gamma is p(state | whole text); it is 0 for a text the model cannot emit.
    """
    gamma, arrivals = torch.empty_like(seen.alpha), torch.zeros_like(p.trans)
    beta = p.end / _divisor(seen.end[:, None])  # (B, Z) at each text's latest unread word
    steps = batch.steps()
    for t in range(len(steps) - 1, -1, -1):
        n, step = batch.sizes[t], steps[t]
        gamma[step] = seen.alpha[step] * beta[:n]
        if t > 0:
            before = seen.alpha[steps[t - 1]][:n]
            arrive = seen.emit[step] * beta[:n] / _divisor(seen.scale[step, None])
            arrivals += before.T @ arrive
            beta[:n] = arrive @ p.trans.T
    return gamma, p.trans * arrivals


def batch_counts(p: Parameters, batch: Batch) -> tuple[Counts, float]:
    """The E step for a batch: expected counts, and the log-likelihood of its texts in nats.

    The fast twin of `hmm_learning.expected_counts`.
    """
    probs = tables(p)
    seen = filter_states(probs, batch)
    gamma, trans = smooth(probs, batch, seen)
    counts = Counts.zeros(*p.log_emit.shape)
    emit = gamma.new_zeros(probs.emit.shape).index_add_(0, batch.ids, gamma)  # (V, Z)
    end = seen.last * probs.end / _divisor(seen.end[:, None])
    log_likelihood = word_log_probs(probs, batch, seen).sum() + seen.end.log().sum()
    start = gamma[: batch.sizes[0]].sum(0)
    counts = counts._replace(start=start, trans=trans, emit=emit.T, end=end.sum(0))
    return counts, float(log_likelihood)


def best_paths(p: Parameters, batch: Batch) -> Tensor:
    """The Viterbi algorithm: the most probable state of every word, (N,) int64."""
    emit = p.log_emit.T[batch.ids]  # (N, Z)
    steps = batch.steps()
    best = p.log_start + emit[steps[0]]  # (B, Z) best path up to each text's latest word
    came_from = []
    for t in range(1, len(steps)):
        n = batch.sizes[t]
        score, previous = (best[:n, :, None] + p.log_trans).max(dim=1)  # over "from"
        best[:n] = score + emit[steps[t]]
        came_from.append(previous)
    path = batch.ids.new_empty(len(batch.ids))
    state = (best + p.log_end).argmax(dim=1)  # (B,) at each text's last word
    for t in range(len(steps) - 1, 0, -1):
        n = batch.sizes[t]
        path[steps[t]] = state[:n]
        state[:n] = came_from[t - 1].gather(1, state[:n, None])[:, 0]
    path[steps[0]] = state
    return path


def _divisor(total: Tensor) -> Tensor:
    """0 becomes infinity: what is impossible is then 0 everywhere, never NaN."""
    return torch.where(total > 0, total, torch.inf)
