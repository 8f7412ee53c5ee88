"""★ Bits per character: the unit that does not depend on the tokens."""

import math
import random
from collections.abc import Sequence

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

BASE = _("Natural logarithms count nats. A bit is ln 2 nats.")
LENGTH = _("Divide by the characters of the text. How many tokens it was cut into does not matter.")
BYTES = _("A character may be more than one byte: count characters, spaces and signs included.")
NEGATIVE = _("{value:.3g} bits: a probability is at most 1, so its surprise is never below 0.")


def cases(rng: random.Random) -> list[Case]:
    def surprise(n: int) -> list[float]:
        return [round(-rng.uniform(0.2, 4.0), 3) for _token in range(n)]

    words = rng.choice(["the other bank", "we swam across", "a wide river"])
    return [
        Case((surprise(1), rng.choice("abc")), BASE),
        Case((surprise(3), words), LENGTH),
        Case((surprise(9), rng.choice(["swam", "bank"])), LENGTH),
        Case((surprise(2), rng.choice(["川の岸。", "銀行へ 行く"])), BYTES),
    ]


def below_0(result: float, *_args: object) -> dict[str, float] | None:
    return {"value": result} if result < 0 else None


def bits_per_character(log_probs: Sequence[float], text: str) -> float:
    """(N,) natural logarithms of the tokens' probabilities, and the text -> bits per character."""
    return -sum(log_probs) / math.log(2) / len(text)


def bits(log_probs: Sequence[float]) -> float:
    """The whole text's."""
    return -sum(log_probs) / math.log(2)


def with_numpy(log_probs: Sequence[float], text: str) -> float:
    return float(-np.log2(np.exp(log_probs)).sum() / len(list(text)))


def from_bits_per_token(log_probs: Sequence[float], text: str) -> float:
    per_token = -sum(p / math.log(2) for p in log_probs) / len(log_probs)
    return per_token * (len(log_probs) / len(text))


EXERCISE = Exercise(
    name="bits_per_character",
    lecture="04_tokenization",
    stars=1,
    title=_("The fair unit"),
    points=2,
    minutes=5,
    cases=cases,
    laws=(Law(NEGATIVE, below_0),),
    reference=bits_per_character,
    hints=(
        _("How many bits does the whole text need? And how many characters has it?"),
        _("Bits are minus the sum of the logarithms, divided by math.log(2)."),
        _("Return -sum(log_probs) / math.log(2) / len(text)."),
    ),
    right_variants=(with_numpy, from_bits_per_token),
    wrong_answers=(
        WrongAnswer(lambda log_probs, text: -sum(log_probs) / len(text), BASE),
        WrongAnswer(lambda log_probs, _text: bits(log_probs) / len(log_probs), LENGTH),
        WrongAnswer(lambda log_probs, text: bits(log_probs) / len(text.split()), LENGTH),
        WrongAnswer(lambda log_probs, text: bits(log_probs) / len(text.encode()), BYTES),
        WrongAnswer(lambda log_probs, text: -bits(log_probs) / len(text), NEGATIVE),
    ),
)
