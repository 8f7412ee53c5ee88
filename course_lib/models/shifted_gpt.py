"""A GPT that reads every token together with the one before it: it learns to look things up fast.

To find "what came after this word the last time" an ordinary model needs two layers that work
together: one that writes onto each token which token came before it, and one that searches for
it (an induction head). Here the first of them is given.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_lib.models.cache import Cache, LayerCache
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT


class ShiftedCache(Cache):
    """The state of a `ShiftedGPT`; `last` (B,): the id that each row ends with, if any was read."""

    def __init__(
        self,
        layers: Sequence[LayerCache],
        n_read: int,
        n_padding: Tensor | None = None,
        last: Tensor | None = None,
    ) -> None:
        super().__init__(layers, n_read, n_padding)
        self.last = last

    def rows(self, index: Tensor) -> "ShiftedCache":
        """As in `Cache`."""
        chosen = super().rows(index)
        last = None if self.last is None else self.last[index]
        return ShiftedCache(chosen.layers, chosen.n_read, chosen.n_padding, last)

    def before(self, length: int) -> "ShiftedCache":
        """As in `Cache`."""
        more = super().before(length)
        return ShiftedCache(more.layers, more.n_read, more.n_padding, self.last)


class ShiftedGPT(ModernGPT):
    """`ModernGPT` with a token shift: x_t = e_t + shift * e_(t-1), number by number; e_0 alone.

    Args:
        shift: what the D learnt factors begin with; 0 is a `ModernGPT` as long as it is not
            trained.
        the others: as in `ModernGPT`; rotary_base is larger, for prompts are longer than stories.

    Sources: induction heads and "smeared keys", Olsson et al. (2022); the token shift of RWKV, Peng
    et al. (2023).
    """

    def __init__(
        self,
        cfg: TransformerConfig,
        rotary_base: float = 1000.0,
        embedding_std: float = 0.3,
        output_scale: float = 0.3,
        rng: torch.Generator | None = None,
        shift: float = 1.0,
    ) -> None:
        super().__init__(cfg, rotary_base, embedding_std, output_scale, rng)
        self.shift = nn.Parameter(torch.full((cfg.d_model,), shift))

    def empty_cache(self, ids: Tensor) -> ShiftedCache:
        """A state in which nothing has been read."""
        cache = super().empty_cache(ids)
        return ShiftedCache(cache.layers, cache.n_read, cache.n_padding)

    def embed(self, ids: Tensor, cache: Cache | None = None) -> Tensor:
        """(B, T) -> (B, T, D): each token and, shifted and scaled, the one before it."""
        last = cache.last if isinstance(cache, ShiftedCache) else None
        if isinstance(cache, ShiftedCache):
            cache.last = ids[:, -1]
        vectors: Tensor = self.tokens(ids)
        # Nothing stands before the first token of a text.
        first = torch.zeros_like(vectors[:, :1]) if last is None else self.tokens(last[:, None])
        before = torch.cat([first, vectors[:, :-1]], dim=1)
        if cache is not None and cache.n_padding is not None:
            # Padding counts as nothing: a row scores as it would alone.
            places = torch.arange(cache.n_read - ids.size(1), cache.n_read, device=ids.device)
            real = places > cache.n_padding[:, None]  # (B, T): has a real token before it
            before = before * real[..., None]
        return torch.addcmul(vectors, before, self.shift)
