"""★★ BLEU's first half: how many runs of n words a translation shares with its reference."""

import random
from collections import Counter
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.evaluation.bleu import matches
from course_lib.i18n import _

Words = Sequence[str]

PRECISION = _("All words of the translation are counted, and of them those that the reference has.")
RUNS = _("For n = 2 the things to count are pairs of neighbours, in their order.")
CLIP = _("A word counts at most as often as it stands in the reference: the the the gains nothing.")
SHORT = _("A text shorter than n has no run of n words: nothing is shared, of nothing.")


def cases(rng: random.Random) -> list[Case]:
    words = rng.sample(["彼", "は", "岸", "へ", "川", "を", "橋", "泳ぎ", "渡り"], 7)
    once = [*words[:3], words[5], words[3]]
    a, b, c, d = words[:4]
    often = [a, b, a, b, a, *[c] * rng.randint(2, 4)]
    return [
        Case((once, [*words[:3], words[4], words[6], words[3]], 1), PRECISION),
        Case(([a, b, d, c, words[4]], [b, a, d, c, words[5], words[4]], 2), RUNS),
        Case((often, [a, b, c, a], 1), CLIP),
        Case((often, [a, b, a, c, c, c], 2), CLIP),
        Case(([a], [a, b, c], 3), SHORT),
    ]


def clipped_matches(translation: Words, reference: Words, n: int) -> tuple[int, int]:
    """Shared runs of n words, each at most as often as in the reference, and all runs."""
    return matches([translation], [reference], n)


def runs(words: Words, n: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def crossing_out(translation: Words, reference: Words, n: int) -> list[int]:
    """Each run of the reference can be used up once."""
    left, right = runs(reference, n), 0
    for run in runs(translation, n):
        if run in left:
            left.remove(run)
            right += 1
    return [right, max(0, len(translation) - n + 1)]


def with_minimum(translation: Words, reference: Words, n: int) -> tuple[int, int]:
    found, wanted = runs(translation, n), runs(reference, n)
    right = sum(min(found.count(run), wanted.count(run)) for run in {*found})
    return right, len(found)


def recall(translation: Words, reference: Words, n: int) -> tuple[int, int]:
    right, _total = clipped_matches(translation, reference, n)
    return right, len(runs(reference, n))


def all_words(translation: Words, reference: Words, n: int) -> tuple[int, int]:
    return clipped_matches(translation, reference, n)[0], len(translation)


def single_words(translation: Words, reference: Words, _n: int) -> tuple[int, int]:
    return clipped_matches(translation, reference, 1)


def in_any_order(translation: Words, reference: Words, n: int) -> tuple[int, int]:
    found = Counter(tuple(sorted(run)) for run in runs(translation, n))
    wanted = Counter(tuple(sorted(run)) for run in runs(reference, n))
    return (found & wanted).total(), found.total()


def not_clipped(translation: Words, reference: Words, n: int) -> tuple[int, int]:
    found, wanted = runs(translation, n), runs(reference, n)
    return sum(run in wanted for run in found), len(found)


def each_once(translation: Words, reference: Words, n: int) -> tuple[int, int]:
    found = runs(translation, n)
    return len({*found} & {*runs(reference, n)}), len(found)


def negative_count(translation: Words, reference: Words, n: int) -> tuple[int, int]:
    right, _total = clipped_matches(translation, reference, n)
    return right, len(translation) - n + 1  # -1 for one word and n = 3


EXERCISE = Exercise(
    name="clipped_matches",
    lecture="13_translation",
    stars=2,
    title=_("What BLEU counts"),
    points=4,
    minutes=12,
    cases=cases,
    reference=clipped_matches,
    hints=(
        _("List all runs of n neighbours of each text; there are length - n + 1 of them."),
        _("Count both lists with a Counter; a run counts min(found[run], wanted[run]) times."),
        _("(Counter(found) & Counter(wanted)).total() is the first number, len(found) the second."),
    ),
    right_variants=(crossing_out, with_minimum),
    wrong_answers=(
        WrongAnswer(recall, PRECISION),
        WrongAnswer(all_words, RUNS),
        WrongAnswer(single_words, RUNS),
        WrongAnswer(in_any_order, RUNS),
        WrongAnswer(not_clipped, CLIP),
        WrongAnswer(each_once, CLIP),
        WrongAnswer(negative_count, SHORT),
    ),
)
