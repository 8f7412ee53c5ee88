"""★ Bits per word: the unit of the course's ladder."""

import math
import random
from collections.abc import Sequence
from statistics import fmean

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

BITS = _(
    "Natural logarithms are nats. One bit is ln 2 nats, so a word of probability 1/8 costs 3 bits."
)
NEGATIVE = _(
    "The result is {value:.3f}. A surprise cannot be negative: the logarithm of a probability is"
    " at most 0, and the surprise is minus that."
)
MEAN = _("Bits per word: the mean over all words, whatever the length of the text.")


def cases(rng: random.Random) -> list[Case]:
    halvings, n = rng.randint(2, 6), rng.randint(4, 8)
    return [
        Case(([-halvings * math.log(2)],), BITS),
        Case(([math.log(rng.uniform(0.05, 0.9)) for _word in range(n)],), MEAN),
    ]


def negative(result: float, _log_probs: Sequence[float]) -> dict[str, float] | None:
    return {"value": result} if result < 0 else None


def mean_bits(log_probs: Sequence[float]) -> float:
    """(N,) natural logarithms of each word's probability -> mean surprise in bits."""
    return -fmean(log_probs) / math.log(2)


def with_numpy(log_probs: Sequence[float]) -> float:
    return float(-np.mean(np.log2(np.exp(log_probs))))


def with_a_loop(log_probs: Sequence[float]) -> float:
    total = 0.0
    for log_p in log_probs:
        total -= math.log2(math.exp(log_p))
    return total / len(log_probs)


EXERCISE = Exercise(
    name="mean_bits",
    lecture="00_welcome",
    stars=1,
    title=_("Bits per word"),
    points=2,
    minutes=5,
    cases=cases,
    laws=(Law(NEGATIVE, negative),),
    reference=mean_bits,
    hints=(
        _("How many bits is one word of probability 1/2? And what is ln(1/2)?"),
        _("Turn each logarithm into bits: change the sign and divide by ln 2. Then average."),
        _("Return minus the sum of the list, divided by len(log_probs) and by math.log(2)."),
    ),
    right_variants=(with_numpy, with_a_loop),
    wrong_answers=(
        WrongAnswer(lambda log_probs: -fmean(log_probs), BITS),
        WrongAnswer(lambda log_probs: -fmean(log_probs) * math.log(2), BITS),
        WrongAnswer(lambda log_probs: -fmean(log_probs) / math.log(10), BITS),
        WrongAnswer(lambda log_probs: fmean(log_probs) / math.log(2), NEGATIVE),
        WrongAnswer(lambda log_probs: -sum(log_probs) / math.log(2), MEAN),
        WrongAnswer(lambda log_probs: -log_probs[0] / math.log(2), MEAN),
        WrongAnswer(lambda log_probs: -math.log2(fmean(map(math.exp, log_probs))), MEAN),
    ),
)
