"""word2vec: words get vectors by predicting their neighbours. Source: Mikolov et al. (2013).

Each word has two vectors: an *input* vector, used when it helps to predict and kept afterwards, and
an *output* vector, used when it is predicted.
"""

import torch
from torch import Tensor, nn

from course_lib.text.vocab import Vocab


class SkipGram(nn.Module):
    """From one word, predict each word near it."""

    def __init__(self, vocab_size: int, d_model: int, rng: torch.Generator | None = None) -> None:
        super().__init__()
        self.inputs = nn.Embedding(vocab_size, d_model)
        self.outputs = nn.Embedding(vocab_size, d_model)
        start_like_word2vec(self.inputs, self.outputs, rng)

    def hidden(self, centres: Tensor) -> Tensor:
        """(B,) -> (B, D): the word's own vector."""
        vectors: Tensor = self.inputs(centres)
        return vectors

    def forward(self, centres: Tensor) -> Tensor:
        """(B,) -> (B, V) logits: full softmax, every word of the vocabulary is scored."""
        return self.hidden(centres) @ self.outputs.weight.T

    def score(self, centres: Tensor, words: Tensor) -> Tensor:
        """(B,), (B, K) -> (B, K) logits of K words only: all that negative sampling needs."""
        vectors: Tensor = self.outputs(words)  # (B, K, D)
        return (vectors @ self.hidden(centres)[:, :, None]).squeeze(-1)


class CBOW(nn.Module):
    """From all words around a gap, predict the word in it (continuous bag of words)."""

    def __init__(self, vocab_size: int, d_model: int, rng: torch.Generator | None = None) -> None:
        super().__init__()
        self.inputs = nn.Embedding(vocab_size, d_model)
        self.outputs = nn.Embedding(vocab_size, d_model)
        start_like_word2vec(self.inputs, self.outputs, rng)

    def hidden(self, contexts: Tensor) -> Tensor:
        """(B, C) -> (B, D): the mean vector of the context; <pad> marks places outside the text."""
        real = (contexts != Vocab.pad_id)[:, :, None]  # (B, C, 1)
        total: Tensor = (self.inputs(contexts) * real).sum(dim=1)  # (B, D)
        return total / real.sum(dim=1).clamp(min=1)  # an empty context: all zeros

    def forward(self, contexts: Tensor) -> Tensor:
        """(B, C) -> (B, V) logits: full softmax, every word of the vocabulary is scored."""
        return self.hidden(contexts) @ self.outputs.weight.T

    def score(self, contexts: Tensor, words: Tensor) -> Tensor:
        """(B, C), (B, K) -> (B, K) logits of K words only: all that negative sampling needs."""
        vectors: Tensor = self.outputs(words)  # (B, K, D)
        return (vectors @ self.hidden(contexts)[:, :, None]).squeeze(-1)


def start_like_word2vec(
    inputs: nn.Embedding, outputs: nn.Embedding, rng: torch.Generator | None = None
) -> None:
    """Inputs small and random, outputs zero: all first logits are 0, so the loss starts at ln V."""
    limit = 0.5 / inputs.embedding_dim
    nn.init.uniform_(inputs.weight, -limit, limit, generator=rng)
    nn.init.zeros_(outputs.weight)
