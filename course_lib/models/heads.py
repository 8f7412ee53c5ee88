"""Heads: what makes a pre-trained encoder answer a question it was not trained on.

Each is one new linear layer on the encoder's vectors; all else was learnt before. Source: Devlin et
al. (2019), section 4. Letters: B batch, T tokens, D d_model, L labels, K numbers.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from course_lib.data.task_batches import TextBatch
from course_lib.models.encoder import Encoder

Pooling = Literal["class_token", "mean"]
POOLINGS: tuple[Pooling, ...] = ("class_token", "mean")


class SentenceClassifier(nn.Module):
    """One label for a text, or for a pair of texts; with n_labels=1 one number (regression)."""

    def __init__(
        self,
        encoder: Encoder,
        n_labels: int,
        pooling: Pooling = "class_token",
        rng: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.encoder, self.pooling = encoder, known(pooling)
        self.drop = nn.Dropout(encoder.cfg.dropout)
        self.output = new_layer(encoder.cfg.d_model, n_labels, rng)

    def forward(self, batch: TextBatch) -> Tensor:
        """-> (B, L)."""
        logits: Tensor = self.output(self.drop(sentence_vectors(self.encoder, batch, self.pooling)))
        return logits


class ClassifierWithNumbers(nn.Module):
    """A label for a text and K numbers that are known with it, such as a price or an age.

    The numbers stand beside the text's vector, so they should be of its size: standardised.
    """

    def __init__(
        self,
        encoder: Encoder,
        n_labels: int,
        n_numbers: int,
        pooling: Pooling = "class_token",
        rng: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.encoder, self.pooling = encoder, known(pooling)
        self.drop = nn.Dropout(encoder.cfg.dropout)
        self.output = new_layer(encoder.cfg.d_model + n_numbers, n_labels, rng)

    def forward(self, batch: TextBatch) -> Tensor:
        """-> (B, L). Raises ValueError for a batch without numbers."""
        if batch.numbers is None:
            raise ValueError("this classifier needs the numbers of each text")
        vectors = self.drop(sentence_vectors(self.encoder, batch, self.pooling))
        logits: Tensor = self.output(torch.cat([vectors, batch.numbers], dim=-1))
        return logits


class Tagger(nn.Module):
    """One label for every token."""

    def __init__(self, encoder: Encoder, n_labels: int, rng: torch.Generator | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(encoder.cfg.dropout)
        self.output = new_layer(encoder.cfg.d_model, n_labels, rng)

    def forward(self, batch: TextBatch) -> Tensor:
        """-> (B, T, L)."""
        hidden = self.encoder.hidden(batch.ids, batch.segment_ids)
        logits: Tensor = self.output(self.drop(hidden))
        return logits


class SpanFinder(nn.Module):
    """Where an answer starts and where it ends: two vectors, compared with every token's.

    Every place is scored; that an answer lies inside its passage is for the loss and the search.
    No dropout before the last layer, as published.
    """

    def __init__(self, encoder: Encoder, rng: torch.Generator | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.output = new_layer(encoder.cfg.d_model, 2, rng)

    def forward(self, batch: TextBatch) -> Tensor:
        """-> (B, T, 2): scores of the answer's first token, and of its last."""
        logits: Tensor = self.output(self.encoder.hidden(batch.ids, batch.segment_ids))
        return logits


def sentence_vectors(encoder: Encoder, batch: TextBatch, pooling: Pooling) -> Tensor:
    """One vector for each text, (B, D): that of the class token, or the mean of all its tokens."""
    hidden = encoder.hidden(batch.ids, batch.segment_ids)
    if pooling == "class_token":
        return encoder.pooled(hidden)
    pad_id = encoder.cfg.pad_id
    is_token = torch.ones_like(batch.ids) if pad_id is None else batch.ids != pad_id
    return mean_of_tokens(hidden, is_token)


def mean_of_tokens(hidden: Tensor, is_token: Tensor) -> Tensor:
    """The mean vector of those places that hold a token: (B, T, D), (B, T) -> (B, D)."""
    weights = is_token[:, :, None].to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def new_layer(d_in: int, d_out: int, rng: torch.Generator | None = None) -> nn.Linear:
    """Small random weights (std 0.02), zero biases: every label is as likely at first."""
    layer = nn.Linear(d_in, d_out)
    nn.init.normal_(layer.weight, std=0.02, generator=rng)
    nn.init.zeros_(layer.bias)
    return layer


def known(pooling: Pooling) -> Pooling:
    """The same. Raises ValueError if there is no such way."""
    if pooling not in POOLINGS:
        raise ValueError(f"{pooling=} is none of {POOLINGS}")
    return pooling
