"""★★★ An experiment: which digits does a memory of few bits forget first?"""

import random
from collections.abc import Callable, Sequence
from math import floor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Lists = Sequence[Sequence[int]]

ORDER = _("The machine writes the digit that it read last first: compare with the list reversed.")
ROUND = _("Of h only `bits` binary digits are kept: times 2 ** bits, rounded down, divided again.")
AGE = _("One share for each age, from 1 for the digit read last; each digit counts by itself.")
UNEQUAL = _("A list that is too short to have a digit of some age does not count at that age.")


def cases(rng: random.Random) -> list[Case]:
    """Each needs one idea more: enough bits; rounding; old digits; lists of unequal lengths."""

    def digits(n: int, base: int) -> list[int]:
        return [rng.randrange(base) for _i in range(n)]

    base = rng.choice([8, 16])
    width = {8: 3, 16: 4}[base]  # bits of a digit
    enough = [[1, *digits(2, base), 2] for _list in range(3)]
    alone = [
        [digit] for digit in (4, 1, 7, *digits(3, 9))
    ]  # 4 / 9 is nearer to 4 / 8 than to 3 / 8
    n = rng.randint(4, 6)
    equal = [digits(n, base) for _list in range(12)]
    equal[0] = [3, *equal[0][1:]]  # at least one of the oldest digits is forgotten
    unequal = [[3, *digits(size, 9)] for size in (1, 2, 2, 3, 4, 4)] + [[0] * 3]
    return [
        Case((enough, base, 5 * width), ORDER),
        Case((alone, 9, 3), ROUND),
        Case((equal, base, 2 * width), AGE),
        Case((unequal, 9, 8), UNEQUAL),
    ]


def forgetting_curve(lists: Lists, base: int, bits: int) -> list[float]:
    """The share of digits written rightly, by age: age 1 is the digit that was read last."""
    written = [write(read(digits, base, bits), base, len(digits)) for digits in lists]
    return by_age(written, [list(reversed(digits)) for digits in lists])


def read(digits: Sequence[int], base: int, bits: int) -> float:
    """All digits in one number between 0 and 1 that keeps `bits` binary digits."""
    h = 0.0
    for x in digits:
        h = floor((h + x) / base * 2**bits) / 2**bits
    return h


def write(h: float, base: int, n: int) -> list[int]:
    written = []
    for _step in range(n):
        y = floor(h * base)
        written.append(y)
        h = h * base - y
    return written


def by_age(written: Lists, due: Lists) -> list[float]:
    """Place by place, the share that is equal, among the lists that are long enough."""
    shares = []
    for age in range(max(map(len, due))):
        same = [a[age] == b[age] for a, b in zip(written, due, strict=True) if age < len(b)]
        shares.append(sum(same) / len(same))
    return shares


def with_whole_numbers(lists: Lists, base: int, bits: int) -> list[float]:
    """h * 2**bits is always a whole number."""
    n_right: dict[int, list[bool]] = {}
    for digits in lists:
        h = 0
        for x in digits:
            h = (h + (x << bits)) // base
        for age, x in enumerate(reversed(digits)):
            n_right.setdefault(age, []).append(h * base >> bits == x)
            h = h * base & ((1 << bits) - 1)
    return [sum(same) / len(same) for _age, same in sorted(n_right.items())]


def rounded_at_the_end(lists: Lists, base: int, bits: int) -> list[float]:
    """The same, since what is rounded down early would be lost in any case."""
    written = []
    for digits in lists:
        number = sum(x * base**i for i, x in enumerate(digits))  # the last one counts most
        h = (number << bits) // base ** len(digits) / 2**bits
        written.append(write(h, base, len(digits)))
    return by_age(written, [list(reversed(digits)) for digits in lists])


def not_reversed(lists: Lists, base: int, bits: int) -> list[float]:
    return by_age([write(read(d, base, bits), base, len(d)) for d in lists], lists)


def never_rounded(lists: Lists, base: int, _bits: int) -> list[float]:
    return kept_as(lambda h: h, lists, base)


def to_the_nearest(lists: Lists, base: int, bits: int) -> list[float]:
    return kept_as(lambda h: round(h * 2**bits) / 2**bits, lists, base)


def kept_as(keep: Callable[[float], float], lists: Lists, base: int) -> list[float]:
    """The curve of a machine that keeps its number in another way."""
    written = []
    for digits in lists:
        h = 0.0
        for x in digits:
            h = keep((h + x) / base)
        written.append(write(h, base, len(digits)))
    return by_age(written, [list(reversed(digits)) for digits in lists])


def from_the_start(lists: Lists, base: int, bits: int) -> list[float]:
    return forgetting_curve(lists, base, bits)[::-1]


def whole_lists(lists: Lists, base: int, bits: int) -> list[float]:
    right = [write(read(d, base, bits), base, len(d)) == list(reversed(d)) for d in lists]
    return [sum(right) / len(right)] * max(map(len, lists))


def of_all_lists(lists: Lists, base: int, bits: int) -> list[float]:
    curve = forgetting_curve(lists, base, bits)
    n_long = [sum(len(digits) > age for digits in lists) for age in range(len(curve))]
    return [share * n / len(lists) for share, n in zip(curve, n_long, strict=True)]


def up_to_the_shortest(lists: Lists, base: int, bits: int) -> list[float]:
    return forgetting_curve(lists, base, bits)[: min(map(len, lists))]


EXERCISE = Exercise(
    name="forgetting_curve",
    lecture="06_seq2seq",
    stars=3,
    title=_("What is forgotten first?"),
    points=6,
    minutes=30,
    cases=cases,
    reference=forgetting_curve,
    hints=(
        _("Three steps for each list: read it into h, write it back, compare digit by digit."),
        _("After h = (h + x) / base, keep floor(h * 2**bits) / 2**bits."),
        _(
            "Reverse the list: its place 0 then has age 1. For each age divide the right digits by"
            " the number of lists with more than that many places."
        ),
    ),
    right_variants=(with_whole_numbers, rounded_at_the_end),
    wrong_answers=(
        WrongAnswer(not_reversed, ORDER),
        WrongAnswer(never_rounded, ROUND),
        WrongAnswer(to_the_nearest, ROUND),
        WrongAnswer(from_the_start, AGE),
        WrongAnswer(whole_lists, AGE),
        WrongAnswer(of_all_lists, UNEQUAL),
        WrongAnswer(up_to_the_shortest, UNEQUAL),
    ),
)
