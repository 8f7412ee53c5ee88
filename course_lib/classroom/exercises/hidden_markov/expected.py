"""★★★ The E step of Baum-Welch: how often is each move expected to have happened?"""

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from course_lib.classroom.compare import plain
from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.classroom.exercises.hidden_markov.forward import log, logs
from course_lib.classroom.exercises.hidden_markov.path import path_probability
from course_lib.classroom.exercises.hidden_markov.tables import Row, Table, model, text, transposed
from course_lib.classroom.exercises.hidden_markov.viterbi import viterbi_path
from course_lib.i18n import _

WEIGHT = _(
    "With two words each path is a single move: its expected count is the path's share of p(text),"
    " the sum over all paths."
)
SIDES = _(
    "A move stands between what came before it and what comes after it, and both are evidence:"
    " alpha on its left, beta on its right."
)
NONE = _("A text of one word has no move at all: every expected count is 0.")
TOTAL = _("The counts sum to {total:.3f}, but every path of this text has {n} move(s).")


def cases(rng: random.Random) -> list[Case]:
    two, three = model(rng, 2, 3), model(rng, 3, 3)
    return [
        Case((text(rng, 2, 3), *two), WEIGHT),
        Case((text(rng, 2, 3), *three), WEIGHT),
        Case((text(rng, 3, 3), *two), SIDES),
        Case((text(rng, 6, 3), *three), SIDES),
        Case((text(rng, 1, 3), *two), NONE),
    ]


def expected_moves(words: Sequence[int], start: Row, trans: Table, emit: Table) -> Table:
    """T words -> (Z, Z) from-to: sum over t of alpha_t(i) A_ij B_j(w_t+1) beta_t+1(j) / p(text)."""
    states = range(len(start))
    alpha = [[start[i] * emit[i][words[0]] for i in states]]
    for w in words[1:]:
        arrive = (sum(alpha[-1][i] * trans[i][j] for i in states) for j in states)
        alpha.append([p * emit[j][w] for j, p in enumerate(arrive)])
    beta = [[1.0 for _state in states]]
    for w in reversed(words[1:]):
        after = beta[0]
        beta.insert(0, [sum(trans[i][j] * emit[j][w] * after[j] for j in states) for i in states])
    steps = list(zip(alpha, words[1:], beta[1:], strict=False))
    return [
        [
            sum(a[i] * trans[i][j] * emit[j][w] * b[j] for a, w, b in steps) / sum(alpha[-1])
            for j in states
        ]
        for i in states
    ]


def over_all_paths(words: Sequence[int], start: Row, trans: Table, emit: Table) -> np.ndarray:
    """Count on every path, each with its share as its weight."""
    counts = np.zeros((len(start), len(start)))
    total = 0.0
    for path in itertools.product(range(len(start)), repeat=len(words)):
        p = path_probability(path, words, start, trans, emit)
        total += p
        for move in itertools.pairwise(path):
            counts[move] += p
    return counts / total


def with_matrices(words: Sequence[int], start: Row, trans: Table, emit: Table) -> np.ndarray:
    """One day after the other, each normalised by itself."""
    counts = np.zeros((len(start), len(start)))
    for joint in moves(words, start, trans, emit):
        counts += joint / joint.sum()
    return counts


def moves(
    words: Sequence[int],
    start: Row,
    trans: Table,
    emit: Table,
    *,
    past: bool = True,
    future: bool = True,
    word: bool = True,
) -> Iterator[np.ndarray]:
    """p(move i to j on day t, text) for each t, (Z, Z); without one of its parts if so asked."""
    a, b = np.asarray(trans), np.asarray(emit)
    alpha = np.asarray(start) * b[:, words[0]]
    for t in range(1, len(words)):
        beta = np.ones(len(start))
        for later in reversed(words[t + 1 :]):
            beta = a @ (b[:, later] * beta)
        right = (b[:, words[t]] if word else 1.0) * (beta if future else np.ones(len(start)))
        left = alpha if past else np.asarray(start) * b[:, words[t - 1]]
        yield left[:, None] * a * right
        alpha = (alpha @ a) * b[:, words[t]]


def without(part: str, words: Sequence[int], start: Row, trans: Table, emit: Table) -> np.ndarray:
    counts = np.zeros((len(start), len(start)))
    for joint in moves(words, start, trans, emit, **{part: False}):
        counts += joint / joint.sum()
    return counts


def not_divided(words: Sequence[int], start: Row, trans: Table, emit: Table) -> np.ndarray:
    return sum(moves(words, start, trans, emit), np.zeros((len(start), len(start))))


def on_the_best_path(words: Sequence[int], start: Row, trans: Table, emit: Table) -> np.ndarray:
    counts = np.zeros((len(start), len(start)))
    rows = [[emit[i][w] for i in range(len(start))] for w in words]
    for move in itertools.pairwise(viterbi_path(log(start), logs(trans), logs(rows))):
        counts[move] += 1
    return counts


def never_none(words: Sequence[int], start: Row, trans: Table, emit: Table) -> np.ndarray:
    counts = with_matrices(words, start, trans, emit)
    return counts if counts.sum() else counts + np.outer(start, start)


def wrong_total(result: object, words: Sequence[int], *_args: object) -> dict[str, float] | None:
    total = math.fsum(value for row in plain(result) for value in plain(row))
    n = len(words) - 1
    return {"total": total, "n": n} if n and abs(total - n) > 1e-6 else None


EXERCISE = Exercise(
    name="expected_moves",
    lecture="02_hidden_markov",
    stars=3,
    title=_("Expected counts"),
    points=6,
    minutes=35,
    cases=cases,
    laws=(Law(TOTAL, wrong_total),),
    reference=expected_moves,
    hints=(
        _("The slow way first: every path, its probability, its moves. Then divide by p(text)."),
        _("Fast: alpha (from the left) and beta (from the right) replace the sums over the paths."),
        _(
            "Add up, for all t, alpha[t][i] * trans[i][j] * emit[j][words[t + 1]] * beta[t + 1][j];"
            " divide by p(text)."
        ),
    ),
    right_variants=(over_all_paths, with_matrices),
    wrong_answers=(
        WrongAnswer(not_divided, TOTAL),
        WrongAnswer(on_the_best_path, WEIGHT),
        WrongAnswer(partial(without, "word"), WEIGHT),
        WrongAnswer(lambda w, s, t, e: transposed(expected_moves(w, s, t, e)), WEIGHT),
        WrongAnswer(partial(without, "future"), SIDES),
        WrongAnswer(partial(without, "past"), SIDES),
        WrongAnswer(never_none, NONE),
    ),
)
