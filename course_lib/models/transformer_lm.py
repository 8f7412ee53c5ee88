"""What every decoder-only Transformer can do: read with a cache, score the next token, score texts.

A subclass says what a token becomes inside (`hidden`) and how that is scored (`logits`).
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from course_lib.models.cache import Cache
from course_lib.models.config import TransformerConfig

N_TOKENS = 4096  # scored at once; more would take memory and no less time


class TransformerLM(nn.Module):
    """A causal language model over windows of cfg.context_length tokens."""

    tokens: nn.Embedding  # (V, D), a vector for each token

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.cfg = cfg

    @property
    def context_length(self) -> int:
        return self.cfg.context_length

    def hidden(self, ids: Tensor, cache: Cache | None = None) -> Tensor:
        """(B, T) ids -> (B, T, D). With a cache, they follow what it held before."""
        raise NotImplementedError

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        raise NotImplementedError

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) token ids -> (B, T, V). Padding on the right changes nothing before it.

        Raises ValueError if T > context_length.
        """
        if ids.size(1) > self.context_length:
            raise ValueError(f"{ids.size(1)} tokens, but {self.context_length=}")
        return self.logits(self.hidden(ids))

    def empty_cache(self, ids: Tensor) -> Cache:
        """A state for rows like `ids` (B, T) in which nothing has been read."""
        return Cache.empty(self.cfg, ids, next(self.parameters()))

    @torch.no_grad()
    def read(self, ids: Tensor, state: Cache | None = None) -> tuple[Tensor, Cache]:
        """Read on from `state`: (B, T) -> logits (B, V) for the token after the last, and a state.

        Equal to reading everything at once. Leading padding of the first ids is skipped. Raises
        ValueError for ids without tokens, and beyond cfg.context_length tokens in all.
        """
        if ids.numel() == 0:
            raise ValueError(f"no token to read in ids of shape {tuple(ids.shape)}")
        if self.training:
            self.eval()
        if state is None:
            state = self.empty_cache(ids)
        cache = state.before(ids.size(1))
        if cache.n_read > self.context_length:
            raise ValueError(f"{cache.n_read} tokens, but {self.context_length=}")
        logits = self.logits(self.hidden(ids, cache)[:, -1])
        return self.forbid_special(logits), cache

    def next_logits(self, ids: Tensor) -> Tensor:
        """(B, any length) -> (B, V): scores for the token that comes next."""
        return self.read(ids[:, -self.context_length :])[0]

    def forbid_special(self, logits: Tensor) -> Tensor:
        """-inf for <pad> and <s>, which never come next, in place; (..., V) -> (..., V).

        A start mark that is also the end mark, as in GPT-2's own vocabulary, may come.
        """
        if self.cfg.pad_id is not None:
            logits[..., self.cfg.pad_id] = -torch.inf
        if self.cfg.start_id != self.cfg.end_id:
            logits[..., self.cfg.start_id] = -torch.inf
        return logits

    @torch.no_grad()
    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """For each text of T ids: (T + 1,) natural logarithms in float64, the end mark's last.

        A token further than cfg.context_length from the start of its text is given the tokens of
        one full window before it, as in `next_logits`.
        """
        self.eval()
        device, size = next(self.parameters()).device, self.cfg.context_length
        start, end = (torch.tensor([i]) for i in (self.cfg.start_id, self.cfg.end_id))
        inputs = [torch.cat([start, text.cpu()]) for text in texts]
        targets = [torch.cat([text.cpu(), end]) for text in texts]
        result = [torch.empty(0, dtype=torch.float64)] * len(texts)
        for group in _groups([min(len(row), size) for row in inputs]):
            rows = pad_sequence([inputs[i][:size] for i in group], batch_first=True)
            wanted = pad_sequence([targets[i][:size] for i in group], batch_first=True)
            scores = self._score(self.hidden(rows.to(device)), wanted.to(device))
            for i, row in zip(group, scores.cpu(), strict=True):
                result[i] = row[: len(inputs[i])]
        for i, row in enumerate(inputs):
            if len(row) > size:
                result[i] = torch.cat([result[i], self._score_long(row, targets[i], device)])
        return result

    def _score_long(self, inputs: Tensor, targets: Tensor, device: torch.device) -> Tensor:
        """(N,), (N,) -> (N - context_length,): the tokens beyond the first window."""
        size = self.cfg.context_length
        windows = inputs.unfold(0, size, 1)[1:].split(max(1, N_TOKENS // size))
        wanted = targets[size:].split(max(1, N_TOKENS // size))
        scores = [
            self._score(self.hidden(w.to(device))[:, -1], t.to(device)).cpu()
            for w, t in zip(windows, wanted, strict=True)
        ]
        return torch.cat(scores)

    def _score(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """(..., D), (...) -> (...) log p(target), in float64."""
        log_p = self.forbid_special(self.logits(hidden)).double().log_softmax(dim=-1)
        return log_p.gather(-1, targets[..., None]).squeeze(-1)


def _groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts of similar length, at most N_TOKENS tokens together with their padding."""
    group: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if group and (len(group) + 1) * lengths[i] > N_TOKENS:
            yield group
            group = []
        group.append(i)
    if group:
        yield group
