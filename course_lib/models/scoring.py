"""What neural language models share: from logits to log-probabilities of texts."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.text.vocab import Vocab

NEVER_NEXT = [Vocab.pad_id, Vocab.start_id]


def without_never_next(logits: Tensor) -> Tensor:
    """(..., V) -> (..., V), a new tensor: <pad> and <s>, which never come next, get -inf."""
    logits = logits.clone()
    logits[..., NEVER_NEXT] = -torch.inf
    return logits


@torch.no_grad()
def score_texts(
    logits_of: Callable[[Tensor], Tensor],
    texts: Sequence[Tensor],
    device: torch.device,
    n_tokens: int = 4096,
) -> list[Tensor]:
    """`LanguageModel.log_probs` for a model that maps ids (B, T) to logits (B, T, V).

    Each text stands between <s> and </s>; texts of like length are scored together, B * T <=
    n_tokens or B = 1. (T + 1,) float64 on the CPU for each text, in the order given.
    """
    found = [torch.empty(0, dtype=torch.float64)] * len(texts)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    while order:
        size = max(1, n_tokens // (len(texts[order[-1]]) + 1))  # the longest comes first
        batch, order = order[-size:], order[:-size]
        log_probs = _score([texts[i] for i in batch], logits_of, device)
        for i, row in zip(batch, log_probs.cpu(), strict=True):
            found[i] = row[: len(texts[i]) + 1]
    return found


def _score(
    texts: list[Tensor], logits_of: Callable[[Tensor], Tensor], device: torch.device
) -> Tensor:
    """(B, longest + 1) log-probabilities; beyond a text's own end they mean nothing."""
    start, end = torch.tensor([Vocab.start_id]), torch.tensor([Vocab.end_id])
    rows = [torch.cat([start, text.cpu(), end]) for text in texts]
    ids = pad_sequence(rows, batch_first=True, padding_value=Vocab.pad_id).to(device)
    logits = without_never_next(logits_of(ids[:, :-1])).double()
    return logits.log_softmax(dim=-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
