"""★★ Constrained decoding: only words from which the answer can still be finished."""

import random
from collections.abc import Mapping, Sequence

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Moves = Mapping[str, Mapping[str, str]]
Probs = dict[str, float]

END = "</s>"

ALLOWED = _("Only words that lead from this state to another one are kept.")
SUM = _("What is kept sums to {total:.3f}: divide by that, so that it is a distribution again.")
FINISH = _("</s> is allowed where the answer may end, and only there.")
DEAD = _(
    "A word that leads into a dead end is not allowed: from the state behind it, no state where"
    " the answer may end can be reached."
)
FAR = _("A dead end may be several words away, or a circle: follow all moves from there.")


def cases(rng: random.Random) -> list[Case]:
    def probs(*words: str) -> Probs:
        raw = [rng.uniform(0.5, 2) for _word in words]
        return {word: round(x / sum(raw), 4) for word, x in zip(words, raw, strict=True)}

    chain = {"open": {"{": "key"}, "key": {"topic": "close", "stars": "close"}, "close": {}}
    may_end = {"a": {"1": "a", "2": "b"}, "b": {}}
    loop = {"a": {"1": "a"}}
    dead = {"a": {"x": "b", "y": "pit"}, "b": {}, "pit": {}}
    circle = {"b": {}, "c": {"x": "east"}, "east": {"x": "west"}, "west": {"x": "east"}}
    way = {"d": {"x": "f", "w": "c"}, "f": {"y": "h"}, "h": {"x": "i"}, "i": {"x": "j"}}
    far = {"a": {"x": "b", "y": "c", "z": "d"}, **circle, **way, "j": {"y": "b"}}
    forced: Moves = {"a": {"1": "c", "2": "b"}, "b": {}, "c": {}}
    key, pair = probs("topic", "stars", "{"), probs("1", "2", "3", END)
    return [
        Case((key, chain, ["close"], "key"), ALLOWED),
        Case((pair, may_end, ["a", "b"], "a"), FINISH),
        Case((probs("1", "2", END), forced, ["b", "c"], "a"), FINISH),
        Case((probs("1", "2"), loop, ["a"], "a"), FINISH),
        Case((probs("x", "y", "z"), dead, ["b"], "a"), DEAD),
        Case((probs("x", "y", "z", END), far, ["b"], "a"), FAR),
    ]


def allowed_probs(
    probs: Mapping[str, float], moves: Moves, final: Sequence[str], state: str
) -> Probs:
    """The probabilities of the words after which the answer can still be finished."""
    alive = set(final)
    while True:
        found = {s for s in moves if alive & set(moves[s].values())}
        if found <= alive:
            break
        alive |= found
    kept = {w: p for w, p in probs.items() if moves[state].get(w) in alive}
    if state in final and END in probs:
        kept[END] = probs[END]
    return share(kept)


def share(kept: Mapping[str, float]) -> Probs:
    return {word: p / sum(kept.values()) for word, p in kept.items()}


def by_searching(
    probs: Mapping[str, float], moves: Moves, final: Sequence[str], state: str
) -> Probs:
    """For each word a search of its own, that remembers where it has been."""

    def can_end(start: str) -> bool:
        waiting, been = [start], {start}
        while waiting:
            here = waiting.pop()
            if here in final:
                return True
            new = [s for s in moves[here].values() if s not in been]
            been.update(new)
            waiting += new
        return False

    kept = {}
    for word, p in probs.items():
        row = moves[state]
        if (word == END and state in final) or (word in row and can_end(row[word])):
            kept[word] = p
    return share(kept)


