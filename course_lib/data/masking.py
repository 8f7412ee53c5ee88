"""Words to be guessed: BERT's rule of which tokens are hidden, and by what.

Source: Devlin et al. (2019), section 3.1 and appendix A.1.
"""

import torch
from torch import Tensor

from course_lib.data.batching import IGNORED

RATE = 0.15  # of the tokens are to be guessed
HIDDEN, REPLACED = 0.8, 0.1  # of those; the rest stay as they are


def mask_tokens(
    ids: Tensor,
    may_mask: Tensor,
    mask_id: int,
    random_ids: Tensor,
    rng: torch.Generator,
    rate: float = RATE,
    groups: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Hide some tokens: (B, T) -> inputs and targets, (B, T) each.

    Each token that may be masked is chosen with probability `rate`; of the chosen, 8 in 10 become
    [MASK], 1 in 10 a token drawn from `random_ids` (N,), and 1 in 10 stay. So the model cannot
    tell by its looks which token is right, and must know the context of every one. Targets hold
    the chosen tokens and -100 elsewhere.

    Args:
        may_mask: (B, T) bool; False for special tokens and padding.
        groups: (B, T) number of the word in its row that each piece belongs to; the pieces of a
            word are then chosen together (whole-word masking). None: each token by itself.
    """
    units = torch.arange(ids.size(1)).expand_as(ids) if groups is None else groups
    draws = torch.rand(ids.size(0), int(units.max()) + 1, generator=rng)
    chosen = may_mask & (draws.gather(1, units.clamp(min=0)) < rate)
    fate = torch.rand(ids.shape, generator=rng)
    guesses = random_ids[torch.randint(len(random_ids), ids.shape, generator=rng)]
    inputs = ids.masked_fill(chosen & (fate < HIDDEN), mask_id)
    replaced = chosen & (fate >= HIDDEN) & (fate < HIDDEN + REPLACED)
    return torch.where(replaced, guesses, inputs), ids.masked_fill(~chosen, IGNORED)
