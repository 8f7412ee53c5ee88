"""★ Inputs and targets of a text: the same tokens, one place apart."""

import random
from typing import Any

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Rows = tuple[list[int], list[int]]

ENDS = _(
    "Inputs begin with the start mark, targets end with the end mark: both are one token longer"
    " than the text."
)
EMPTY = _("Even a text without tokens asks one question: what comes after the start mark?")
ORDER = _("All tokens of the text stand in both rows, in their order.")
SWAPPED = _("The two rows are swapped: the inputs are what the model reads, so they come first.")


def cases(rng: random.Random) -> list[Case]:
    def text(length: int) -> list[int]:
        return [rng.randint(4, 90) for _i in range(length)]

    return [
        Case((text(1), 2, 3), ENDS),
        Case(([], 2, 3), EMPTY),
        Case((text(rng.randint(4, 7)), rng.randint(100, 200), rng.randint(201, 300)), ORDER),
    ]


def shift(ids: list[int], start_id: int, end_id: int) -> Rows:
    """A text -> what the model reads, and what it is to predict at each place."""
    return [start_id, *ids], [*ids, end_id]


def from_one_row(ids: list[int], start_id: int, end_id: int) -> Rows:
    row = [start_id, *ids, end_id]
    return row[:-1], row[1:]


def token_by_token(ids: list[int], start_id: int, end_id: int) -> Rows:
    inputs, targets = [start_id], []
    for token in ids:
        targets.append(token)
        inputs.append(token)
    return inputs, [*targets, end_id]


def swapped(result: Any, ids: list[int], start_id: int, end_id: int) -> dict | None:
    return {} if list(map(list, result)) == [*shift(ids, start_id, end_id)][::-1] else None


EXERCISE = Exercise(
    name="shift",
    lecture="08_gpt",
    stars=1,
    title=_("Text that marks itself"),
    points=2,
    minutes=6,
    cases=cases,
    laws=(Law(SWAPPED, swapped),),
    reference=shift,
    hints=(
        _("Write the text down with its start and end mark. Which token is nobody's target?"),
        _("The inputs lack the end mark; the targets lack the start mark."),
        _("[start_id, *ids] and [*ids, end_id]"),
    ),
    right_variants=(from_one_row, token_by_token),
    wrong_answers=(
        WrongAnswer(lambda ids, s, e: shift(ids, s, e)[::-1], SWAPPED),
        WrongAnswer(lambda ids, s, e: ([s, *ids, e], [*ids, e]), ENDS),
        WrongAnswer(lambda ids, s, _e: ([s, *ids][:-1], ids), ENDS),
        WrongAnswer(lambda ids, s, e: ([e, *ids], [*ids, s]), ENDS),
        WrongAnswer(lambda ids, s, e: shift(ids, s, e) if ids else ([], []), EMPTY),
        WrongAnswer(lambda ids, _s, _e: shift(ids, 2, 3), ORDER),
        WrongAnswer(lambda ids, s, e: ([s, *ids], [*ids[::-1], e]), ORDER),
    ),
)
