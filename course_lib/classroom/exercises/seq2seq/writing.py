"""★★ Autoregression: the word that was chosen is the next input."""

import random
from collections.abc import Mapping

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Table = Mapping[str, Mapping[str, float]]
START, END = "<s>", "</s>"

FIRST = _("The first word is the likeliest one after <s>; <s> itself is no word of the text.")
FEED = _("Each word that you have written is the next input: look up what follows it, not <s>.")
STOP = _("</s> ends the text, and is no word of it: nothing can follow.")
AGAIN = _("A word may come again. Only </s> ends the text, or the limit n_max.")
AT_ONCE = _("If </s> is the likeliest at once, the text is empty. That is an answer, too.")


def cases(rng: random.Random) -> list[Case]:
    words = rng.sample(["小川", "岸辺", "小舟", "鉄橋", "金魚", "子猫", "大雨"], 5)
    a, b, c, d, e = words

    def row(best: str, *others: str) -> dict[str, float]:
        """Probabilities in a random order, `best` the largest."""
        shares = [(best, 0.6), *((word, round(0.4 / len(others), 3)) for word in others)]
        rng.shuffle(shares)
        return dict(shares)

    path = {START: row(a, b, c), a: row(b, c, END), b: row(c, a, d), c: row(d, e), d: row(e, a)}
    ends = {START: row(a, b), a: row(b, END), b: row(END, a, c), c: row(a, b), e: row(END, a)}
    circle = {START: row(a, END), a: row(b, END), b: row(c, d), c: row(a, END), d: row(a, b)}
    silent = {START: row(END, a, b), a: row(b, END), b: row(END, a)}
    return [
        Case((path, 1), FIRST),
        Case((path, rng.randint(3, 4)), FEED),
        Case((ends, rng.randint(5, 9)), STOP),
        Case((circle, rng.randint(5, 9)), AGAIN),
        Case((silent, 4), AT_ONCE),
    ]


def write_greedily(table: Table, n_max: int) -> list[str]:
    """The likeliest word, then the likeliest after it, to </s> or n_max words."""
    words: list[str] = []
    word = START
    while len(words) < n_max:
        word = max(table[word], key=table[word].__getitem__)
        if word == END:
            break
        words.append(word)
    return words


def with_a_for_loop(table: Table, n_max: int) -> list[str]:
    words = [START]
    for _step in range(n_max):
        _share, word = max((share, word) for word, share in table[words[-1]].items())
        if word == END:
            return words[1:]
        words.append(word)
    return words[1:]


def recursively(table: Table, n_max: int, word: str = START) -> list[str]:
    best = sorted(table[word].items(), key=lambda item: -item[1])[0][0]
    if n_max == 0 or best == END:
        return []
    return [best, *recursively(table, n_max - 1, best)]


def with_start(table: Table, n_max: int) -> list[str]:
    return [START, *write_greedily(table, n_max)]


def unlikeliest(table: Table, n_max: int) -> list[str]:
    words = [min(table[START], key=table[START].__getitem__)]
    while len(words) < n_max and words[-1] in table:
        words.append(min(table[words[-1]], key=table[words[-1]].__getitem__))
    return words


def always_after_start(table: Table, n_max: int) -> list[str]:
    return write_greedily(table, 1) * n_max


def with_end(table: Table, n_max: int) -> list[str]:
    words = write_greedily(table, n_max)
    return [*words, END] if len(words) < n_max else words


def beyond_the_end(table: Table, n_max: int) -> list[str]:
    words = [START]
    for _step in range(n_max):
        row = table[words[-1]]
        words.append(max(row, key=row.__getitem__))
    return [word for word in words if word not in (START, END)]


def never_twice(table: Table, n_max: int) -> list[str]:
    words = write_greedily(table, n_max)
    return [word for i, word in enumerate(words) if word not in words[:i]]


def at_least_one(table: Table, n_max: int) -> list[str]:
    first = {word: share for word, share in table[START].items() if word != END}
    return write_greedily({**table, START: first}, n_max)


EXERCISE = Exercise(
    name="write_greedily",
    lecture="06_seq2seq",
    stars=2,
    title=_("Without a teacher"),
    points=4,
    minutes=12,
    cases=cases,
    reference=write_greedily,
    hints=(
        _("A loop with one variable: the word that was written last, at first <s>."),
        _("In the loop: find the likeliest word; stop if it is </s>; else keep it and go on."),
        _("max(row, key=row.get) is the likeliest word of a row; row = table[word]."),
    ),
    right_variants=(with_a_for_loop, recursively),
    wrong_answers=(
        WrongAnswer(with_start, FIRST),
        WrongAnswer(unlikeliest, FIRST),
        WrongAnswer(always_after_start, FEED),
        WrongAnswer(with_end, STOP),
        WrongAnswer(beyond_the_end, STOP),
        WrongAnswer(never_twice, AGAIN),
        WrongAnswer(at_least_one, AT_ONCE),
    ),
)
