"""★ One step of BPE: join a pair wherever it stands."""

import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Pair = tuple[str, str]
WORDS = ["river", "bank", "swam", "boat", "tide"]

JOIN = _("The two neighbours become one symbol, and both of them are gone.")
EVERY = _("The pair may stand in the word more than once: join it at every place.")
WHOLE = _("Compare whole symbols. In ['ri', 'ver'] the symbols iv and er do not occur.")
USED = _(
    "Go from left to right. A symbol that was just joined is used up: it is in no second pair."
)


def cases(rng: random.Random) -> list[Case]:
    word = rng.choice(WORDS)
    place = rng.randrange(len(word) - 1)
    a, b, c = rng.sample("klmnop", 3)
    return [
        Case((list(word), (word[place], word[place + 1])), JOIN),
        Case(([a, b, c, a, b, a, c, a, b], (a, b)), EVERY),
        Case(([a + b, c + a, b + c, a], (b + c, a)), WHOLE),
        Case(([c + a, b, a, b + c], (a, b)), WHOLE),
        Case(([c, *[a] * rng.choice([3, 5, 7]), b], (a, a)), USED),
        Case(([b], (b, b)), EVERY),
    ]


def merge_pair(symbols: Sequence[str], pair: Pair) -> list[str]:
    """(T,) symbols -> as many or fewer: the pair is one symbol wherever it stood."""
    merged: list[str] = []
    i = 0
    while i < len(symbols):
        found = tuple(symbols[i : i + 2]) == pair
        merged.append("".join(pair) if found else symbols[i])
        i += 2 if found else 1
    return merged


def with_a_memory(symbols: Sequence[str], pair: Pair) -> list[str]:
    """Looks back instead of ahead; a joined symbol is remembered as used up."""
    merged: list[str] = []
    used = True
    for symbol in symbols:
        if not used and (merged[-1], symbol) == pair:
            merged[-1], used = merged[-1] + symbol, True
        else:
            merged.append(symbol)
            used = False
    return merged


def with_recursion(symbols: Sequence[str], pair: Pair) -> list[str]:
    if len(symbols) < 2:
        return list(symbols)
    if tuple(symbols[:2]) == pair:
        return ["".join(pair), *with_recursion(symbols[2:], pair)]
    return [symbols[0], *with_recursion(symbols[1:], pair)]


def first_only(symbols: Sequence[str], pair: Pair) -> list[str]:
    for i in range(len(symbols) - 1):
        if tuple(symbols[i : i + 2]) == pair:
            return [*symbols[:i], "".join(pair), *symbols[i + 2 :]]
    return list(symbols)


def keeps_the_second(symbols: Sequence[str], pair: Pair) -> list[str]:
    found = [tuple(symbols[i : i + 2]) == pair for i in range(len(symbols))]
    return ["".join(pair) if f else s for f, s in zip(found, symbols, strict=True)]


def by_replacing_text(symbols: Sequence[str], pair: Pair) -> list[str]:
    """Forgets where the symbols end."""
    parts = "".join(symbols).replace("".join(pair), f" {''.join(pair)} ").split()
    whole = "".join(pair)
    return [s for part in parts for s in ([whole] if part == whole else part)]


def with_spaces(symbols: Sequence[str], pair: Pair) -> list[str]:
    """The well-known short script: replace in a text of symbols with spaces between them."""
    return " ".join(symbols).replace(" ".join(pair), "".join(pair)).split()


def from_the_right(symbols: Sequence[str], pair: Pair) -> list[str]:
    turned = merge_pair(["".join(s) for s in reversed(symbols)], (pair[1], pair[0]))
    return ["".join(pair) if s == pair[1] + pair[0] else s for s in reversed(turned)]


EXERCISE = Exercise(
    name="merge_pair",
    lecture="04_tokenization",
    stars=1,
    title=_("Join a pair"),
    points=2,
    minutes=8,
    cases=cases,
    reference=merge_pair,
    hints=(
        _("A for loop goes one symbol further each time. Is that what you want after a join?"),
        _("A while loop lets you choose the step: two symbols after a join, else one."),
        _("While i < len(symbols): if symbols[i] and symbols[i + 1] are the pair, append both"),
    ),
    right_variants=(with_a_memory, with_recursion),
    wrong_answers=(
        WrongAnswer(keeps_the_second, JOIN),
        WrongAnswer(lambda symbols, _pair: list(symbols), JOIN),
        WrongAnswer(first_only, EVERY),
        WrongAnswer(by_replacing_text, WHOLE),
        WrongAnswer(with_spaces, WHOLE),
        WrongAnswer(from_the_right, USED),
    ),
)
