"""More words for a language model that is trained already."""

import copy
from dataclasses import replace
from typing import TypeVar

import torch
from torch import nn

from course_lib.models.transformer_lm import TransformerLM

STD = 0.02  # of GPT-1's first vectors, the new marks' among them

LM = TypeVar("LM", bound=TransformerLM)


def grow_vocabulary(lm: LM, n_new: int, rng: torch.Generator | None = None) -> LM:
    """A copy of the model with `n_new` more words behind its own; the old ones score as before.

    The new rows of the table of token vectors are small and random: at first a new word says little
    of itself, and its place is filled by what it looks at. (As large as the old rows, a mark `<e>`
    drowns that; with two seeds in three a small GPT then learnt next to nothing.) Where the model
    has an output bias, a new word begins as likely as the rarest old one. Source: Radford et al.
    (2018), section 3.3, for the marks of a task.
    """
    if n_new < 0:
        raise ValueError(f"{n_new=} must not be negative")
    grown = copy.deepcopy(lm)
    old = lm.tokens.weight.detach()
    new = torch.randn(n_new, old.size(1), generator=rng).to(old) * STD
    grown.tokens = nn.Embedding.from_pretrained(torch.cat([old, new]), freeze=False)
    bias = getattr(lm, "output_bias", None)
    if bias is not None:
        rarest = bias.detach().min().repeat(n_new)
        grown.output_bias = nn.Parameter(torch.cat([bias.detach(), rarest]))
    grown.cfg = replace(lm.cfg, vocab_size=lm.cfg.vocab_size + n_new)
    return grown
