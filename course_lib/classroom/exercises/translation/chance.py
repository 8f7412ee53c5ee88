"""★★★ Better, or lucky? Two translators on the same sentences, drawn again and again."""

import random
from collections.abc import Sequence
from fractions import Fraction

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Counts = Sequence[tuple[int, int]]
Samples = Sequence[Sequence[int]]

WINS = _("The share of samples in which the first translator has the higher score: 0 to 1.")
SUMS = _("Add first, then divide: all matches of the sample over all runs of the sample.")
TWICE = _("A sentence that was drawn twice counts twice.")
TIE = _("Equal scores are half a win for either.")


def cases(rng: random.Random) -> list[Case]:
    def sample(n: int) -> list[int]:
        return rng.sample(range(n), n)

    # One sentence per sample: nothing is added up, and nothing is equal.
    single = [(n, 10) for n in rng.sample(range(1, 9), 6)]
    n_better = rng.choice((1, 2, 4, 5))
    changes = rng.sample([1] * n_better + [-1] * (6 - n_better), 6)
    better = [(n + change, 10) for (n, _all), change in zip(single, changes, strict=True)]
    one_each = [[i] for i in rng.sample(range(6), 6)]
    # The long sentence decides: 30 of 40, and 1 of 2 twice, against 20 of 40, and 2 of 2 twice.
    k = rng.randint(0, 3)
    long_one, short_ones = [(30 + k, 40), (1, 2), (1, 2)], [(20, 40), (2, 2), (2, 2)]
    # 0 is drawn twice, and decides; drawn once, 1 and 2 would.
    m = rng.randint(0, 2)
    ours = [(8 + m, 10), (3, 10), (3, 10), (5, 10)]
    theirs = [(5 + m, 10), (5, 10), (5, 10), (5, 10)]
    # As many matches, but not as many runs.
    short = [(6, 8), (2, 4), (6, 8), (2, 4)], [(7, 14), (2, 6), (3, 5), (3, 5)]
    equal = [(4, 10), (6, 10), (2, 4)], [(6, 10), (4, 10), (3, 6)]
    return [
        Case((better, single, one_each), WINS),
        Case((long_one, short_ones, [sample(3), sample(3), [1, 2]]), SUMS),
        Case((*short, [[0], [0, 1], [2, 3], [3, 3]]), SUMS),
        Case((ours, theirs, [[0, 0, 1, 2], sample(4), [2, 0, 1, 0]]), TWICE),
        Case((*equal, [[0, 1], [1, 0], [1, 1], [0, 0], [1, 1], [2]]), TIE),
    ]


def share_of_wins(ours: Counts, theirs: Counts, samples: Samples) -> float:
    """In how many of the samples of sentences do we have the higher precision?"""
    points = 0.0
    for sample in samples:
        a, b = precision(ours, sample), precision(theirs, sample)
        points += (a > b) + 0.5 * (a == b)
    return points / len(samples)


def precision(counts: Counts, sample: Sequence[int]) -> Fraction:
    return Fraction(sum(counts[i][0] for i in sample), sum(counts[i][1] for i in sample))


def by_cross_products(ours: Counts, theirs: Counts, samples: Samples) -> float:
    """a / b > c / d where a d > c b."""
    points = []
    for sample in samples:
        (a, b), (c, d) = (
            [sum(part[i][k] for i in sample) for k in (0, 1)] for part in (ours, theirs)
        )
        points.append(1.0 if a * d > c * b else 0.5 if a * d == c * b else 0.0)
    return sum(points) / len(points)


def with_a_sign(ours: Counts, theirs: Counts, samples: Samples) -> float:
    total = 0
    for sample in samples:
        gap = precision(ours, sample) - precision(theirs, sample)
        total += (gap > 0) - (gap < 0)
    return (total / len(samples) + 1) / 2


def in_per_cent(ours: Counts, theirs: Counts, samples: Samples) -> float:
    return 100 * share_of_wins(ours, theirs, samples)


def who_wins_on_all(ours: Counts, theirs: Counts, _samples: Samples) -> float:
    everything = range(len(ours))
    return float(precision(ours, everything) > precision(theirs, everything))


def wins_of_the_other(ours: Counts, theirs: Counts, samples: Samples) -> float:
    return share_of_wins(theirs, ours, samples)


def mean_of_ratios(ours: Counts, theirs: Counts, samples: Samples) -> float:
    points = 0.0
    for sample in samples:
        a, b = (sum(Fraction(*c[i]) for i in sample) for c in (ours, theirs))
        points += (a > b) + 0.5 * (a == b)
    return points / len(samples)


def sentences_won(ours: Counts, theirs: Counts, samples: Samples) -> float:
    """Counts sentences, not samples."""
    won = [ours[i][0] / ours[i][1] > theirs[i][0] / theirs[i][1] for s in samples for i in s]
    return sum(won) / len(won)


def each_sentence_once(ours: Counts, theirs: Counts, samples: Samples) -> float:
    return share_of_wins(ours, theirs, [sorted({*sample}) for sample in samples])


def ties_are_lost(ours: Counts, theirs: Counts, samples: Samples) -> float:
    won = [precision(ours, sample) > precision(theirs, sample) for sample in samples]
    return sum(won) / len(won)


def ties_are_won(ours: Counts, theirs: Counts, samples: Samples) -> float:
    return 1 - ties_are_lost(theirs, ours, samples)


EXERCISE = Exercise(
    name="share_of_wins",
    lecture="13_translation",
    stars=3,
    title=_("Better, or lucky?"),
    points=6,
    minutes=30,
    cases=cases,
    reference=share_of_wins,
    hints=(
        _("One score for a whole sample: sum of the matches over sum of the runs, as BLEU does."),
        _("For each sample compute the scores of both on the same sentences, and compare them."),
        _("1 point for higher, 0.5 for equal, 0 for lower; return points / number of samples."),
    ),
    right_variants=(by_cross_products, with_a_sign),
    wrong_answers=(
        WrongAnswer(in_per_cent, WINS),
        WrongAnswer(who_wins_on_all, WINS),
        WrongAnswer(wins_of_the_other, WINS),
        WrongAnswer(mean_of_ratios, SUMS),
        WrongAnswer(sentences_won, SUMS),
        WrongAnswer(each_sentence_once, TWICE),
        WrongAnswer(ties_are_lost, TIE),
        WrongAnswer(ties_are_won, TIE),
    ),
)
