"""What a hidden Markov model learns: counts, seen or expected, turned into probabilities."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.models.hmm_inference import forward, pair_posterior, posterior


class Parameters(NamedTuple):
    """Natural logarithms of all probabilities of a model, float64.

    A model of whole texts spends each state's probability on the next states and on the end, and
    the start's on the first states and on the empty text. In the textbook's endless model
    `log_end` and `log_empty` are 0: stopping is not an event and costs nothing.
    """

    log_start: Tensor  # (Z,)
    log_trans: Tensor  # (Z, Z) from-to
    log_emit: Tensor  # (Z, V)
    log_end: Tensor  # (Z,)
    log_empty: Tensor  # ()


class Counts(NamedTuple):
    """How often each thing happened, or is expected to have happened; shapes as `Parameters`."""

    start: Tensor  # (Z,)
    trans: Tensor  # (Z, Z) from-to
    emit: Tensor  # (Z, V)
    end: Tensor  # (Z,)
    empty: Tensor  # ()

    @classmethod
    def zeros(cls, n_states: int, vocab_size: int) -> "Counts":
        sizes = [(n_states,), (n_states, n_states), (n_states, vocab_size), (n_states,), ()]
        return cls(*(torch.zeros(size, dtype=torch.float64) for size in sizes))

    def add(self, other: "Counts") -> "Counts":
        return Counts(*(mine + its for mine, its in zip(self, other, strict=True)))


def count_states(
    texts: Sequence[Tensor], states: Sequence[Tensor], n_states: int, vocab_size: int
) -> Counts:
    """Counts from texts whose states are known: two lists of (T,) int64 -> Counts."""
    counts = Counts.zeros(n_states, vocab_size)
    paths = [path for path in states if len(path)]
    counts.empty.add_(len(states) - len(paths))
    if paths:
        _tally(counts.emit, torch.cat(paths), torch.cat(list(texts)))
        _tally(counts.trans, torch.cat([p[:-1] for p in paths]), torch.cat([p[1:] for p in paths]))
        _tally(counts.start, torch.stack([path[0] for path in paths]))
        _tally(counts.end, torch.stack([path[-1] for path in paths]))
    return counts


def _tally(table: Tensor, *where: Tensor) -> None:
    """Add 1 to `table` (in place) at each place; a place that comes twice gets 2."""
    table.index_put_(where, table.new_ones(()), accumulate=True)


def expected_counts(p: Parameters, ids: Tensor) -> Counts:
    """The E step for one text (T,): each count weighted by its posterior probability.

    A text the model cannot emit counts nothing. Source: Baum et al. (1970).
    """
    counts = Counts.zeros(*p.log_emit.shape)
    if len(ids) == 0:
        return counts._replace(empty=torch.ones_like(counts.empty))
    table = score_table(p, ids)
    gamma = posterior(p.log_start, p.log_trans, table)  # (T, Z)
    xi = pair_posterior(p.log_start, p.log_trans, table)  # (T - 1, Z, Z)
    counts.emit.T.index_add_(0, ids, gamma)
    return counts._replace(start=gamma[0], trans=xi.sum(0), end=gamma[-1])


def score_table(p: Parameters, ids: Tensor) -> Tensor:
    """(T,) ids, T >= 1 -> (T, Z), `log_emit` of `hmm_inference`, the end in its last row."""
    table = p.log_emit[:, ids].T.clone()
    table[-1] += p.log_end
    return table


def text_log_likelihood(p: Parameters, ids: Tensor) -> Tensor:
    """log p(text) in nats: (T,) -> ()."""
    if len(ids) == 0:
        return p.log_empty
    return forward(p.log_start, p.log_trans, score_table(p, ids))[-1].logsumexp(0)


def estimate(counts: Counts, add_k: float, allowed: Tensor, with_end: bool) -> Parameters:
    """The M step: counts, plus `add_k` for everything that may happen -> log-probabilities.

    `allowed` (V,) is False for ids no state may emit. With `with_end`, ending competes with the
    next states for each state's probability; without it the end costs nothing (see `Parameters`).
    """
    emit = _log_shares(torch.where(allowed, counts.emit + add_k, 0.0), allowed)
    if not with_end:
        start, trans = _log_shares(counts.start + add_k), _log_shares(counts.trans + add_k)
        return Parameters(start, trans, emit, torch.zeros_like(start), start.new_zeros(()))
    start = _log_shares(torch.cat([counts.start, counts.empty[None]]) + add_k)  # (Z + 1,)
    trans = _log_shares(torch.cat([counts.trans, counts.end[:, None]], dim=1) + add_k)
    return Parameters(start[:-1], trans[:, :-1], emit, trans[:, -1], start[-1])


def _log_shares(counts: Tensor, allowed: Tensor | None = None) -> Tensor:
    """Log of each row's shares; a row without any count is shared out evenly among `allowed`."""
    even = torch.ones_like(counts) if allowed is None else allowed.expand_as(counts).double()
    counts = torch.where(counts.sum(-1, keepdim=True) > 0, counts, even)
    return counts.log() - counts.sum(-1, keepdim=True).log()
