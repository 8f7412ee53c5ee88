"""★★ From start and end scores to an answer: the best span that is one."""

import math
import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Span = tuple[int, int]

SUM = _("The score of an answer is the start score of its first token plus the end score of its"
        " last.")  # fmt: skip
ORDER = _("An answer does not end before it starts, however good the two scores are.")
INSIDE = _("Only tokens of the passage may answer: not the question, not [SEP].")
LENGTH = _("An answer has at most max_length tokens; one token is the shortest.")
NONE = _(
    "The class token (place 0) stands for no answer: if its own two scores sum to more than those"
    " of every span, return (0, 0)."
)

Scores = Sequence[float]


def cases(rng: random.Random) -> list[Case]:
    size = rng.randint(9, 11)
    may = [place >= 4 for place in range(size - 1)] + [False]  # [CLS] two words [SEP] ... [SEP]

    def noise() -> list[float]:
        return [-5.0, *(round(rng.uniform(-1, 1), 2) for _place in range(size - 1))]

    def scores(starts: dict[int, float], ends: dict[int, float]) -> tuple[Scores, Scores]:
        return [
            [peaks.get(place, value) for place, value in enumerate(noise())]
            for peaks in (starts, ends)
        ]  # type: ignore[return-value]

    return [
        Case((*scores({4: 6, 5: 9}, {4: 4, 7: 8}), may, 3), SUM),
        Case((*scores({6: 9, 4: 6}, {5: 8, 7: 4}), may, 3), ORDER),
        Case((*scores({1: 9, 5: 5}, {2: 9, 6: 5, size - 1: 20}), may, 6), INSIDE),
        Case((*scores({4: 9}, {6: 9, 5: 3}), may, 2), LENGTH),
        Case((*scores({size - 1: 9}, {size - 1: 9}), [*may[:-1], True], 2), LENGTH),
        Case((*scores({0: 3, 5: 5}, {0: 7, 5: 4}), may, 3), NONE),
        Case((*scores({0: 3, 5: 5}, {0: 5.5, 5: 4}), may, 3), NONE),
    ]


def best_answer(starts: Scores, ends: Scores, may_answer: Sequence[bool], max_length: int) -> Span:
    """The first and the last place of the best answer; (0, 0) if the class token scores higher."""
    best, answer = starts[0] + ends[0], (0, 0)
    for first in range(len(starts)):
        for last in range(first, min(first + max_length, len(ends))):
            score = starts[first] + ends[last]
            if may_answer[first] and may_answer[last] and score > best:
                best, answer = score, (first, last)
    return answer


def by_sorting(starts: Scores, ends: Scores, may_answer: Sequence[bool], max_length: int) -> Span:
    places = [place for place, may in enumerate(may_answer) if may]
    spans = [(a, b) for a in places for b in places if 0 <= b - a < max_length]
    return max([(0, 0), *spans], key=lambda span: starts[span[0]] + ends[span[1]])


def with_a_table(starts: Scores, ends: Scores, may_answer: Sequence[bool], max_length: int) -> Span:
    import torch

    may = torch.tensor(may_answer)
    table = torch.tensor(starts)[:, None] + torch.tensor(ends)  # (T, T): first, last
    allowed = (
        may[:, None] & may & torch.ones(table.shape, dtype=torch.bool).triu().tril(max_length - 1)
    )
    allowed[0, 0] = True
    first, last = divmod(int(table.masked_fill(~allowed, -math.inf).argmax()), len(starts))
    return first, last


def one_by_one(starts: Scores, ends: Scores, may_answer: Sequence[bool], _most: int) -> Span:
    """The best start and the best end, each for itself."""
    places = [0, *(place for place, may in enumerate(may_answer) if may)]
    return max(places, key=lambda p: starts[p]), max(places, key=lambda p: ends[p])


def swapped_if_needed(s: Scores, e: Scores, may: Sequence[bool], most: int) -> Span:
    first, last = sorted(one_by_one(s, e, may, most))
    return first, last


def by_the_product(s: Scores, e: Scores, may: Sequence[bool], most: int) -> Span:
    """Spans compared by their start alone; the end is the best one after it."""
    first = max((p for p, ok in enumerate(may) if ok), key=lambda p: s[p])
    last = max((p for p, ok in enumerate(may) if ok and 0 <= p - first < most), key=lambda p: e[p])
    return (0, 0) if s[0] + e[0] > s[first] + e[last] else (first, last)


def anywhere(s: Scores, e: Scores, may: Sequence[bool], most: int) -> Span:
    return best_answer(s, e, [True] * len(may), most)


def always_answers(s: Scores, e: Scores, may: Sequence[bool], most: int) -> Span:
    return best_answer([-math.inf, *s[1:]], e, may, most)


def none_by_the_start(s: Scores, e: Scores, may: Sequence[bool], most: int) -> Span:
    """No answer only if place 0 is the best start, and not by the sum."""
    return (0, 0) if s[0] == max(s) else always_answers(s, e, may, most)


EXERCISE = Exercise(
    name="best_answer",
    lecture="12_bert_finetuning",
    stars=2,
    title=_("The best answer that is one"),
    points=4,
    minutes=15,
    cases=cases,
    reference=best_answer,
    hints=(
        _("Two loops: over the first place, and over the last places that are still allowed."),
        _("For a first place a, the last ones are a, a + 1, ..., a + max_length - 1."),
        _("Begin with best = starts[0] + ends[0] and answer (0, 0); keep what is better."),
    ),
    right_variants=(by_sorting, with_a_table),
    wrong_answers=(
        WrongAnswer(lambda s, e, m, n: (lambda a: (a[0], a[1] + 1))(best_answer(s, e, m, n)), SUM),
        WrongAnswer(lambda s, _e, m, n: best_answer(s, [0.0] * len(s), m, n), SUM),
        WrongAnswer(lambda s, e, m, n: best_answer([-x for x in s], e, m, n), SUM),
        WrongAnswer(one_by_one, ORDER),
        WrongAnswer(swapped_if_needed, ORDER),
        WrongAnswer(by_the_product, ORDER),
        WrongAnswer(anywhere, INSIDE),
        WrongAnswer(lambda s, e, m, _n: best_answer(s, e, m, len(s)), LENGTH),
        WrongAnswer(lambda s, e, m, n: best_answer(s, e, m, n + 1), LENGTH),
        WrongAnswer(always_answers, NONE),
        WrongAnswer(none_by_the_start, NONE),
    ),
)
