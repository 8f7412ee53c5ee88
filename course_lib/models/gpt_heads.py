"""Heads of GPT-1: one new linear layer makes a language model answer a question.

Every task comes as texts that end with `<e>` (extract); a task of one example has C of them: 1 for
classification, 2 for similarity (both orders), one per option for multiple choice. The vector at
`<e>` has seen its whole text. Source: Radford et al. (2018), section 3.3 and figure 1.
Letters: B examples, C texts of each, T tokens, D d_model, V vocabulary, L labels.
"""

import torch
from torch import Tensor, nn

from course_lib.models.heads import new_layer
from course_lib.models.transformer_lm import TransformerLM


class GPTHead(nn.Module):
    """What all heads share. A subclass says how the vectors at `<e>` become logits."""

    def __init__(
        self, lm: TransformerLM, n_labels: int, rng: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.lm = lm
        self.drop = nn.Dropout(lm.cfg.dropout)
        self.output = new_layer(lm.cfg.d_model, n_labels, rng)

    def answer(self, vectors: Tensor) -> Tensor:
        """(B, C, D) -> (B, L)."""
        raise NotImplementedError

    def hidden(self, ids: Tensor) -> Tensor:
        """(B, C, T) -> (B, C, T, D). Raises ValueError if T > context_length."""
        if ids.size(-1) > self.lm.context_length:
            raise ValueError(f"{ids.size(-1)} tokens, but {self.lm.context_length=}")
        hidden: Tensor = self.lm.hidden(ids.flatten(0, 1)).unflatten(0, ids.shape[:2])
        return hidden

    def forward(self, ids: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, T) ids, (B, C) places of `<e>` -> task logits (B, L), token logits (B, C, T, V).

        Padding may stand only on the right: there, behind `<e>`, nothing sees it.
        """
        hidden = self.hidden(ids)
        return self.answer(self.drop(at_places(hidden, places))), self.lm.logits(hidden)

    def task_logits(self, ids: Tensor, places: Tensor) -> Tensor:
        """The first of the two alone: (B, L). Quicker, for the vocabulary need not be scored."""
        return self.answer(self.drop(at_places(self.hidden(ids), places)))


class GPTClassifier(GPTHead):
    """One label for a text, or for a premise and a hypothesis in one text (C = 1)."""

    def answer(self, vectors: Tensor) -> Tensor:
        logits: Tensor = self.output(vectors[:, 0])
        return logits


class GPTSimilarity(GPTHead):
    """How alike two texts are: as neither comes first, both orders are read, and added (C = 2)."""

    def __init__(
        self, lm: TransformerLM, n_labels: int = 1, rng: torch.Generator | None = None
    ) -> None:
        super().__init__(lm, n_labels, rng)

    def answer(self, vectors: Tensor) -> Tensor:
        logits: Tensor = self.output(vectors.sum(dim=1))
        return logits


class GPTMultipleChoice(GPTHead):
    """One score per option, each read behind the same context; softmax over options (L = C)."""

    def __init__(self, lm: TransformerLM, rng: torch.Generator | None = None) -> None:
        super().__init__(lm, 1, rng)

    def answer(self, vectors: Tensor) -> Tensor:
        scores: Tensor = self.output(vectors)  # (B, C, 1)
        return scores.squeeze(-1)


def at_places(hidden: Tensor, places: Tensor) -> Tensor:
    """The vector at one place of each text: (B, C, T, D), (B, C) -> (B, C, D)."""
    index = places[..., None, None].expand(*places.shape, 1, hidden.size(-1))
    return hidden.gather(2, index).squeeze(2)
