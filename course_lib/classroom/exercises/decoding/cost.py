"""★ The KV-cache: how many tokens a model reads in order to write."""

import random

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

PROMPT = _("To write a single token the model reads the prompt, once, and nothing else.")
AGAIN = _("Without a cache each new token costs a reading of the whole text so far, which grows.")
ONCE = _("With a cache every token is read once; the last new one is not read: nothing follows it.")


def cases(rng: random.Random) -> list[Case]:
    n_prompt, n_new = rng.randint(4, 30), rng.randint(5, 60)
    return [
        Case((rng.randint(3, 9), 1, False), PROMPT),
        Case((n_prompt, n_new, False), AGAIN),
        Case((n_prompt, n_new, True), ONCE),
    ]


def tokens_read(n_prompt: int, n_new: int, cached: bool) -> int:
    """How many tokens a model reads to write `n_new` tokens after a prompt of `n_prompt`."""
    if cached:
        return n_prompt + n_new - 1
    return n_new * n_prompt + n_new * (n_new - 1) // 2


def by_counting(n_prompt: int, n_new: int, cached: bool) -> int:
    n_read, length = 0, n_prompt
    for step in range(n_new):
        n_read += 1 if cached and step else length
        length += 1
    return n_read


def by_summing(n_prompt: int, n_new: int, cached: bool) -> int:
    lengths = range(n_prompt, n_prompt + n_new)
    return lengths[-1] if cached else sum(lengths)


EXERCISE = Exercise(
    name="tokens_read",
    lecture="09_decoding",
    stars=1,
    title=_("What a cache saves"),
    points=2,
    minutes=7,
    cases=cases,
    reference=tokens_read,
    hints=(
        _("Write it down for a prompt of 3 tokens and 4 new ones: what is read at each step?"),
        _("Without a cache: 3, 4, 5, 6 tokens. With a cache: 3, then 1, 1, 1."),
        _("Sum n_prompt + i for i from 0 to n_new - 1; with a cache n_prompt + n_new - 1."),
    ),
    right_variants=(by_counting, by_summing),
    wrong_answers=(
        WrongAnswer(lambda p, n, cached: tokens_read(p + 1, n, cached), PROMPT),
        WrongAnswer(lambda _p, n, cached: tokens_read(1, n, cached), PROMPT),
        WrongAnswer(lambda p, n, cached: p + n - 1 if cached else p * n, AGAIN),
        WrongAnswer(lambda p, n, _cached: tokens_read(p, n, cached=True), AGAIN),
        WrongAnswer(lambda p, n, cached: p + n if cached else tokens_read(p, n, cached), ONCE),
        WrongAnswer(lambda p, n, cached: n if cached else tokens_read(p, n, cached), ONCE),
        WrongAnswer(lambda p, n, _cached: tokens_read(p, n, cached=False), ONCE),
    ),
)
