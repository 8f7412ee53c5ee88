"""Additive attention: look back at every state of the encoder, each time a token is predicted.

Source: Bahdanau, Cho & Bengio (2015), "Neural machine translation by jointly learning to align and
translate".
"""

import torch
from torch import Tensor, nn


def additive_weights(query: Tensor, keys: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """How much each query looks at each key; every row sums to 1.

    score = v . tanh(query + key), then a softmax over the keys. (B, T, A), (B, S, A), (A,) ->
    (B, T, S). In `mask` (B, S), True means "may look"; each row needs at least one.
    """
    scores = torch.tanh(query[:, :, None] + keys[:, None]) @ v  # (B, T, S, A) -> (B, T, S)
    if mask is not None:
        scores = scores.masked_fill(~mask[:, None], -torch.inf)
    return scores.softmax(dim=-1)


class AdditiveAttention(nn.Module):
    """The two matrices and the vector of additive attention."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.w_q = nn.Linear(d_model, d_model, bias=False)
        self.w_k = nn.Linear(d_model, d_model)  # one bias is enough for the sum
        self.v = nn.Linear(d_model, 1, bias=False)  # the same for every position: no bias needed

    def weights(self, states: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, T, D) states of the decoder, (B, S, D) of the encoder -> (B, T, S)."""
        v = self.v.weight[0]  # (D,)
        return additive_weights(self.w_q(states), self.w_k(memory), v, mask)

    def forward(self, states: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, T, D), (B, S, D) -> (B, T, D): for each state a weighted mean of the memory."""
        return self.weights(states, memory, mask) @ memory
