"""★ Teacher forcing: what the decoder is given, and what it should say."""

import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

SHIFT = _(
    "The inputs begin with <s> and lack </s>, the targets lack <s> and end with </s>: each input"
    " is the word before its target."
)
EMPTY = _("No words, but still one prediction: after <s> comes </s> at once.")

Rows = tuple[list[str], list[str]]


def cases(rng: random.Random) -> list[Case]:
    words = rng.choices(["彼", "は", "川", "を", "泳ぎ", "まし", "た"], k=rng.randint(4, 7))
    words = [*words, "。"]
    return [Case((words,), SHIFT), Case(([],), EMPTY)]


def teacher_forcing(words: Sequence[str]) -> Rows:
    """The decoder's inputs and targets for a text, one word apart."""
    return ["<s>", *words], [*words, "</s>"]


def by_cutting(words: Sequence[str]) -> Rows:
    whole = ["<s>", *words, "</s>"]
    return whole[:-1], whole[1:]


def one_by_one(words: Sequence[str]) -> Rows:
    inputs, targets = ["<s>"], []
    for word in words:
        targets.append(word)
        inputs.append(word)
    return inputs, [*targets, "</s>"]


def the_same_twice(words: Sequence[str]) -> Rows:
    return ["<s>", *words], ["<s>", *words]


def within_the_text(words: Sequence[str]) -> Rows:
    return [*words[:-1]], [*words[1:]]


def nothing_for_nothing(words: Sequence[str]) -> Rows:
    return teacher_forcing(words) if words else ([], [])


EXERCISE = Exercise(
    name="teacher_forcing",
    lecture="06_seq2seq",
    stars=1,
    title=_("What the teacher says"),
    points=2,
    minutes=6,
    cases=cases,
    reference=teacher_forcing,
    hints=(
        _("Write both rows below one another for a text of two words."),
        _("Both rows are one longer than the text."),
        _("The first row is <s> and the words; the second one is the words and </s>."),
    ),
    right_variants=(by_cutting, one_by_one),
    wrong_answers=(
        WrongAnswer(the_same_twice, SHIFT),
        WrongAnswer(within_the_text, SHIFT),
        WrongAnswer(lambda words: teacher_forcing(words)[::-1], SHIFT),
        WrongAnswer(nothing_for_nothing, EMPTY),
    ),
)
