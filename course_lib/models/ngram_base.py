"""What an n-gram model does once it has its tables, whether it counted them or read them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from course_lib.models.ngram_counts import GramTable, stream
from course_lib.text.vocab import Vocab


class TableModel(ABC):
    """A language model on tables of n-grams, `tables[k - 1]` those of order k."""

    tables: Sequence[GramTable]

    @property
    def vocab_size(self) -> int:
        """V. Raises ValueError before the model has been fitted."""
        if not self.tables:
            raise ValueError("this n-gram model has counted nothing yet: call fit first")
        return self.tables[0].vocab_size

    @abstractmethod
    def _score(self, row: np.ndarray) -> np.ndarray:
        """(N,) texts as `stream` lays them -> (N,) log-probabilities; anything at <s>."""

    @abstractmethod
    def _log_distribution(self, context: list[int]) -> np.ndarray:
        """The last ids before the next token -> (V,) log-probabilities; -inf for <pad> and <s>."""

    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """(T,) ids each -> (T + 1,) natural logarithms, float64; the last is that of </s>.

        -inf where the probability is 0. Raises ValueError for an id that is no word.
        """
        vocab_size = self.vocab_size
        if not len(texts):
            return []
        row = stream(texts, vocab_size)
        logs = torch.from_numpy(self._score(row)[row != Vocab.start_id])
        return list(logs.split([len(text) + 1 for text in texts]))

    def next_logits(self, ids: Tensor) -> Tensor:
        """(B, T) ids, rows beginning with <s>, -> (B, V) log-probabilities, float64.

        After </s> nothing but </s> follows.
        """
        ended = np.full(self.vocab_size, -np.inf)
        ended[Vocab.end_id] = 0.0
        rows = [
            ended if Vocab.end_id in row else self._log_distribution(self._context(row))
            for row in ids.tolist()
        ]
        return torch.from_numpy(np.stack(rows)).to(ids.device)

    def distribution(self, context: Sequence[int] | Tensor) -> Tensor:
        """(T,) ids, beginning with <s> where the text does, -> (V,) p(next | context), float64."""
        return torch.from_numpy(np.exp(self._log_distribution(self._context(context))))

    def prob(self, word: int, context: Sequence[int] | Tensor) -> float:
        """p(word | context), the context as in `distribution`."""
        return self.distribution(context)[word].item()

    def _context(self, ids: Sequence[int] | Tensor) -> list[int]:
        """The last order - 1 ids at most, checked: a wrong id would look like another gram."""
        context = [int(i) for i in ids[max(0, len(ids) - len(self.tables) + 1) :]]
        if not all(0 <= i < self.vocab_size for i in context):
            raise ValueError(f"{context} holds an id outside the vocabulary: {self.vocab_size=}")
        return context
