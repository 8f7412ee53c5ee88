"""Riverbank: the small town the course is trained on, and the exact truth about its stories.

>>> from course_lib.data import riverbank
>>> stories = riverbank.load("train")
>>> riverbank.floor(riverbank.load("test")).bits_per_word
"""

import importlib
from collections.abc import Sequence
from typing import Any

from course_lib.data.riverbank.floor import Floor, measure_floor
from course_lib.data.riverbank.language import language
from course_lib.data.riverbank.phenomena import PHENOMENA, REACH, MinimalPair, minimal_pairs
from course_lib.data.riverbank.splits import known_words, load, sample
from course_lib.data.riverbank.story import Sentence, Story

__all__ = [
    "PHENOMENA",
    "REACH",
    "Floor",
    "MinimalPair",
    "Sentence",
    "Story",
    "floor",
    "load",
    "log_probs",
    "minimal_pairs",
    "next_word",
    "sample",
    "vocabulary",
]


def vocabulary() -> list[str]:
    """Every word that a story can hold, in alphabetical order."""
    return list(known_words())


def log_probs(words: Sequence[str], unseen: bool = False) -> list[float]:
    """(T + 1,) natural log of the exact p(word | words before), </s> last; topics summed out.

    -inf from the first word on that no story could have. `unseen` is for stories that may hold
    the reserved combinations: their own grammar, in which every word is a little less sure.
    """
    return language(unseen).log_probs(words)


def next_word(words: Sequence[str], unseen: bool = False) -> dict[str, float]:
    """The exact p(next word | words), </s> among them: no model can predict better."""
    return language(unseen).next_word(words)


def floor(stories: Sequence[Story], unseen: bool = False) -> Floor:
    """How many bits a word of these stories costs the best model there can be."""
    return measure_floor(language(unseen), [story.words for story in stories])


def __getattr__(name: str) -> Any:
    """riverbank.tasks, imported only when somebody asks for it."""
    if name == "tasks":
        return importlib.import_module("course_lib.data.riverbank.tasks")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
