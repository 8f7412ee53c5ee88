"""What every language model of the course can do, whatever is inside it."""

from collections.abc import Sequence
from typing import Protocol, Self, TypeVar, runtime_checkable

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


class State(Protocol):
    """What a model remembers of the tokens it has read: keys and values, or one hidden vector.

    A state never changes: to read on gives a new one, so that a text can be continued twice.
    """

    def rows(self, index: Tensor) -> Self:
        """The state of rows `index` (B',), int64: chosen, put into another order, or repeated."""
        ...


S = TypeVar("S", bound=State)


@runtime_checkable
class ReadingModel(LanguageModel, Protocol[S]):
    """A language model that need not read a text again in order to read one more token.

    Reading in pieces gives what reading all at once gives:
    `read(ids)[0] == read(ids[:, t:], read(ids[:, :t])[1])[0]`.
    """

    @property
    def context_length(self) -> int | None:
        """The most tokens it can read from the start to the end; None if there is no such limit."""
        ...

    def read(self, ids: Tensor, state: S | None = None) -> tuple[Tensor, S]:
        """(B, T) ids, T >= 1 -> (B, V) scores for the token after the last one, and the new state.

        Without a state the rows begin here, with <s>. There, and only there, rows may have <pad>
        to their left; these change nothing: every row scores as it would alone. -inf for <pad>
        and <s>. Dropout is off. Raises ValueError beyond `context_length`.
        """
        ...
