"""★ The recurrent loop with a state of one number."""

import itertools
import math
import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Numbers = Sequence[float]

FIRST = _("The state before the first input is 0, so the first state is tanh(w * x).")
MEMORY = _(
    "The second input is 0, and still the state is not: u times the state before comes in, and tanh"
    " comes last."
)
ALL = _("One state per input, in their order, each made from the state just before it.")


def cases(rng: random.Random) -> list[Case]:
    def some(n: int) -> list[float]:
        return [round(rng.uniform(-2, 2), 2) for _x in range(n)]

    w, u = (round(rng.uniform(0.6, 1.8), 2) for _weight in range(2))
    return [
        Case(([rng.choice([1.0, -1.0])], w, u), FIRST),
        Case(([1.5, 0.0], w, u), MEMORY),
        Case((some(7), -w, u), ALL),
        Case(([], w, u), ALL),
    ]


def rnn_states(inputs: Numbers, w: float, u: float) -> list[float]:
    """(T,) inputs -> (T,) states h_t = tanh(w x_t + u h_(t-1)), from h_0 = 0."""
    h, states = 0.0, []
    for x in inputs:
        h = math.tanh(w * x + u * h)
        states.append(h)
    return states


def with_accumulate(inputs: Numbers, w: float, u: float) -> list[float]:
    steps = itertools.accumulate(inputs, lambda h, x: math.tanh(w * x + u * h), initial=0.0)
    return list(steps)[1:]


def by_recursion(inputs: Numbers, w: float, u: float) -> list[float]:
    if not inputs:
        return []
    before = by_recursion(inputs[:-1], w, u)
    return [*before, math.tanh(w * inputs[-1] + u * (before[-1] if before else 0.0))]


def without_bending(inputs: Numbers, w: float, u: float) -> list[float]:
    return list(itertools.accumulate(inputs, lambda h, x: w * x + u * h, initial=0.0))[1:]


def bent_too_early(inputs: Numbers, w: float, u: float) -> list[float]:
    """tanh of the input's part alone."""
    steps = itertools.accumulate(inputs, lambda h, x: math.tanh(w * x) + u * h, initial=0.0)
    return list(steps)[1:]


EXERCISE = Exercise(
    name="rnn_states",
    lecture="05_rnn",
    stars=1,
    title=_("A memory of one number"),
    points=2,
    minutes=6,
    cases=cases,
    reference=rnn_states,
    hints=(
        _("Keep one variable h, which is 0 before the first input."),
        _("At each input: a new h from the old h and x. Note it in a list."),
        _("for x in inputs: h = math.tanh(w * x + u * h), then append h."),
    ),
    right_variants=(with_accumulate, by_recursion),
    wrong_answers=(
        WrongAnswer(without_bending, FIRST),
        WrongAnswer(lambda xs, w, u: rnn_states(xs, u, w), FIRST),
        WrongAnswer(lambda xs, w, _u: [math.tanh(w * x) for x in xs], MEMORY),
        WrongAnswer(bent_too_early, MEMORY),
        WrongAnswer(lambda xs, w, u: rnn_states(xs, w, u)[::-1], MEMORY),
        WrongAnswer(lambda xs, w, u: [0.0, *rnn_states(xs, w, u)][: len(xs)], FIRST),
        WrongAnswer(lambda xs, w, u: rnn_states(xs, abs(w), u), ALL),
    ),
)
