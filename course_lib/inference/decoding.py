"""From scores to text: small functions that choose a token, and one loop that writes with them.

Logits have shape (..., V); -inf marks a token that must not be chosen. A recipe is a composition:
`choose = lambda logits: sample(keep_top_p(temperature(logits, 0.8), 0.9), rng)`.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course_lib.inference.reading import Reader
from course_lib.models.language_model import LanguageModel
from course_lib.text.vocab import Vocab


def greedy(logits: Tensor) -> Tensor:
    """(..., V) -> (..., 1): the likeliest token; among equals the one with the smallest id."""
    return logits.argmax(dim=-1, keepdim=True)


def sample(logits: Tensor, rng: torch.Generator | None = None) -> Tensor:
    """(B, V) -> (B, 1): a token drawn with probability softmax(logits).

    Raises ValueError if some row leaves no token to draw.
    """
    if (logits == -torch.inf).all(dim=-1).any():
        raise ValueError("no token can come next: every logit of a row is -inf")
    return torch.multinomial(logits.softmax(dim=-1), 1, generator=rng)


def temperature(logits: Tensor, t: float) -> Tensor:
    """Below 1: nearer to greedy. 1: no change. Above 1: nearer to uniform. (..., V) -> (..., V).

    At 0, the limit, only the token that `greedy` takes is left. Raises ValueError unless t >= 0.
    """
    if not t >= 0:
        raise ValueError(f"the temperature must be at least 0, got {t}")
    if t == 0:
        best = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, greedy(logits), True)
        return logits.masked_fill(~best, -torch.inf)
    return logits / t


def keep_top_k(logits: Tensor, k: int) -> Tensor:
    """Keep the k likeliest tokens, and those equal to the k-th; the rest become -inf.

    (..., V) -> (..., V), a new tensor. Raises ValueError if k < 1. Source: Fan et al. (2018).
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    kth_best = logits.topk(min(k, logits.size(-1)), dim=-1).values[..., -1:]
    return logits.masked_fill(logits < kth_best, -torch.inf)


def keep_top_p(logits: Tensor, p: float) -> Tensor:
    """Keep the fewest likeliest tokens whose mass reaches p; the rest become -inf.

    (..., V) -> (..., V), a new tensor. p = 1 keeps every token. Among equally likely tokens the
    smaller ids come first. Raises ValueError unless 0 < p <= 1. Source: nucleus sampling, Holtzman
    et al. (2020).
    """
    if not 0 < p <= 1:
        raise ValueError(f"p must be more than 0 and at most 1, got {p}")
    if p == 1:  # said apart: the rounded sum of all probabilities can reach 1 before the last
        return logits.clone()
    probs, order = logits.softmax(dim=-1).sort(dim=-1, descending=True, stable=True)
    mass_before = probs.cumsum(dim=-1) - probs  # 0 for the best token: always kept
    drop = torch.zeros_like(logits, dtype=torch.bool)
    drop = drop.scatter(-1, order, mass_before >= p)  # back to vocabulary order
    return logits.masked_fill(drop, -torch.inf)


@torch.inference_mode()
def stream(
    model: LanguageModel,
    ids: Tensor,
    n_new: int,
    choose: Callable[[Tensor], Tensor],
    end_id: int | None = None,
) -> Iterator[Tensor]:
    """The text as it is written: at most `n_new` times the next token of each row, (B, 1).

    Args:
        model: any language model; one with a memory (`ReadingModel`) reads each token once.
        ids: (B, T) the beginnings, each with <s> in front; see `pad_left` for unequal ones.
        choose: turns logits (B, V) into ids (B, 1).
        end_id: a row that has chosen it goes on with <pad>; when all rows have, the stream ends.
    """
    reader = Reader(model, ids)
    ended = torch.zeros_like(ids[:, :1], dtype=torch.bool)
    for step in range(n_new):
        tokens = choose(reader.logits)
        if end_id is None:
            yield tokens
        else:
            yield tokens.masked_fill(ended, Vocab.pad_id)
            # The model reads the end again, not <pad>, which is no token that it has to know.
            tokens = tokens.masked_fill(ended, end_id)
            ended = tokens == end_id
            if ended.all():
                return
        if step + 1 < n_new:
            reader.append(tokens)


def generate(
    model: LanguageModel,
    ids: Tensor,
    n_new: int,
    choose: Callable[[Tensor], Tensor],
    end_id: int | None = None,
) -> Tensor:
    """(B, T) -> (B, T + n_new), or fewer if every row has ended; arguments as in `stream`."""
    return torch.cat([ids, *stream(model, ids, n_new, choose, end_id)], dim=1)


def cut_at_end(ids: Tensor, end_id: int) -> list[Tensor]:
    """(B, T) -> B rows of their own lengths: what stands before each row's first `end_id`."""
    rows = []
    for row in ids:
        ends = (row == end_id).nonzero()
        rows.append(row[: int(ends[0])] if len(ends) else row)
    return rows
