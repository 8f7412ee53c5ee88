"""★ The chain rule: a text's log-probability is the sum over its tokens."""

import math
import random
from collections.abc import Sequence

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

LOG = _("A text of one token is as likely as that token: return its natural logarithm.")
SUM = _("Every further token makes a text less likely. Multiply all, so add all the logarithms.")
UNDERFLOW = _(
    "The product of 400 small numbers is 0 for a computer: first the logarithms, then add."
)
EMPTY = _("A text of no tokens has probability 1, the empty product, so its log-probability is 0.")


def cases(rng: random.Random) -> list[Case]:
    return [
        Case(([round(rng.uniform(0.05, 0.9), 3)],), LOG),
        Case(([round(rng.uniform(0.05, 0.9), 3) for _token in range(3)],), SUM),
        Case(([round(rng.uniform(0.001, 0.1), 4) for _token in range(400)],), UNDERFLOW),
        Case(([],), EMPTY),
    ]


def chain_rule_log_prob(conditionals: Sequence[float]) -> float:
    """(T,) probabilities of each token given all before it -> ln of their product."""
    return sum(math.log(p) for p in conditionals)


def with_numpy(conditionals: Sequence[float]) -> float:
    return float(np.log(conditionals).sum())


def with_a_loop(conditionals: Sequence[float]) -> float:
    total = 0.0
    for p in conditionals:
        total += math.log(p)
    return total


EXERCISE = Exercise(
    name="chain_rule_log_prob",
    lecture="01_ngrams",
    stars=1,
    title=_("A text's log-probability"),
    points=2,
    minutes=5,
    cases=cases,
    reference=chain_rule_log_prob,
    hints=(
        _("How likely is it that the first token comes, and then the second, and then the third?"),
        _("p(w1, w2, w3) = p(w1) p(w2 | w1) p(w3 | w1, w2). What does ln make of a product?"),
        _("Take math.log of each number in the list, and return the sum of these logarithms."),
    ),
    right_variants=(with_numpy, with_a_loop),
    wrong_answers=(
        WrongAnswer(lambda conditionals: math.prod(conditionals), LOG),
        WrongAnswer(lambda conditionals: sum(math.log2(p) for p in conditionals), LOG),
        WrongAnswer(lambda conditionals: float(np.mean(np.log(conditionals))), SUM),
        WrongAnswer(lambda conditionals: math.log(sum(conditionals)), SUM),
        WrongAnswer(lambda conditionals: math.log(math.prod(conditionals)), UNDERFLOW),
        WrongAnswer(lambda conditionals: math.log(np.prod(conditionals)), UNDERFLOW),
        WrongAnswer(
            lambda conditionals: math.log(conditionals[0]) + sum(map(math.log, conditionals[1:])),
            EMPTY,
        ),
    ),
)
