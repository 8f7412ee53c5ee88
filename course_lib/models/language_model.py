"""What every language model of the course can do, whatever is inside it."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor


class LanguageModel(Protocol):
    """Anything that predicts the next token: an n-gram table, an HMM, an RNN, a GPT."""

    def next_logits(self, ids: Tensor) -> Tensor:
        """(B, T) ids, each row beginning with <s>, -> (B, V) scores for the token that comes next.

        Log-probabilities up to a constant per row; -inf for <pad> and <s>, which never come next.
        """
        ...

    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """For each text of T ids, without <s> and </s>: (T + 1,) natural logarithms.

        p(token | all tokens before it), last of them p(</s> | the whole text).
        """
        ...
