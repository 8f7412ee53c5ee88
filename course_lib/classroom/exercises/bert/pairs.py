"""★ Two texts in one row: [CLS] a [SEP] b [SEP], and which of the two each token belongs to."""

import random
from collections.abc import Sequence
from typing import Any

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Words = Sequence[str]

MARKS = _("[CLS] stands in front of everything, and [SEP] behind each of the two texts.")
SEGMENTS = _(
    "Each token has a 0 or a 1: 0 from [CLS] to the first [SEP], both included; 1 for all others."
)


def cases(rng: random.Random) -> list[Case]:
    def text(length: int) -> list[str]:
        return [rng.choice(["emma", "swam", "the", "river", "."]) for _word in range(length)]

    short, long = rng.randint(1, 3), rng.randint(4, 6)
    return [
        Case((text(2), text(2)), MARKS),
        Case((text(short), text(long)), MARKS),
        Case((text(long), text(short)), MARKS),
    ]


def pair_input(first: Words, second: Words) -> tuple[list[str], list[int]]:
    """Two lists of words -> the tokens of BERT's input, and a segment, 0 or 1, for each."""
    tokens = ["[CLS]", *first, "[SEP]", *second, "[SEP]"]
    return tokens, [0] * (len(first) + 2) + [1] * (len(second) + 1)


def counting_separators(first: Words, second: Words) -> tuple[list[str], list[int]]:
    tokens, _segments = pair_input(first, second)
    return tokens, [min(1, tokens[:place].count("[SEP]")) for place in range(len(tokens))]


def part_by_part(first: Words, second: Words) -> tuple[list[str], list[int]]:
    tokens, segments = ["[CLS]"], [0]
    for segment, text in enumerate((first, second)):
        for word in [*text, "[SEP]"]:
            tokens.append(word)
            segments.append(segment)
    return tokens, segments


def _segments_of(first: Words, n_zeros: int, second: Words) -> tuple[list[str], list[int]]:
    tokens, _segments = pair_input(first, second)
    return tokens, [0] * n_zeros + [1] * (len(tokens) - n_zeros)


def only_segments_wrong(result: Any, first: Words, second: Words) -> dict[str, Any] | None:
    """Are the tokens right, as far as they go?"""
    return {} if list(result[0]) == pair_input(first, second)[0] else None


def without_the_last(first: Words, second: Words) -> tuple[list[str], list[int]]:
    tokens, segments = pair_input(first, second)
    return tokens[:-1], segments[:-1]


def two_class_tokens(first: Words, second: Words) -> tuple[list[str], list[int]]:
    tokens = ["[CLS]", *first, "[SEP]", "[CLS]", *second, "[SEP]"]
    return tokens, [0] * (len(first) + 2) + [1] * (len(second) + 2)


EXERCISE = Exercise(
    name="pair_input",
    lecture="11_bert",
    stars=1,
    title=_("Two texts in one row"),
    points=2,
    minutes=6,
    cases=cases,
    laws=(Law(SEGMENTS, only_segments_wrong),),
    reference=pair_input,
    hints=(
        _("Count the marks: a pair needs three of them."),
        _("The first text brings two zeros more than it has words: one each for [CLS] and [SEP]."),
        _("Zeros: len(first) + 2. Ones: len(second) + 1."),
    ),
    right_variants=(counting_separators, part_by_part),
    wrong_answers=(
        WrongAnswer(without_the_last, MARKS),
        WrongAnswer(two_class_tokens, MARKS),
        WrongAnswer(lambda a, b: ([*a, "[SEP]", *b], [0] * (len(a) + 1) + [1] * len(b)), MARKS),
        WrongAnswer(lambda a, b: _segments_of(a, len(a) + 1, b), SEGMENTS),
        WrongAnswer(lambda a, b: _segments_of(a, len(b) + 2, b), SEGMENTS),
        WrongAnswer(
            lambda a, b: (pair_input(a, b)[0], [1 - s for s in pair_input(a, b)[1]]), SEGMENTS
        ),
    ),
)
