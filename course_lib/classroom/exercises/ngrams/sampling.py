"""★★ Sampling: words share the interval from 0 to 1, and a random number points at one of them."""

import bisect
import itertools
import random
from collections.abc import Mapping

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

LIKELIEST = _(
    "Sampling gives every word its turn: u decides, and it may point at an unlikely word."
)
WIDTH = _("A word's share of the interval is as wide as its probability; shares are not equal.")
ADD_UP = _("Shares lie side by side: the second begins where the first ends. Add up as you go.")
IMPOSSIBLE = _("A word of probability 0 has a share of no width: even u = 0 must not choose it.")
BORDER = _("Where one share ends the next begins: u = p of the first word chooses the second word.")
ROUNDING = _("Ten times 0.1 adds up to a little less than 1: if u is beyond, take the last word.")


def cases(rng: random.Random) -> list[Case]:
    words = rng.sample(["river", "bank", "boat", "bridge", "money", "water", "tide"], 5)
    words += ["rain", "fog", "reed", "oar", "light"]
    ten = dict.fromkeys(words, 0.1)
    return [
        Case(
            (dict(zip(words, (0.3, 0.7), strict=False)), round(rng.uniform(0.01, 0.2), 3)),
            LIKELIEST,
        ),
        Case(
            (dict(zip(words, (0.7, 0.3), strict=False)), round(rng.uniform(0.51, 0.69), 3)), WIDTH
        ),
        Case((dict.fromkeys(words[:4], 0.25), round(rng.uniform(0.51, 0.74), 3)), ADD_UP),
        Case((dict(zip(words, (0.0, 0.5, 0.5), strict=False)), 0.0), IMPOSSIBLE),
        Case((dict(zip(words, (0.25, 0.25, 0.5), strict=False)), 0.25), BORDER),
        Case((ten, 1 - 2**-53), ROUNDING),
    ]


def sample_next(probs: Mapping[str, float], u: float) -> str:
    """The word on whose share of [0, 1) the number u falls; shares lie in the order of `probs`."""
    end = 0.0
    for word, p in probs.items():
        end += p
        if u < end:
            return word
    return word


def with_bisect(probs: Mapping[str, float], u: float) -> str:
    ends = list(itertools.accumulate(probs.values()))
    return list(probs)[min(bisect.bisect_right(ends, u), len(ends) - 1)]


def with_numpy(probs: Mapping[str, float], u: float) -> str:
    ends = np.cumsum(list(probs.values()))
    return list(probs)[np.searchsorted(ends[:-1], u, side="right")]


def by_width_less(probs: Mapping[str, float], u: float) -> str:
    """Equal shares for all words."""
    return list(probs)[int(u * len(probs))]


def each_alone(probs: Mapping[str, float], u: float) -> str:
    return next((word for word, p in probs.items() if u < p), list(probs)[-1])


def border_to_the_left(probs: Mapping[str, float], u: float) -> str:
    ends = itertools.accumulate(probs.values())
    return next(word for word, end in zip(probs, ends, strict=True) if u <= end)


def border_to_the_left_but_no_impossible_word(probs: Mapping[str, float], u: float) -> str:
    return border_to_the_left({word: p for word, p in probs.items() if p > 0}, u)


def falling_off_the_end(probs: Mapping[str, float], u: float) -> str | None:
    end = 0.0
    for word, p in probs.items():
        end += p
        if u < end:
            return word
    return None


EXERCISE = Exercise(
    name="sample_next",
    lecture="01_ngrams",
    stars=2,
    title=_("Choosing the next word"),
    points=4,
    minutes=15,
    cases=cases,
    reference=sample_next,
    hints=(
        _("Draw a line from 0 to 1 and give each word a piece as long as its probability."),
        _("Walk along the line, keeping the end of the piece you are on. When have you passed u?"),
        _("Add p to a running sum; return the first word whose sum exceeds u, else the last word."),
    ),
    right_variants=(with_bisect, with_numpy),
    wrong_answers=(
        WrongAnswer(lambda probs, _u: max(probs, key=probs.__getitem__), LIKELIEST),
        WrongAnswer(by_width_less, WIDTH),
        WrongAnswer(each_alone, ADD_UP),
        WrongAnswer(border_to_the_left, IMPOSSIBLE),
        WrongAnswer(border_to_the_left_but_no_impossible_word, BORDER),
        WrongAnswer(falling_off_the_end, ROUNDING),
    ),
)
