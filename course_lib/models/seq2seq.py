"""Sequence to sequence: one recurrent network reads the source, another one writes the target.

`Seq2Seq` hands over a single vector, however long the source is; `AttentionSeq2Seq` may also look
back at the encoder's states. Sources are (B, S) ids without <s> and </s>, padded on the right.
"""

import torch
from torch import Tensor, nn

from course_lib.models.additive_attention import AdditiveAttention
from course_lib.models.seq2seq_encoder import Encoder, Memory, Seq2SeqConfig
from course_lib.models.seq2seq_reading import Conditioned


class Seq2Seq(nn.Module):
    """Encoder and decoder with one vector between them. Source: Sutskever et al. (2014).

    z* is the decoder's first state and, as Cho et al. (2014) have it, part of every input.
    """

    def __init__(self, cfg: Seq2SeqConfig) -> None:
        super().__init__()
        self.cfg = cfg
        self.encoder = Encoder(cfg)
        self.tokens = nn.Embedding(cfg.target_size, cfg.d_model)
        self.from_summary = nn.Linear(cfg.d_model, cfg.d_model)
        self.dropout = nn.Dropout(cfg.dropout)
        self.gru = nn.GRU(cfg.d_model, cfg.d_model, batch_first=True)
        self.bias = nn.Parameter(torch.zeros(cfg.target_size))
        # Tied weights: small vectors make the first logits nearly equal.
        nn.init.normal_(self.tokens.weight, std=cfg.d_model**-0.5)

    def set_unigram(self, counts: Tensor) -> None:
        """Start from the target words' frequencies: bias = log frequency. (V,) counts.

        Nothing then has to be learnt about which words are rare. An id never seen counts as half
        a time.
        """
        smoothed = counts.to(self.bias).clamp(min=0.5)
        with torch.no_grad():
            self.bias.copy_((smoothed / smoothed.sum()).log())

    def forward(self, source: Tensor, target_inputs: Tensor) -> Tensor:
        """(B, S), (B, T) beginning with <s> -> (B, T, V): teacher forcing, all steps at once."""
        memory = self.encoder(source)
        states, _ = self.decode(memory, target_inputs, memory.summary)
        return self.logits(states, memory)

    def decode(self, memory: Memory, inputs: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T) inputs and (B, D) state -> every state (B, T, D), and the last one (B, D)."""
        x = self.tokens(inputs) + self.from_summary(memory.summary)[:, None]  # (B, T, D)
        states, last = self.gru(self.dropout(x), hidden[None].contiguous())
        return states, last[0]

    def features(self, states: Tensor, memory: Memory) -> Tensor:  # noqa: ARG002
        """(B, T, D) -> (B, T, D): what the next token is predicted from; here the state alone."""
        return states

    def logits(self, states: Tensor, memory: Memory) -> Tensor:
        """(B, T, D) -> (B, T, V)."""
        features: Tensor = self.dropout(self.features(states, memory))
        return features @ self.tokens.weight.T + self.bias

    def given(self, source: Tensor) -> Conditioned:
        """(B, S) -> a language model of the target, row by row for these sources."""
        return Conditioned(self, source)


class AttentionSeq2Seq(Seq2Seq):
    """The same, but each prediction may look at all states of the encoder.

    After Bahdanau et al. (2015), with one change: the decoder's state looks first and the answer
    goes to the prediction, not back into the state (Luong et al., 2015). So teacher forcing needs
    no loop over the steps.
    """

    def __init__(self, cfg: Seq2SeqConfig) -> None:
        super().__init__(cfg)
        self.attention = AdditiveAttention(cfg.d_model)
        self.combine = nn.Linear(2 * cfg.d_model, cfg.d_model)

    def features(self, states: Tensor, memory: Memory) -> Tensor:
        """State and weighted mean of the memory, mixed: (B, T, D) -> (B, T, D)."""
        seen = self.attention(states, memory.states, memory.mask)  # (B, T, D)
        return torch.tanh(self.combine(torch.cat([states, seen], dim=-1)))

    @torch.no_grad()
    def attention_weights(self, source: Tensor, target_inputs: Tensor) -> Tensor:
        """(B, S), (B, T) -> (B, T, S): where each step looks, for figures; rows sum to 1."""
        memory = self.eval().encoder(source)
        states, _ = self.decode(memory, target_inputs, memory.summary)
        return self.attention.weights(states, memory.states, memory.mask)
