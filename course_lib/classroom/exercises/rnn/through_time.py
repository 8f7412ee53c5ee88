"""★★ Back-propagation through time with a state of one number."""

import math
import random
from collections.abc import Sequence

import torch

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.classroom.exercises.rnn.states import rnn_states
from course_lib.i18n import _

Numbers = Sequence[float]

LAST = _(
    "Two inputs: h_1 does not depend on u, because h_0 = 0. Only the last step counts: the slope of"
    " tanh there, 1 - h_2 ** 2, times what u multiplied, h_1."
)
EARLIER = _(
    "Earlier steps use u as well. Walk back: the derivative by the state before is the slope of"
    " tanh times u times the derivative by the state after."
)


def cases(rng: random.Random) -> list[Case]:
    def some(n: int) -> list[float]:
        return [round(rng.choice([-1, 1]) * rng.uniform(0.3, 0.9), 2) for _x in range(n)]

    w, u = (round(rng.uniform(0.6, 1.4), 2) for _weight in range(2))
    return [
        Case((some(2), w, u), LAST),
        Case((some(3), w, u), EARLIER),
        Case((some(6), -w, u), EARLIER),
    ]


def recurrent_gradient(inputs: Numbers, w: float, u: float) -> float:
    """dL/du for L = h_T, h_t = tanh(w x_t + u h_(t-1)) and h_0 = 0. (T,), T >= 1 -> number."""
    h = [0.0, *rnn_states(inputs, w, u)]
    d_h, d_u = 1.0, 0.0
    for t in range(len(inputs), 0, -1):
        d_a = d_h * (1 - h[t] ** 2)
        d_u += d_a * h[t - 1]
        d_h = d_a * u
    return d_u


def by_autograd(inputs: Numbers, w: float, u: float) -> float:
    leaf = torch.tensor(u, dtype=torch.float64, requires_grad=True)
    h = 0 * leaf
    for x in inputs:
        h = torch.tanh(w * x + leaf * h)
    h.backward()
    assert leaf.grad is not None
    return float(leaf.grad)


def forwards(inputs: Numbers, w: float, u: float) -> float:
    """The derivative of each state, carried along from the first to the last."""
    h, d_u = 0.0, 0.0
    for x in inputs:
        before = h
        h = math.tanh(w * x + u * h)
        d_u = (1 - h**2) * (before + u * d_u)
    return d_u


def walk(
    inputs: Numbers, w: float, u: float, *, slope_back: bool = True, factor_back: bool = True
) -> float:
    """The right walk, but for one factor that may be forgotten on the way back."""
    h = [0.0, *rnn_states(inputs, w, u)]
    d_h, d_u = 1.0, 0.0
    for t in range(len(inputs), 0, -1):
        slope = 1 - h[t] ** 2
        d_u += d_h * slope * h[t - 1]
        d_h *= (slope if slope_back else 1.0) * (u if factor_back else 1.0)
    return d_u


def last_step_only(inputs: Numbers, w: float, u: float) -> float:
    h = [0.0, *rnn_states(inputs, w, u)]
    return (1 - h[-1] ** 2) * h[-2]


def without_slopes(inputs: Numbers, w: float, u: float) -> float:
    h = [0.0, *rnn_states(inputs, w, u)]
    return sum(u**k * before for k, before in enumerate(reversed(h[:-1])))


def by_the_state_after(inputs: Numbers, w: float, u: float) -> float:
    h = [0.0, *rnn_states(inputs, w, u)]
    return (1 - h[-1] ** 2) * h[-1] + u * (1 - h[-1] ** 2) * (1 - h[-2] ** 2) * h[-2]


def average_of_steps(inputs: Numbers, w: float, u: float) -> float:
    return recurrent_gradient(inputs, w, u) / len(inputs)


EXERCISE = Exercise(
    name="recurrent_gradient",
    lecture="05_rnn",
    stars=2,
    title=_("Back-propagation through time"),
    points=4,
    minutes=20,
    cases=cases,
    reference=recurrent_gradient,
    hints=(
        _("First forwards: keep all states in a list, h_0 = 0 included."),
        _("Then backwards with d_h = 1. Each step: d_a = d_h * slope; add d_a * h before to d_u."),
        _("Before the next step back: d_h = d_a * u. The slope of tanh is 1 - h[t] ** 2."),
    ),
    right_variants=(by_autograd, forwards),
    wrong_answers=(
        WrongAnswer(without_slopes, LAST),
        WrongAnswer(by_the_state_after, LAST),
        WrongAnswer(average_of_steps, LAST),
        WrongAnswer(lambda xs, w, u: -recurrent_gradient(xs, w, u), LAST),
        WrongAnswer(last_step_only, EARLIER),
        WrongAnswer(lambda xs, w, u: walk(xs, w, u, slope_back=False), EARLIER),
        WrongAnswer(lambda xs, w, u: walk(xs, w, u, factor_back=False), EARLIER),
    ),
)
