"""★★ Temperature: one number between greedy and a uniform draw."""

import math
import random
from collections.abc import Sequence

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

SOFTMAX = _("At temperature 1 nothing is heated or cooled: the result is the softmax itself.")
DIVIDE = _("The temperature divides the logits, before they are exponentiated.")
SUM = _("The probabilities sum to {total:.3f}, not 1: what are they divided by?")
LARGE = _(
    "exp(3000) is more than a computer can write. Only differences of logits matter: which number"
    " can you subtract from all of them first?"
)
ZERO = _("As the temperature goes to 0 the likeliest token gets everything: at 0 it has it all.")
TIE = _("At 0 a single token is left, as in greedy decoding: among equals the first.")


def cases(rng: random.Random) -> list[Case]:
    def logits(n: int) -> list[float]:
        return [round(x + rng.uniform(0, 0.5), 2) for x in rng.sample(range(-2, 4), n)]

    return [
        Case((logits(3), 1.0), SOFTMAX),
        Case((logits(4), rng.choice([0.5, 0.7, 2.0])), DIVIDE),
        Case(([300 + z for z in logits(4)], 0.1), LARGE),
        Case((logits(4), 0.0), ZERO),
        Case(([-1.0, 2.0, 0.5, 2.0], 0.0), TIE),
    ]


def heated_probs(logits: Sequence[float], t: float) -> list[float]:
    """softmax(logits / t); for t = 0 its limit, a 1 at the first largest logit."""
    best = max(logits)
    if t == 0:
        return [float(i == list(logits).index(best)) for i in range(len(logits))]
    weights = [math.exp((z - best) / t) for z in logits]
    return [w / sum(weights) for w in weights]


def with_numpy(logits: Sequence[float], t: float) -> np.ndarray:
    z = np.asarray(logits, dtype=float)
    if t == 0:
        return np.asarray(np.eye(len(z))[z.argmax()])
    weights = np.exp((z - z.max()) / t)
    return np.asarray(weights / weights.sum())


def by_powers(logits: Sequence[float], t: float) -> list[float]:
    """p ** (1 / t), made to sum to 1 again: the same thing, said of probabilities."""
    if t == 0:
        return heated_probs(logits, 0)
    p = heated_probs(logits, 1)
    return [x ** (1 / t) / sum(y ** (1 / t) for y in p) for x in p]


def without_softmax(logits: Sequence[float], t: float) -> list[float]:
    return [z / t / sum(x / t for x in logits) for z in logits]


def powers_upside_down(logits: Sequence[float], t: float) -> list[float]:
    p = heated_probs(logits, 1)
    return [x**t / sum(y**t for y in p) for x in p]


def plain_exp(logits: Sequence[float], t: float) -> list[float]:
    if t == 0:
        return heated_probs(logits, 0)
    return [math.exp(z / t) / sum(math.exp(x / t) for x in logits) for z in logits]


def shared_by_equals(logits: Sequence[float], t: float) -> list[float]:
    if t > 0:
        return heated_probs(logits, t)
    return [float(z == max(logits)) / list(logits).count(max(logits)) for z in logits]


def _total(found: Sequence[float], *_args: object) -> dict[str, float] | None:
    total = float(sum(found))
    return None if abs(total - 1) < 1e-6 else {"total": total}


EXERCISE = Exercise(
    name="heated_probs",
    lecture="09_decoding",
    stars=2,
    title=_("Temperature"),
    points=4,
    minutes=12,
    cases=cases,
    laws=(Law(SUM, _total),),
    reference=heated_probs,
    hints=(
        _("Divide every logit by t; then softmax, as in lecture 03."),
        _("Subtract the largest logit first: no result changes, and exp stays at most 1."),
        _("[exp((z - best) / t) for z in logits], divided by its sum; treat t = 0 apart."),
    ),
    right_variants=(with_numpy, by_powers),
    wrong_answers=(
        WrongAnswer(without_softmax, SOFTMAX),
        WrongAnswer(lambda z, t: [math.exp(x / (t or 1)) for x in z], SUM),
        WrongAnswer(lambda z, t: [p / t for p in heated_probs(z, 1)], SUM),
        WrongAnswer(lambda z, _t: heated_probs(z, 1), DIVIDE),
        WrongAnswer(lambda z, t: heated_probs([x * t for x in z], 1), DIVIDE),
        WrongAnswer(powers_upside_down, DIVIDE),
        WrongAnswer(plain_exp, LARGE),
        WrongAnswer(lambda z, t: heated_probs(z, t) if t > 0 else [1 / len(z)] * len(z), ZERO),
        WrongAnswer(lambda z, t: heated_probs(z, 1 / (1 / t)), ZERO),
        WrongAnswer(shared_by_equals, TIE),
    ),
)
