"""Writing texts with a hidden Markov model."""

import torch
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
    n_states = len(emit) - 1
    state = begin.expand(n, -1).multinomial(1, generator=rng)[:, 0] if n else torch.zeros(0)
    states, words = [], []
    while len(words) < max_length and bool((state < n_states).any()):
        states.append(state)
        words.append(emit[state].multinomial(1, generator=rng)[:, 0])
        state = leave[state].multinomial(1, generator=rng)[:, 0]
    if not words:
        return [torch.zeros(0, dtype=torch.long)] * n, [torch.zeros(0, dtype=torch.long)] * n
    paths, ids = torch.stack(states, dim=1), torch.stack(words, dim=1)  # (n, longest)
    lengths = (paths < n_states).sum(dim=1).tolist()
    cut = [slice(length) for length in lengths]
    return [t[c] for t, c in zip(ids, cut, strict=True)], [
        s[c] for s, c in zip(paths, cut, strict=True)
    ]


def _with_an_end_state(p: Parameters, with_end: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Probabilities of start (Z + 1,), transition (Z + 1, Z + 1) and emission (Z + 1, V)."""
    end, empty = (p.log_end.exp(), p.log_empty.exp()) if with_end else (p.log_end * 0, p.log_empty)
    begin = torch.cat([p.log_start.exp(), empty[None]])
    to_end = torch.cat([end, end.new_ones(1)])
    leave = torch.nn.functional.pad(p.log_trans.exp(), (0, 0, 0, 1))  # (Z + 1, Z)
    emit = torch.nn.functional.pad(p.log_emit.exp(), (0, 0, 0, 1))  # (Z + 1, V)
    emit[-1, 0] = 1.0  # some id, to be cut off
    return begin, torch.cat([leave, to_end[:, None]], dim=1), emit