def by_powers(probs: Mapping[str, float], moves: Moves, final: Sequence[str], state: str) -> Probs:
    """Reachability as a matrix: as many steps as there are states are enough."""
    import numpy as np

    place = {s: i for i, s in enumerate(moves)}
    step = np.eye(len(moves))
    for s, row in moves.items():
        step[place[s], [place[other] for other in row.values()]] = 1
    reach = np.linalg.matrix_power(step, len(moves))
    ends = {t: any(reach[i][place[s]] for s in final) for t, i in place.items()}
    kept = {w: p for w, p in probs.items() if w in moves[state] and ends[moves[state][w]]}
    return share(kept | ({END: probs[END]} if state in final and END in probs else {}))


def one_step(
    probs: Mapping[str, float], moves: Moves, final: Sequence[str], state: str, n_steps: int = 1
) -> Probs:
    """Looks only so many words ahead."""
    alive = set(final)
    for _step in range(n_steps - 1):
        alive |= {s for s in moves if alive & set(moves[s].values())}
    kept = {w: p for w, p in probs.items() if moves[state].get(w) in alive}
    return share(kept | ({END: probs[END]} if state in final and END in probs else {}))


def not_stuck(probs: Mapping[str, float], moves: Moves, final: Sequence[str], state: str) -> Probs:
    """A state counts as good if it has any move at all."""
    good = {s for s in moves if moves[s]} | set(final)
    kept = {w: p for w, p in probs.items() if moves[state].get(w) in good}
    return share(kept | ({END: probs[END]} if state in final and END in probs else {}))


def any_move(probs: Mapping[str, float], moves: Moves, final: Sequence[str], state: str) -> Probs:
    kept = {w: p for w, p in probs.items() if w in moves[state]}
    return share(kept | ({END: probs[END]} if state in final and END in probs else {}))


def never_ends(probs: Mapping[str, float], moves: Moves, final: Sequence[str], state: str) -> Probs:
    return share({w: p for w, p in allowed_probs(probs, moves, final, state).items() if w != END})


def always_ends(
    probs: Mapping[str, float], moves: Moves, final: Sequence[str], state: str
) -> Probs:
    """The end mark is left in, whatever the state."""
    words = [w for w in allowed_probs(probs, moves, final, state) if w != END]
    return share({w: probs[w] for w in [*words, END] if w in probs})


def known_words(probs: Mapping[str, float], moves: Moves, _final: Sequence[str], _s: str) -> Probs:
    """Whatever occurs anywhere in the moves."""
    return share({w: p for w, p in probs.items() if any(w in row for row in moves.values())})


def not_shared_out(probs: Mapping[str, float], moves: Moves, final: Sequence[str], s: str) -> Probs:
    return {w: probs[w] for w in allowed_probs(probs, moves, final, s)}


def _total(found: Mapping[str, float], *_args: object) -> dict[str, float] | None:
    total = sum(found.values())
    return None if abs(total - 1) < 1e-6 else {"total": total}


EXERCISE = Exercise(
    name="allowed_probs",
    lecture="14_prompting",
    stars=2,
    title=_("Only what can still be finished"),
    points=4,
    minutes=20,
    cases=cases,
    laws=(Law(SUM, _total),),
    reference=allowed_probs,
    hints=(
        _("Two questions: which words may come at all, and can one still finish after them?"),
        _("Begin with the final states; add states that lead into the set, until none is new."),
        _("alive |= {s for s in moves if alive & set(moves[s].values())}, again and again."),
    ),
    right_variants=(by_searching, by_powers),
    wrong_answers=(
        WrongAnswer(lambda p, _m, _f, _s: dict(p), ALLOWED),
        WrongAnswer(known_words, ALLOWED),
        WrongAnswer(lambda p, m, _f, s: {w: p[w] for w in p if w in m[s]}, SUM),
        WrongAnswer(not_shared_out, SUM),
        WrongAnswer(never_ends, FINISH),
        WrongAnswer(always_ends, FINISH),
        WrongAnswer(any_move, DEAD),
        WrongAnswer(one_step, FAR),
        WrongAnswer(lambda p, m, f, s: one_step(p, m, f, s, 2), FAR),
        WrongAnswer(not_stuck, FAR),
    ),
)
