"""The best possible guess for a hole in a story, read from both sides.

By Bayes' rule p(word | left, right) is proportional to the probability of the whole story with
the word in the hole, and the grammar knows that one exactly. No model can fill holes better.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course_lib.data.riverbank.language import Language, language
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.words import END


@dataclass(frozen=True)
class HoleFloor:
    """Bits that the true word of a hole costs the best possible guess, on average.

    `standard_error` says how far another sample of as many holes would be off, typically.
    """

    bits_per_hole: float
    standard_error: float
    n_holes: int


def fill(words: Sequence[str], place: int, unseen: bool = False) -> dict[str, float]:
    """The exact p(word at `place` | all the other words), most probable first.

    The word that stands at `place` is not looked at. `unseen` as in `riverbank.log_probs`.
    Raises ValueError if there is no such place, or if no story has these words around it.
    """
    if not 0 <= place < len(words):
        raise ValueError(f"no place {place} in a story of {len(words)} words")
    log_probs = scored(language(unseen), tuple(words[:place]), tuple(words[place + 1 :]))
    best = max(log_probs.values(), default=-math.inf)
    if best == -math.inf:
        raise ValueError(f"no word fits at place {place} of: {' '.join(words)}")
    chances = {word: math.exp(log_prob - best) for word, log_prob in log_probs.items()}
    total = sum(chances.values())
    fitting = sorted((word for word, p in chances.items() if p), key=lambda word: -chances[word])
    return {word: chances[word] / total for word in fitting}


def scored(spoken: Language, left: tuple[str, ...], right: tuple[str, ...]) -> Mapping[str, float]:
    """log p(left word right) of every word that can follow `left`: no other word can fit."""
    can_follow = [word for word in spoken.next_word(left) if word != END]
    return {word: sum(spoken.log_probs((*left, word, *right))) for word in can_follow}


def one_hole_each(stories: Sequence[Story], seed: int) -> list[int]:
    """One place of each story, every word equally likely; the same for the same seed."""
    rng = random.Random(f"{seed} holes")
    return [rng.randrange(len(story.words)) for story in stories]


def hole_bits(stories: Sequence[Story], places: Sequence[int], unseen: bool = False) -> list[float]:
    """What the word at each place costs the best possible guess, in bits: one place a story."""
    return [
        -math.log2(fill(story.words, place, unseen)[story.words[place]])
        for story, place in zip(stories, places, strict=True)
    ]


def hole_floor(stories: Sequence[Story], seed: int, unseen: bool = False) -> HoleFloor:
    """The floor of masked language modelling: one hole in each story, at `one_hole_each`.

    Raises ValueError if there are fewer than two stories.
    """
    if len(stories) < 2:
        raise ValueError("the floor needs at least two stories")
    bits = hole_bits(stories, one_hole_each(stories, seed), unseen)
    n, mean = len(bits), sum(bits) / len(bits)
    variance = sum((bit - mean) ** 2 for bit in bits) / (n - 1)
    return HoleFloor(mean, math.sqrt(variance / n), n)
