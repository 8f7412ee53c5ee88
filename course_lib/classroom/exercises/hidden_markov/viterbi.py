"""★★ Viterbi: the most probable path, found without trying them all."""

import itertools
import math
import random
from collections.abc import Callable, Iterable

from course_lib.classroom.compare import plain
from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.classroom.exercises.hidden_markov.forward import log, log_sum, logs
from course_lib.classroom.exercises.hidden_markov.tables import Row, Table, row, transposed
from course_lib.i18n import _

Args = tuple[Row, Table, Table]

FIRST = _("On the first day a state's score is log_start plus the emission of the day's word.")
GREEDY = _(
    "The best state of today may lie on no good path: keep the best path into EVERY state, and"
    " decide on the last day."
)
WHOLE = _(
    "Asked is the best path as a whole, not the most probable state of each day: take the maximum"
    " over the ways into a state, not their sum."
)
FROM = _("log_trans[i][j] leads from i, the row, to j, the column.")
EMPTY = _("A text of no words has a path of no states: [].")
BACKWARDS = _("Your path is right, but backwards: you found it from the last day to the first.")


def cases(rng: random.Random) -> list[Case]:
    first = [math.log(0.9), math.log(0.1)], logs([row(rng, 2), row(rng, 2)])
    whole = find(rng, 2, lambda args: [by_day(*args)])
    turned = find(rng, 3, lambda args: [viterbi_path(args[0], transposed(args[1]), args[2])])
    return [
        Case((*first, [[math.log(0.4), math.log(rng.uniform(0.45, 0.55))]]), FIRST),
        Case(find(rng, 2, lambda args: [greedy(*args)], same=by_day), GREEDY),
        Case(whole, WHOLE),
        Case(turned, FROM),
        Case((*first, []), EMPTY),
    ]


def find(
    rng: random.Random,
    n: int,
    others: Callable[[Args], list[list[int]]],
    same: Callable[..., list[int]] | None = None,
) -> Args:
    """A random model of `n` states and a text of 5 days whose best path is none of `others`.

    It reads differently backwards, and `same` finds it too. With two states the moves are
    symmetric, so that their direction cannot matter.
    """
    while True:
        stay = rng.uniform(0.6, 0.8)
        moves = [[stay, 1 - stay], [1 - stay, stay]] if n == 2 else [row(rng, n) for _i in range(n)]
        args = log(row(rng, n)), logs(moves), logs([row(rng, n) for _day in range(5)])
        path = viterbi_path(*args)
        wrong = [path[::-1], *others(args), *(other[::-1] for other in others(args))]
        if path not in wrong and (same is None or same(*args) == path):
            return args


def viterbi_path(log_start: Row, log_trans: Table, log_emit: Table) -> list[int]:
    """(Z,), (Z, Z) from-to, (T, Z) -> T states."""
    if not log_emit:
        return []
    states = range(len(log_start))
    best = [s + e for s, e in zip(log_start, log_emit[0], strict=True)]
    came_from = []
    for emit in log_emit[1:]:
        back = [max(states, key=lambda i: best[i] + log_trans[i][j]) for j in states]
        best = [best[i] + log_trans[i][j] + emit[j] for j, i in enumerate(back)]
        came_from.append(back)
    path = [max(states, key=lambda j: best[j])]
    for back in reversed(came_from):
        path.append(back[path[-1]])
    return path[::-1]


def whole_paths(log_start: Row, log_trans: Table, log_emit: Table) -> list[int]:
    """Each state keeps its best path itself instead of a way back."""
    paths: list[tuple[float, list[int]]] = [(s, []) for s in log_start]
    for t, emit in enumerate(log_emit):
        old = paths
        paths = []
        for j, e in enumerate(emit):
            ways = [(p + log_trans[i][j], way) for i, (p, way) in enumerate(old)] if t else [old[j]]
            score, way = max(ways)
            paths.append((score + e, [*way, j]))
    return max(paths)[1]


def all_paths(log_start: Row, log_trans: Table, log_emit: Table) -> list[int]:
    """Slow, but right."""

    def score(path: Iterable[int]) -> float:
        states = list(path)
        moves = sum(log_trans[i][j] for i, j in itertools.pairwise(states))
        start = log_start[states[0]] if states else 0.0
        return start + moves + sum(log_emit[t][s] for t, s in enumerate(states))

    return list(max(itertools.product(range(len(log_start)), repeat=len(log_emit)), key=score))


def greedy(log_start: Row, log_trans: Table, log_emit: Table) -> list[int]:
    """The best state of each day, given the state chosen for the day before."""
    path: list[int] = []
    for emit in log_emit:
        scores = [
            a + e for a, e in zip(log_trans[path[-1]] if path else log_start, emit, strict=True)
        ]
        path.append(scores.index(max(scores)))
    return path


def by_day(log_start: Row, log_trans: Table, log_emit: Table) -> list[int]:
    """The most probable state of each day, given the whole text."""
    states = range(len(log_start))
    alpha = [[s + e for s, e in zip(log_start, emit, strict=True)] for emit in log_emit[:1]]
    for emit in log_emit[1:]:
        alpha.append(
            [log_sum([alpha[-1][i] + log_trans[i][j] for i in states]) + emit[j] for j in states]
        )
    beta = [[0.0 for _state in states]]
    for emit in reversed(log_emit[1:]):
        beta.append(
            [log_sum([log_trans[i][j] + emit[j] + beta[-1][j] for j in states]) for i in states]
        )
    both = zip(alpha, reversed(beta), strict=False)
    return [max(states, key=lambda i: a[i] + b[i]) for a, b in both]


def is_backwards(result: object, *args: object) -> dict[str, float] | None:
    found = plain(result)
    return {} if found[::-1] == viterbi_path(*args) else None  # type: ignore[arg-type]


EXERCISE = Exercise(
    name="viterbi_path",
    lecture="02_hidden_markov",
    stars=2,
    title=_("The best path"),
    points=4,
    minutes=25,
    cases=cases,
    laws=(Law(BACKWARDS, is_backwards),),
    reference=viterbi_path,
    hints=(
        _("Like forward, with max for the sum. For each day and state note where it came from."),
        _("best[j] = max over i of best[i] + log_trans[i][j], plus emit[j]; keep that i."),
        _("At the end take the best state and follow the notes back; then turn the list round."),
    ),
    right_variants=(whole_paths, all_paths),
    wrong_answers=(
        WrongAnswer(lambda _start, t, e: viterbi_path([0.0] * 2, t, e), FIRST),
        WrongAnswer(greedy, GREEDY),
        WrongAnswer(by_day, WHOLE),
        WrongAnswer(lambda s, t, e: viterbi_path(s, transposed(t), e), FROM),
        WrongAnswer(lambda s, t, e: viterbi_path(s, t, e)[::-1], BACKWARDS),
        WrongAnswer(lambda s, t, e: viterbi_path(s, t, [e[0], *e[1:]]), EMPTY),
    ),
)
