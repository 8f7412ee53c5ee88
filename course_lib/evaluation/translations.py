"""Translations judged one by one: the very words of the reference, and the right sense of a word.

BLEU and chrF (see `bleu`) judge a whole test set, and a wrong name costs them little.
"""

import itertools
from collections.abc import Sequence
from typing import Protocol

from course_lib.evaluation.bleu import check_pairs
from course_lib.evaluation.metrics import Estimate, mean

Words = Sequence[str]


class Use(Protocol):
    """A word with two senses: the shape of `course_lib.data.riverbank.tasks.SenseUse`."""

    @property
    def sentence(self) -> int: ...
    @property
    def right(self) -> Words: ...
    @property
    def wrong(self) -> Words: ...


def exact_match(translations: Sequence[Words], references: Sequence[Words]) -> Estimate:
    """The share of translations with the very words of their references, 0 to 1.

    Fair only where the right translation is unique, as in Riverbank. Raises ValueError if the two
    lists do not match.
    """
    return mean(exact(translations, references))


def exact(translations: Sequence[Words], references: Sequence[Words]) -> list[float]:
    """1 for each translation with the very words of its reference, else 0."""
    check_pairs(translations, references)
    pairs = zip(translations, references, strict=True)
    return [float(list(found) == list(reference)) for found, reference in pairs]


def sense_choice(translations: Sequence[Words], uses: Sequence[Use]) -> Estimate:
    """How often a word with two senses was given its right rendering, 0 to 1.

    translations: of the sentences that the uses count. The rest of a translation may be wrong.
    Raises ValueError if there are no uses.
    """
    return mean([float(chosen(translations[use.sentence], use)) for use in uses])


def chosen(translation: Words, use: Use) -> bool:
    """Is the right word there, and the other one not? To name both is no choice."""
    return contains(translation, use.right) and not contains(translation, use.wrong)


def contains(words: Words, run: Words) -> bool:
    """Do these words stand there one after the other?"""
    n = len(run)
    return any(list(words[i : i + n]) == list(run) for i in range(len(words) - n + 1))


def by_length(
    scores: Sequence[float], lengths: Sequence[int], bounds: Sequence[int]
) -> list[Estimate | None]:
    """The mean score for each range of lengths: above one bound, up to the next; None if empty.

    Raises ValueError if there are not as many scores as lengths.
    """
    pairs = list(zip(scores, lengths, strict=True))
    ranges = itertools.pairwise(bounds)
    chosen = [[score for score, n in pairs if low < n <= high] for low, high in ranges]
    return [mean(some) if some else None for some in chosen]
