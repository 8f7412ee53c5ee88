"""The floor: how many bits a word costs the best model there can be."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from course_lib.data.riverbank.language import Language


@dataclass(frozen=True)
class Floor:
    """Bits per word of the true probabilities, `</s>` counted as a word.

    `standard_error` says how far another sample of as many stories would be off, typically.
    """

    bits_per_word: float
    standard_error: float
    n_words: int


def measure_floor(spoken: Language, texts: Sequence[Sequence[str]]) -> Floor:
    """The floor on these texts. Raises ValueError if there are fewer than two.

    The standard error is that of a ratio of two means, over texts (the delta method).
    """
    if len(texts) < 2:
        raise ValueError("the floor needs at least two stories")
    bits = [-sum(spoken.log_probs(words)) / math.log(2) for words in texts]
    lengths = [len(words) + 1 for words in texts]
    n, total = len(texts), sum(lengths)
    rate = sum(bits) / total
    spread = sum((b - rate * length) ** 2 for b, length in zip(bits, lengths, strict=True))
    return Floor(rate, math.sqrt(spread * n / (n - 1)) / total, total)
