"""The KV-cache: what a Transformer has read, so that it need not read it again.

A causal model never changes its mind about earlier tokens: their keys and values stay the same when
a token is added. Keeping them makes one more token cost O(T), not O(T^2).
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.models.config import TransformerConfig

ROOM = 8  # places for further tokens, so that not every one of them makes all move


class LayerCache:
    """Keys and values of one layer, (B, H, capacity, K) each; the first `length` are used."""

    def __init__(self, keys: Tensor, values: Tensor, length: int = 0) -> None:
        self.keys, self.values, self.length = keys, values, length

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of T tokens; return all so far: (B, H, length + T, K) each."""
        start, self.length = self.length, self.length + k.size(2)
        if self.length > self.keys.size(2):
            self._grow(self.length + ROOM)
        self.keys[:, :, start : self.length] = k
        self.values[:, :, start : self.length] = v
        return self.keys[:, :, : self.length], self.values[:, :, : self.length]

    def rows(self, index: Tensor, length: int) -> "LayerCache":
        """The chosen rows of the first `length` places, copied to new memory."""
        # The room is copied with them, whatever is in it: one operation instead of two.
        keys = self.keys[:, :, : length + ROOM].index_select(0, index)
        values = self.values[:, :, : length + ROOM].index_select(0, index)
        return LayerCache(keys, values, length)

    def _grow(self, capacity: int) -> None:
        n_rows, n_heads, n_places, d_head = self.keys.shape
        room = self.keys.new_empty(n_rows, n_heads, capacity - n_places, d_head)
        self.keys = torch.cat([self.keys, room], dim=2)
        self.values = torch.cat([self.values, room], dim=2)


class Cache:
    """The state of a Transformer that has read `n_read` tokens of each row.

    It may be read on from more than once. n_padding: (B,) how many leading tokens of a row are
    padding, or None if there are none at all.
    """

    def __init__(
        self, layers: Sequence[LayerCache], n_read: int, n_padding: Tensor | None = None
    ) -> None:
        self.layers, self.n_read, self.n_padding = layers, n_read, n_padding

    @classmethod
    def empty(cls, cfg: TransformerConfig, ids: Tensor, like: Tensor) -> "Cache":
        """Room for cfg.context_length tokens of each row of `ids`, of which none is read yet.

        The leading padding of `ids` is counted; `like` gives the numbers' type and device. Raises
        ValueError if a row holds nothing but padding.
        """
        shape = (len(ids), cfg.n_heads, cfg.context_length, cfg.d_head)
        layers = [
            LayerCache(like.new_empty(shape), like.new_empty(shape)) for _ in range(cfg.n_layers)
        ]
        return cls(layers, 0, leading_padding(ids, cfg.pad_id))

    def rows(self, index: Tensor) -> "Cache":
        """The state of the chosen rows, in the order chosen; a row may be chosen twice."""
        n_padding = None if self.n_padding is None else self.n_padding[index]
        layers = [layer.rows(index, self.n_read) for layer in self.layers]
        return Cache(layers, self.n_read, n_padding)

    def before(self, length: int) -> "Cache":
        """The state with which to read `length` more tokens; it will then have read them.

        Memory is shared with this state, unless another reading went on from it already.
        """
        keys, layers = self.layers[0].keys, self.layers
        if any(layer.length != self.n_read for layer in layers):
            layers = self.rows(torch.arange(len(keys), device=keys.device)).layers
        return Cache(layers, self.n_read + length, self.n_padding)

    def mask(self, length: int) -> Tensor | None:
        """Where the last `length` tokens may look: (B or 1, 1, T, S), or None for everywhere.

        At tokens up to themselves that are not padding. Padding looks at itself, for a row that may
        look nowhere would be 0 / 0.
        """
        if length == 1 and self.n_padding is None:
            return None
        keys = torch.arange(self.n_read, device=self.layers[0].keys.device)  # (S,)
        queries = keys[-length:, None]  # (T, 1)
        allowed = keys <= queries  # (T, S)
        if self.n_padding is None:
            return allowed[None, None]
        real = keys >= self.n_padding[:, None, None, None]  # (B, 1, 1, S)
        return allowed & (real | (keys == queries))

    def positions(self, length: int) -> Tensor:
        """Where the last `length` tokens stand in their texts, padding not counted: (B or 1, T)."""
        device = self.layers[0].keys.device
        columns = torch.arange(self.n_read - length, self.n_read, device=device)
        if self.n_padding is None:
            return columns[None]
        return (columns - self.n_padding[:, None]).clamp(min=0)


def leading_padding(ids: Tensor, pad_id: int | None) -> Tensor | None:
    """How many ids at the start of each row are padding: (B, T) -> (B,), or None if none is.

    Raises ValueError if a row holds nothing else.
    """
    if pad_id is None or not (ids[:, 0] == pad_id).any():
        return None
    n_padding = (ids != pad_id).int().cumsum(dim=1).eq(0).sum(dim=1)
    if (n_padding == ids.size(1)).any():
        raise ValueError("a row holds nothing but padding")
    return n_padding
