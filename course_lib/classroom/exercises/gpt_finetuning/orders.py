"""★ Two texts whose order means nothing, as two rows."""

import random
from collections.abc import Sequence
from typing import Any

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Rows = list[list[int]]

MARKS = _("A row is: start mark, one text, delimiter, the other text, extract mark.")
EMPTY = _("An empty text keeps its place: all three marks are still there.")
ORDERS = _("Two rows: the first begins with the first text, the second with the second one.")
SAME = _("Both rows are in the same order: the second must begin with the other text.")


def cases(rng: random.Random) -> list[Case]:
    def text(length: int) -> list[int]:
        return [rng.randint(4, 90) for _i in range(length)]

    same = text(2)
    return [
        Case((same, list(same), 2, 98, 99), MARKS),
        Case(([], [], 2, rng.randint(200, 300), rng.randint(301, 400)), EMPTY),
        Case((text(3), text(rng.randint(4, 6)), 2, 98, 99), ORDERS),
    ]


def both_ways(
    first: Sequence[int], second: Sequence[int], start_id: int, delimiter_id: int, extract_id: int
) -> Rows:
    """The rows of a similarity task."""
    return [
        [start_id, *one, delimiter_id, *other, extract_id]
        for one, other in ((first, second), (second, first))
    ]


def with_a_helper(first: list[int], second: list[int], s: int, d: int, e: int) -> Rows:
    def row(one: list[int], other: list[int]) -> list[int]:
        return [s, *one, d, *other, e]

    return [row(first, second), row(second, first)]


def token_by_token(first: list[int], second: list[int], s: int, d: int, e: int) -> Rows:
    rows: Rows = [[s], [s]]
    for row, texts in zip(rows, [(first, second), (second, first)], strict=True):
        row.extend(texts[0])
        row.append(d)
        row.extend(texts[1])
        row.append(e)
    return rows


def same_order(result: Any, first: list[int], second: list[int], *marks: int) -> dict | None:
    rows = [list(row) for row in result]
    return {} if rows == 2 * both_ways(first, second, *marks)[:1] else None


EXERCISE = Exercise(
    name="both_ways",
    lecture="10_gpt_finetuning",
    stars=1,
    title=_("Two texts, both ways"),
    points=2,
    minutes=6,
    cases=cases,
    laws=(Law(SAME, same_order),),
    reference=both_ways,
    hints=(
        _("Write down the row for (first, second); the other one has the two texts exchanged."),
        _("[start_id] + first + ... joins lists; so does [start_id, *first, ...]."),
        _("[[start_id, *first, delimiter_id, *second, extract_id], the same with them exchanged]"),
    ),
    right_variants=(with_a_helper, token_by_token),
    wrong_answers=(
        WrongAnswer(lambda a, b, s, d, e: 2 * [[s, *a, d, *b, e]], SAME),
        WrongAnswer(lambda a, b, s, _d, e: [[s, *a, *b, e], [s, *b, *a, e]], MARKS),
        WrongAnswer(lambda a, b, s, d, _e: [[s, *a, d, *b], [s, *b, d, *a]], MARKS),
        WrongAnswer(lambda a, b, s, d, e: [[s, *a, e, *b, d], [s, *b, e, *a, d]], MARKS),
        WrongAnswer(lambda a, b, s, d, e: both_ways(a, b, s, d, e) if a else [[s, e]] * 2, EMPTY),
        WrongAnswer(lambda a, b, s, d, e: both_ways(b, a, s, d, e), ORDERS),
        WrongAnswer(lambda a, b, s, d, e: [[s, *x, d, *x, e] for x in (a, b)], ORDERS),
    ),
)
