"""★★ One step of the forward algorithm, in logarithms."""

import math
import random
from collections.abc import Callable

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.classroom.exercises.hidden_markov.tables import Row, Table, row, transposed
from course_lib.i18n import _

SUM = _(
    "One may come to a state from each of the states: add up these PROBABILITIES. The sum of two"
    " logarithms is a product, and the largest of them is Viterbi's question."
)
FROM = _("log_trans[i][j] leads from i, the row, to j, the column: to arrive in j take column j.")
EMIT = _("Having arrived in j, the state emits today's word: one more factor, so one more term.")
UNDERFLOW = _(
    "exp of -5,000 is 0 for a computer. Take the largest out before exp, and put it back after log."
)
IMPOSSIBLE = _(
    "No way leads to one of the states: its logarithm is -inf. Mind -inf - (-inf), which is NaN."
)


def cases(rng: random.Random) -> list[Case]:
    stay = rng.uniform(0.6, 0.9)
    even = logs([[stay, 1 - stay], [1 - stay, stay]])
    trans = logs([row(rng, 3) for _state in range(3)])
    alpha, emit = log(row(rng, 3)), log(row(rng, 3))
    deep = [a - rng.randint(4000, 6000) for a in alpha]
    closed = [[moves[0], -math.inf, moves[2]] for moves in trans]
    return [
        Case((log(row(rng, 2)), even, [0.0, 0.0]), SUM),
        Case((alpha, trans, [0.0, 0.0, 0.0]), FROM),
        Case((alpha, trans, emit), EMIT),
        Case((deep, trans, emit), UNDERFLOW),
        Case((alpha, closed, emit), IMPOSSIBLE),
    ]


def log(probs: Row) -> Row:
    return [math.log(p) for p in probs]


def logs(table: Table) -> Table:
    return [log(probs) for probs in table]


def log_sum(values: Row) -> float:
    """log of the sum of exp of each value, without underflow; -inf if all are."""
    top = max(values)
    if top == -math.inf:
        return top
    return top + math.log(sum(math.exp(value - top) for value in values))


def forward_step(log_alpha: Row, log_trans: Table, log_emit: Row) -> Row:
    """(Z,) logarithms of one day -> (Z,) of the next, whose word has `log_emit` (Z,)."""
    columns = zip(*log_trans, strict=True)
    arrive = [log_sum([a + m for a, m in zip(log_alpha, into, strict=True)]) for into in columns]
    return [a + e for a, e in zip(arrive, log_emit, strict=True)]


def with_numpy(log_alpha: Row, log_trans: Table, log_emit: Row) -> np.ndarray:
    scores = np.asarray(log_alpha)[:, None] + np.asarray(log_trans)
    return np.asarray(np.logaddexp.reduce(scores, axis=0) + np.asarray(log_emit))


def one_pair_after_the_other(log_alpha: Row, log_trans: Table, log_emit: Row) -> Row:
    result = []
    for j, emit in enumerate(log_emit):
        total = -math.inf
        for i, a in enumerate(log_alpha):
            total = float(np.logaddexp(total, a + log_trans[i][j]))
        result.append(total + emit)
    return result


def with_sum(combine: Callable[[Row], float]) -> Callable[[Row, Table, Row], Row]:
    """The step with another way to combine the ways into a state."""

    def step(log_alpha: Row, log_trans: Table, log_emit: Row) -> Row:
        ways = [
            [a + m for a, m in zip(log_alpha, into, strict=True)]
            for into in zip(*log_trans, strict=True)
        ]
        return [combine(way) + e for way, e in zip(ways, log_emit, strict=True)]

    return step


def nan_for_impossible(values: Row) -> float:
    top = max(values)
    return top + math.log(sum(math.exp(value - top) for value in values))


EXERCISE = Exercise(
    name="forward_step",
    lecture="02_hidden_markov",
    stars=2,
    title=_("One step of forward, in logarithms"),
    points=4,
    minutes=15,
    cases=cases,
    reference=forward_step,
    hints=(
        _("In probabilities: new[j] = sum over i of alpha[i] * trans[i][j], times emit[j]."),
        _("Each product is a sum of logarithms. For the sum: m + log(sum of exp(x - m)), m = max."),
        _("ways = [log_alpha[i] + log_trans[i][j] for i …]; their log-sum-exp, plus log_emit[j]."),
    ),
    right_variants=(with_numpy, one_pair_after_the_other),
    wrong_answers=(
        WrongAnswer(with_sum(max), SUM),
        WrongAnswer(with_sum(sum), SUM),
        WrongAnswer(lambda a, trans, e: forward_step(a, transposed(trans), e), FROM),
        WrongAnswer(lambda a, trans, _emit: forward_step(a, trans, [0.0] * len(a)), EMIT),
        WrongAnswer(
            lambda a, trans, e: forward_step(
                [x + y for x, y in zip(a, e, strict=True)], trans, [0.0] * len(a)
            ),
            EMIT,
        ),
        WrongAnswer(with_sum(lambda ways: math.log(sum(map(math.exp, ways)))), UNDERFLOW),
        WrongAnswer(with_sum(nan_for_impossible), IMPOSSIBLE),
    ),
)
