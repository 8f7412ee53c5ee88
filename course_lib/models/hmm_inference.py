"""Hidden states of one text: forward, backward, posterior and Viterbi, as formulas in log space.

Every function takes `log_start` (Z,), `log_trans` (Z, Z) from-to, and `log_emit` (T, Z): how likely
each state is to emit the word seen at each step, `emission_table[:, ids].T`. A model whose texts
end of themselves adds log p(end | state) to the last row of `log_emit`; nothing else changes.

Natural logarithms; -inf is "impossible" and never turns into NaN. Cost O(T Z^2).
Source: Rabiner (1989), "A tutorial on hidden Markov models", section III.
"""

import torch
from torch import Tensor


def forward(log_start: Tensor, log_trans: Tensor, log_emit: Tensor) -> Tensor:
    """log p(words up to step t, state at t). (Z,), (Z, Z) from-to, (T, Z) -> (T, Z).

    The log-likelihood of the text is `forward(...)[-1].logsumexp(0)`.
    """
    alpha = torch.empty_like(log_emit)
    for t, emit in enumerate(log_emit):
        arrive = (alpha[t - 1, :, None] + log_trans).logsumexp(0) if t > 0 else log_start
        alpha[t] = arrive + emit
    return alpha


def backward(log_trans: Tensor, log_emit: Tensor) -> Tensor:
    """log p(words after step t | state at t). (Z, Z) from-to, (T, Z) -> (T, Z); last row 0."""
    beta = torch.zeros_like(log_emit)
    for t in range(len(log_emit) - 2, -1, -1):
        beta[t] = (log_trans + log_emit[t + 1] + beta[t + 1]).logsumexp(1)  # over "to"
    return beta


def posterior(log_start: Tensor, log_trans: Tensor, log_emit: Tensor) -> Tensor:
    """p(state at t | whole text), as probabilities: (T, Z), every row sums to 1.

    A text that the model cannot emit has no posterior: its rows are all 0.
    """
    alpha, beta = forward(log_start, log_trans, log_emit), backward(log_trans, log_emit)
    return (alpha + beta - _finite((alpha + beta).logsumexp(1, keepdim=True))).exp()


def pair_posterior(log_start: Tensor, log_trans: Tensor, log_emit: Tensor) -> Tensor:
    """p(state at t, state at t + 1 | whole text): (T - 1, Z, Z) from-to, each step sums to 1."""
    alpha, beta = forward(log_start, log_trans, log_emit), backward(log_trans, log_emit)
    arrive = log_emit[1:] + beta[1:]  # (T - 1, Z) everything from the next word on
    joint = alpha[:-1, :, None] + log_trans + arrive[:, None, :]
    return (joint - _finite(joint.logsumexp((1, 2), keepdim=True))).exp()


def viterbi(log_start: Tensor, log_trans: Tensor, log_emit: Tensor) -> list[int]:
    """Most probable path. (Z,), (Z, Z) from-to, (T, Z) -> T states. Source: Viterbi (1967)."""
    if len(log_emit) == 0:
        return []
    best = log_start + log_emit[0]  # (Z,) score of the best path ending in each state
    came_from = []
    for emit in log_emit[1:]:
        best, previous = (best[:, None] + log_trans).max(dim=0)  # over "from": (Z,)
        best = best + emit
        came_from.append(previous)
    path = [int(best.argmax())]
    for previous in reversed(came_from):
        path.append(int(previous[path[-1]]))
    return path[::-1]


def _finite(log_total: Tensor) -> Tensor:
    """-inf becomes the least number there is, so that -inf - total is -inf and not NaN."""
    return log_total.clamp(min=torch.finfo(log_total.dtype).min)
