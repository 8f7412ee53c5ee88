"""★ Context windows: every word with each of its neighbours."""

import random
from collections.abc import Sequence
from typing import Any

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Pairs = list[tuple[str, str]]
WORDS = ["we", "swam", "to", "the", "other", "bank", "of", "a", "wide", "river"]

BOTH = _("A word's neighbours stand on both sides of it, as far as the text goes.")
EVERY = _(
    "Every word at most `window` places away is a neighbour. Mind the first words: in Python an"
    " index below 0 counts from the end."
)
SAME = _("Leave out the centre's own place, not its word: the same word may stand beside it again.")
TURNED = _("Pair {n} is turned round: the centre comes first, then its neighbour.")


def cases(rng: random.Random) -> list[Case]:
    words = rng.sample(WORDS, 6)
    return [
        Case((words[:3], 1), BOTH),
        Case((words, rng.choice([2, 3])), EVERY),
        Case(([words[0], words[1], words[1], words[2]], 1), SAME),
        Case((words[:4], 9), EVERY),
        Case((words[:1], 2), BOTH),
    ]


def turned_round(result: Sequence[Any], *args: Any) -> dict[str, int] | None:
    due = skip_gram_pairs(*args)
    turned = [tuple(pair)[::-1] for pair in result]
    wrong = next((i for i, pair in enumerate(turned) if pair[::-1] != due[i]), 0)
    return {"n": wrong + 1} if turned == due else None


def skip_gram_pairs(words: Sequence[str], window: int) -> Pairs:
    """(T,) words -> (centre, neighbour) for all places at most `window` apart, in order."""
    pairs = []
    for i, centre in enumerate(words):
        for j in range(max(0, i - window), min(len(words), i + window + 1)):
            if j != i:
                pairs.append((centre, words[j]))
    return pairs


def with_slices(words: Sequence[str], window: int) -> Pairs:
    pairs = []
    for i, centre in enumerate(words):
        around = [*words[max(0, i - window) : i], *words[i + 1 : i + 1 + window]]
        pairs += [(centre, word) for word in around]
    return pairs


def over_all_places(words: Sequence[str], window: int) -> Pairs:
    places = range(len(words))
    return [(words[i], words[j]) for i in places for j in places if 0 < abs(i - j) <= window]


def without_max(words: Sequence[str], window: int) -> Pairs:
    pairs = []
    for i, centre in enumerate(words):
        around = [*words[i - window : i], *words[i + 1 : i + 1 + window]]
        pairs += [(centre, word) for word in around]
    return pairs


EXERCISE = Exercise(
    name="skip_gram_pairs",
    lecture="03_word2vec",
    stars=1,
    title=_("Windows of context"),
    points=2,
    minutes=8,
    cases=cases,
    laws=(Law(TURNED, turned_round),),
    reference=skip_gram_pairs,
    hints=(
        _("Two loops: the outer one over the centre's place, the inner one over places near it."),
        _("Which is the first place of the window around place i, and which the last?"),
        _("Let j go from max(0, i - window) to min(T - 1, i + window) and leave out j = i."),
    ),
    right_variants=(with_slices, over_all_places),
    wrong_answers=(
        WrongAnswer(lambda w, n: [(a, b) for i, a in enumerate(w) for b in w[i + 1 :][:n]], BOTH),
        WrongAnswer(lambda w, n: [(a, w[i - n]) for i, a in enumerate(w) if n], BOTH),
        WrongAnswer(without_max, EVERY),
        WrongAnswer(lambda words, _window: skip_gram_pairs(words, 1), EVERY),
        WrongAnswer(
            lambda words, window: [(a, b) for a, b in skip_gram_pairs(words, window) if a != b],
            SAME,
        ),
        WrongAnswer(
            lambda words, window: [p[::-1] for p in skip_gram_pairs(words, window)], TURNED
        ),
    ),
)
