"""The ladder: every language model on the same texts, in the same unit, above the same floor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from course_lib.evaluation.metrics import Estimate, bits_gap, bits_per_word


class Scorer(Protocol):
    """The half of a language model that the ladder needs."""

    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]: ...


@dataclass(frozen=True)
class Rung:
    """One model's place. `gap` is how far above the floor it stands; None if no floor is known."""

    name: str
    bits_per_word: float
    standard_error: float
    gap: Estimate | None = None


def ladder(
    models: Mapping[str, Scorer], texts: Sequence[Tensor], floor: Sequence[Tensor] | None = None
) -> list[Rung]:
    """One rung per model, in the order given; then the floor, named "floor", if it is known.

    texts: (T,) ids each. floor: for each text its true log-probabilities, (T + 1,) natural
    logarithms, from the language's own grammar. Gaps are paired: text by text against the floor.
    """
    rungs = [_rung(name, model.log_probs(texts), floor) for name, model in models.items()]
    return rungs if floor is None else [*rungs, _rung("floor", floor, floor)]


def _rung(name: str, log_probs: Sequence[Tensor], floor: Sequence[Tensor] | None) -> Rung:
    gap = None if floor is None else bits_gap(log_probs, floor)
    return Rung(name, *bits_per_word(log_probs), gap)
