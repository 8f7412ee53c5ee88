"""★ One model for several tasks: what the encoder reads, what the decoder is given and says."""

import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

ROWS = _(
    "Three rows: the encoder reads the mark and the source; the decoder is given <s> and the"
    " target, and should say the target and </s>."
)
BOTH = _("The mark says what to write: another mark for the same source, another first token.")
EMPTY = _("Even of an empty target the end has to be predicted, and even then the mark is read.")

Rows = tuple[list[str], list[str], list[str]]


def cases(rng: random.Random) -> list[Case]:
    english = ["he", *rng.sample(["swam", "ran", "hid", "sang"], rng.randint(1, 3)), "."]
    japanese = ["彼", "は", *rng.choices(["泳ぎ", "走り", "歌い"], k=rng.randint(2, 4)), "。"]
    return [
        Case(("<ja>", english, japanese), ROWS),
        Case(("<en>", japanese, english), BOTH),
        Case(("<headline>", english, []), EMPTY),
    ]


def marked_example(mark: str, source: Sequence[str], target: Sequence[str]) -> Rows:
    """What the encoder reads, what the decoder is given, and what it should say."""
    return [mark, *source], ["<s>", *target], [*target, "</s>"]


def by_cutting(mark: str, source: Sequence[str], target: Sequence[str]) -> Rows:
    whole = ["<s>", *target, "</s>"]
    return [mark, *list(source)], whole[:-1], whole[1:]


def by_inserting(mark: str, source: Sequence[str], target: Sequence[str]) -> Rows:
    read, given, said = list(source), list(target), list(target)
    read.insert(0, mark)
    given.insert(0, "<s>")
    said.append("</s>")
    return read, given, said


def mark_for_the_decoder(mark: str, source: Sequence[str], target: Sequence[str]) -> Rows:
    return [*source], [mark, *target], [*target, "</s>"]


def source_with_ends(mark: str, source: Sequence[str], target: Sequence[str]) -> Rows:
    return ["<s>", mark, *source, "</s>"], ["<s>", *target], [*target, "</s>"]


def always_to_japanese(_mark: str, source: Sequence[str], target: Sequence[str]) -> Rows:
    return marked_example("<ja>", source, target)


def nothing_to_say(mark: str, source: Sequence[str], target: Sequence[str]) -> Rows:
    return marked_example(mark, source, target) if target else ([mark, *source], [], [])


EXERCISE = Exercise(
    name="marked_example",
    lecture="13_translation",
    stars=1,
    title=_("One model, several tasks"),
    points=2,
    minutes=6,
    cases=cases,
    reference=marked_example,
    hints=(
        _("The encoder has nothing to predict: its row needs neither <s> nor </s>."),
        _("The decoder's two rows are those of lecture 06, one word apart."),
        _("[mark, *source] is the first row; put <s> before the target, and </s> behind it."),
    ),
    right_variants=(by_cutting, by_inserting),
    wrong_answers=(
        WrongAnswer(mark_for_the_decoder, ROWS),
        WrongAnswer(source_with_ends, ROWS),
        WrongAnswer(always_to_japanese, BOTH),
        WrongAnswer(nothing_to_say, EMPTY),
    ),
)
