"""BERT's two heads for pre-training: one guesses hidden words, one says whether b follows a.

Source: Devlin et al. (2019); the layers of the first are those of the published weights.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.bert import BERT
from course_lib.models.modern_bert import ModernBERT

FIRST_STD = 0.02  # of the heads' first weights


class PretrainingBERT(nn.Module):
    """An encoder that is to learn to read, with the two heads it learns by."""

    def __init__(self, encoder: BERT | ModernBERT, rng: torch.Generator | None = None) -> None:
        super().__init__()
        self.encoder, self.cfg = encoder, encoder.cfg
        d_model = encoder.cfg.d_model
        self.dense = nn.Linear(d_model, d_model)
        self.norm = nn.LayerNorm(d_model, eps=encoder.cfg.norm_eps)
        self.output_bias = nn.Parameter(torch.zeros(encoder.cfg.vocab_size))
        self.next_sentence = nn.Linear(d_model, 2)
        for layer in (self.dense, self.next_sentence):
            nn.init.normal_(layer.weight, std=FIRST_STD, generator=rng)
            nn.init.zeros_(layer.bias)

    def forward(
        self,
        ids: Tensor,
        segment_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        places: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """(B, T) -> the words' logits, and (B, 2) those of "b follows a" and "it does not".

        The words' are (N, V) for the N `places`, numbers from 0 to B * T - 1; for all, (B, T, V),
        if places is None. All V scores of the six words in seven that nobody asks for would cost
        more than the rest of a small model.
        """
        hidden = self.encoder.hidden(ids, segment_ids, attention_mask)
        asked = hidden if places is None else hidden.flatten(0, 1)[places]
        return self.word_logits(asked), self.next_sentence(self.encoder.pooled(hidden))

    def word_logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V): the table that reads tokens also scores them."""
        x = self.norm(F.gelu(self.dense(hidden)))
        return F.linear(x, self.encoder.tokens.weight, self.output_bias)

    def set_unigram(self, counts: Tensor) -> None:
        """Begin from how often each id occurs, (V,), as in `ModernGPT.set_unigram`."""
        frequencies = (counts.double() + 1) / (counts.double() + 1).sum()
        with torch.no_grad():
            self.output_bias.copy_(frequencies.log())
