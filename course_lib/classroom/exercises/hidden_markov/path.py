"""★ One path: begin, emit, then again and again move and emit."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.classroom.exercises.hidden_markov.tables import Row, Table, model, text, transposed
from course_lib.i18n import _

FIRST = _(
    "The first day: how probable is its state as a start, and then, how probable is its word in"
    " that state? No move comes before it."
)
MOVE = _(
    "Each further day has two factors: a move from yesterday's state (row) to today's (column), and"
    " the emission of today's word by today's state."
)
EVERY = _("Every day counts, and each move starts where the path was the day before.")


def cases(rng: random.Random) -> list[Case]:
    start, trans, emit = model(rng, 3, 4)
    path = rng.sample(range(3), 3)
    return [
        Case((path[:1], text(rng, 1, 4), start, trans, emit), FIRST),
        Case((path[:2], text(rng, 2, 4), start, trans, emit), MOVE),
        Case((path + path, text(rng, 6, 4), start, trans, emit), EVERY),
    ]


def path_probability(
    path: Sequence[int], words: Sequence[int], start: Row, trans: Table, emit: Table
) -> float:
    """p(path, words): T states and T words -> number."""
    p = start[path[0]] * emit[path[0]][words[0]]
    for t in range(1, len(path)):
        p *= trans[path[t - 1]][path[t]] * emit[path[t]][words[t]]
    return p


def as_two_products(
    path: Sequence[int], words: Sequence[int], start: Row, trans: Table, emit: Table
) -> float:
    moves = math.prod(trans[i][j] for i, j in pairwise(path))
    return start[path[0]] * moves * math.prod(emit[s][w] for s, w in zip(path, words, strict=True))


def in_logarithms(
    path: Sequence[int], words: Sequence[int], start: Row, trans: Table, emit: Table
) -> float:
    total = math.log(start[path[0]])
    for t, (state, word) in enumerate(zip(path, words, strict=True)):
        total += math.log(emit[state][word])
        total += math.log(trans[path[t - 1]][state]) if t else 0
    return math.exp(total)


def always_from_the_first(
    path: Sequence[int], words: Sequence[int], start: Row, trans: Table, emit: Table
) -> float:
    p = start[path[0]] * emit[path[0]][words[0]]
    for state, word in zip(path[1:], words[1:], strict=True):
        p *= trans[path[0]][state] * emit[state][word]
    return p


EXERCISE = Exercise(
    name="path_probability",
    lecture="02_hidden_markov",
    stars=1,
    title=_("The probability of one path"),
    points=2,
    minutes=10,
    cases=cases,
    reference=path_probability,
    tolerance=1e-9,  # products of probabilities: a wrong one may differ by less than 1e-7
    hints=(
        _("Walk along the path with a finger. What happens on the first day, what on each other?"),
        _("Day 1: start and emission. Every other day: a move, which needs two states, and one."),
        _("p = start[s0] * emit[s0][w0]; then p *= trans[before][now] * emit[now][word]."),
    ),
    right_variants=(as_two_products, in_logarithms),
    wrong_answers=(
        WrongAnswer(lambda p, w, _start, *rest: path_probability(p, w, [1] * 9, *rest), FIRST),
        WrongAnswer(lambda p, w, s, t, e: math.log(path_probability(p, w, s, t, e)), FIRST),
        WrongAnswer(lambda p, w, s, t, e: path_probability(p, w, s, transposed(t), e), MOVE),
        WrongAnswer(lambda p, w, s, t, e: path_probability(p[:1], w[:1], s, t, e), MOVE),
        WrongAnswer(
            lambda p, w, s, _trans, e: math.prod(
                s[i] * e[i][word] for i, word in zip(p, w, strict=True)
            ),
            MOVE,
        ),
        WrongAnswer(always_from_the_first, EVERY),
        WrongAnswer(lambda p, w, s, t, e: path_probability(p[:2], w[:2], s, t, e), EVERY),
    ),
)
