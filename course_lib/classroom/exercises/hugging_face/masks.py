"""★ Which places of a padded batch hold a token."""

import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

ONES = _("One row for each text, and in it a 1 for each token.")
PADDING = _(
    "All rows are as long as the longest text. The padding stands behind the tokens, and gets 0."
)


def cases(rng: random.Random) -> list[Case]:
    same = rng.randint(2, 5)
    unequal = rng.sample(range(2, 9), 3)
    return [
        Case(([same] * rng.randint(2, 3),), ONES),
        Case((unequal,), PADDING),
        Case(([0, *unequal],), PADDING),
    ]


def attention_mask(lengths: Sequence[int]) -> list[list[int]]:
    """How many tokens each text has -> 1 for a token, 0 for padding; padding on the right."""
    longest = max(lengths)
    return [[1] * n + [0] * (longest - n) for n in lengths]


def by_comparing(lengths: Sequence[int]) -> list[list[int]]:
    return [[int(place < n) for place in range(max(lengths))] for n in lengths]


def with_numpy(lengths: Sequence[int]) -> list[list[int]]:
    import numpy as np

    table = (np.arange(max(lengths)) < np.array(lengths)[:, None]).astype(int)
    return [row.tolist() for row in table]


def turned_round(lengths: Sequence[int]) -> list[list[int]]:
    return [[1 - sign for sign in row] for row in attention_mask(lengths)]


def one_too_long(lengths: Sequence[int]) -> list[list[int]]:
    return [[*row, 0] for row in attention_mask(lengths)]


EXERCISE = Exercise(
    name="attention_mask",
    lecture="15_hugging_face",
    stars=1,
    title=_("Which tokens are real?"),
    points=2,
    minutes=6,
    cases=cases,
    reference=attention_mask,
    hints=(
        _("How long is each row? All are as long as the longest text."),
        _("A row has as many 1s as the text has tokens. What fills the rest?"),
        _("[1] * n is a list of n ones; two lists are joined by +."),
    ),
    right_variants=(by_comparing, with_numpy),
    wrong_answers=(
        WrongAnswer(turned_round, ONES),
        WrongAnswer(one_too_long, ONES),
        WrongAnswer(lambda lengths: [[1] * n for n in lengths], PADDING),
        WrongAnswer(lambda lengths: [row[::-1] for row in attention_mask(lengths)], PADDING),
    ),
)
