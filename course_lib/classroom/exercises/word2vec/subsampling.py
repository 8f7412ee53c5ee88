"""★★ Subsampling: the more frequent a word, the more of it is dropped."""

import math
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Counts = Mapping[str, int]
Probs = dict[str, float]

FORMULA = _("In a text of one single word its share f is 1: keep sqrt(t) + t of it, drop the rest.")
ABOVE_1 = _("{word} is kept with probability {p:.2f}: a probability is never above 1.")
THRESHOLD = _("Texts differ, and so do thresholds: use the argument.")
SHARE = _("f is a word's count divided by the counts of all words together.")


def cases(rng: random.Random) -> list[Case]:
    the, river = rng.randint(300, 500), rng.randint(20, 60)
    many = {"the": the, "a": the // 2, "river": river, "bank": river // 2, "eel": 1}
    return [
        Case(({"the": the}, 0.001), FORMULA),
        Case((many, 0.001), SHARE),
        Case((many, rng.choice([0.003, 0.005])), THRESHOLD),
        Case((many, 0.05), THRESHOLD),
    ]


def is_above_1(result: Mapping[str, float], *_args: Any) -> dict[str, Any] | None:
    return next(({"word": w, "p": p} for w, p in result.items() if p > 1 + 1e-9), None)


def keep_probability(counts: Counts, threshold: float) -> Probs:
    """For each word min(1, sqrt(t / f) + t / f), f = its count / all counts, t = threshold."""
    total = sum(counts.values())
    ratios = {word: threshold * total / n for word, n in counts.items()}
    return {word: min(1.0, math.sqrt(ratio) + ratio) for word, ratio in ratios.items()}


def with_a_loop(counts: Counts, threshold: float) -> Probs:
    keep = {}
    for word in counts:
        f = counts[word] / sum(counts.values())
        p = (threshold / f) ** 0.5 + threshold / f
        keep[word] = p if p < 1 else 1.0
    return keep


def as_the_program_writes_it(counts: Counts, threshold: float) -> Probs:
    """(sqrt(n / (t N)) + 1) t N / n, the form in word2vec.c."""
    limit = threshold * sum(counts.values())
    return {w: min(1.0, ((n / limit) ** 0.5 + 1) * limit / n) for w, n in counts.items()}


def as_the_paper_prints_it(counts: Counts, threshold: float) -> Probs:
    total = sum(counts.values())
    return {w: min(1.0, math.sqrt(threshold * total / n)) for w, n in counts.items()}


def without_min(counts: Counts, threshold: float) -> Probs:
    total = sum(counts.values())
    return {w: math.sqrt(threshold * total / n) + threshold * total / n for w, n in counts.items()}


def with_f_by(count_of_all: Callable[[Counts], float], counts: Counts, threshold: float) -> Probs:
    total = count_of_all(counts)
    ratios = {word: threshold * total / n for word, n in counts.items()}
    return {word: min(1.0, math.sqrt(ratio) + ratio) for word, ratio in ratios.items()}


EXERCISE = Exercise(
    name="keep_probability",
    lecture="03_word2vec",
    stars=2,
    title=_("Fewer of the most frequent words"),
    points=4,
    minutes=10,
    cases=cases,
    laws=(Law(ABOVE_1, is_above_1),),
    reference=keep_probability,
    hints=(
        _("First find out which share of the text each word has."),
        _("Compare the share with the threshold: only their ratio t / f enters the formula."),
        _("min(1, sqrt(t / f) + t / f) for each word, with f = count / sum of all counts."),
    ),
    right_variants=(with_a_loop, as_the_program_writes_it),
    wrong_answers=(
        WrongAnswer(as_the_paper_prints_it, FORMULA),
        WrongAnswer(lambda c, t: {w: 1 - p for w, p in keep_probability(c, t).items()}, FORMULA),
        WrongAnswer(partial(with_f_by, len), FORMULA),
        WrongAnswer(without_min, ABOVE_1),
        WrongAnswer(partial(with_f_by, lambda counts: max(counts.values())), SHARE),
        WrongAnswer(lambda counts, _threshold: keep_probability(counts, 0.001), THRESHOLD),
    ),
)
