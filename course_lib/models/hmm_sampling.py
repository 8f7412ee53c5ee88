"""Writing texts with a hidden Markov model."""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.models.hmm_learning import Parameters


def sample(
    p: Parameters, n: int, rng: torch.Generator, with_end: bool, max_length: int
) -> tuple[list[Tensor], list[Tensor]]:
    """`n` texts and their states, each (T,) int64 with T <= max_length.

    All texts grow together, a word at a time. The end is one more state, number Z, which is never
    left; what is written there is cut off.
    """
    begin, leave, emit = _with_an_end_state(p, with_end)
    n_states = len(leave) - 1
    if n == 0 or max_length == 0:
        return _cut(torch.zeros(n, 0).long(), n * [0]), _cut(torch.zeros(n, 0).long(), n * [0])
    state = begin.expand(n, -1).multinomial(1, generator=rng)[:, 0]
    states, words = [state], [emit[state].multinomial(1, generator=rng)[:, 0]]
    while len(states) < max_length and bool((state < n_states).any()):
        state = leave[state].multinomial(1, generator=rng)[:, 0]
        states.append(state)
        words.append(emit[state].multinomial(1, generator=rng)[:, 0])
    paths = torch.stack(states, dim=1)  # (n, longest)
    lengths = (paths < n_states).sum(dim=1).tolist()
    return _cut(torch.stack(words, dim=1), lengths), _cut(paths, lengths)


def _cut(rows: Tensor, lengths: list[int]) -> list[Tensor]:
    return [row[:length] for row, length in zip(rows, lengths, strict=True)]


def _with_an_end_state(p: Parameters, with_end: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Probabilities of start (Z + 1,), transition (Z + 1, Z + 1) and emission (Z + 1, V)."""
    to_end, empty = p.log_end.exp(), p.log_empty.exp()
    if not with_end:
        to_end, empty = torch.zeros_like(to_end), torch.zeros_like(empty)
    begin = torch.cat([p.log_start.exp(), empty[None]])
    leave = F.pad(torch.cat([p.log_trans.exp(), to_end[:, None]], dim=1), (0, 0, 0, 1))
    leave[-1, -1] = 1.0  # what has ended stays so
    emit = F.pad(p.log_emit.exp(), (0, 0, 0, 1))
    emit[-1, 0] = 1.0  # some id, to be cut off
    return begin, leave, emit
