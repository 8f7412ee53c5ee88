"""★★ Interpolated Kneser–Ney for bigrams: discount, and ask in how many places a word lives."""

import random
from collections import Counter
from collections.abc import Mapping
from functools import partial

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Bigrams = Mapping[tuple[str, str], int]

FREED = _("A pair never seen gets its part of the mass that the discount took from the seen pairs.")
DISCOUNT = _(
    "Each seen pair gives the discount away; without it the probabilities exceed 1 in all."
)
WEIGHT = _("Every different follower gave one discount: the freed mass grows with their number.")
HOME = _(
    "The lower order asks after how many different words a word comes, not how often it comes."
)
NEW = _("After a word that never had a follower only the lower order is left, with weight 1.")
NEGATIVE = _("A probability of {value:.3f}: a count of 0 has nothing to give, so never go below 0.")


def table(rng: random.Random, n: int) -> dict[tuple[str, str], int]:
    """Bigrams that all occur n times: `lone` has one follower, `open` has three."""
    followers = {"lone": ["boat"], "open": ["boat", "bank", "tide"], "deep": ["tide", "sea"]}
    pairs = [(u, w) for u, words in followers.items() for w in words]
    rng.shuffle(pairs)
    return dict.fromkeys(pairs, n)


def cases(rng: random.Random) -> list[Case]:
    even = table(rng, rng.randint(1, 4))
    uneven = {**even, ("san", "francisco"): rng.randint(30, 60)}  # often, but at home in one place
    discount = round(rng.uniform(0.3, 0.9), 3)
    return [
        Case((rng.choice(["bank", "sea"]), "lone", even, discount), FREED),
        Case(("boat", "lone", even, discount), DISCOUNT),
        Case((rng.choice(["boat", "bank", "tide"]), "open", even, discount), WEIGHT),
        Case(("francisco", "deep", uneven, discount), HOME),
        Case((rng.choice(["bank", "sea"]), "mid", even, discount), NEW),
    ]


def negative(result: float, *_args: object) -> dict[str, float] | None:
    return {"value": result} if result < 0 else None


def kneser_ney_prob(word: str, previous: str, bigrams: Bigrams, discount: float) -> float:
    """p(word | previous) from counts of (previous, word) pairs.

    max(c(u, w) - d, 0) / c(u) + d N(u, ·) / c(u) times N(·, w) / N(·, ·), where N counts different
    pairs. Source: Chen & Goodman (1998), eq. for one discount.
    """
    followers = {w: n for (u, w), n in bigrams.items() if u == previous}
    at_home = sum(w == word for _u, w in bigrams) / len(bigrams)
    total = sum(followers.values())
    if total == 0:
        return at_home
    freed = discount * len(followers) / total
    return max(followers.get(word, 0) - discount, 0) / total + freed * at_home


def with_counters(word: str, previous: str, bigrams: Bigrams, discount: float) -> float:
    total, types, homes = Counter[str](), Counter[str](), Counter[str]()
    for (u, w), n in bigrams.items():
        total[u] += n
        types[u] += 1
        homes[w] += 1
    p = homes[word] / homes.total()
    if previous not in total:
        return p
    kept = bigrams[previous, word] - discount if (previous, word) in bigrams else 0
    return (kept + discount * types[previous] * p) / total[previous]


def with_sets(word: str, previous: str, bigrams: Bigrams, discount: float) -> float:
    """The freed mass as what the discounted counts leave of 1."""
    p = len({u for u, w in bigrams if w == word}) / len(set(bigrams))
    kept = {w: n - discount for (u, w), n in bigrams.items() if u == previous}
    total = sum(n for (u, _w), n in bigrams.items() if u == previous)
    left = 1 - sum(kept.values()) / total if total else 1
    return left * p + (kept.get(word, 0) / total if total else 0)


def variant(word: str, previous: str, bigrams: Bigrams, d: float, *, broken: str) -> float:
    """Kneser–Ney with one idea broken."""
    followers = {w: n for (u, w), n in bigrams.items() if u == previous}
    total, seen = sum(followers.values()), followers.get(word, 0)
    lower = sum(w == word for _u, w in bigrams) / len(bigrams)
    if broken == "how often":
        lower = sum(n for (_u, w), n in bigrams.items() if w == word) / sum(bigrams.values())
    if total == 0 and broken != "no followers":
        return lower
    kept = seen - d if broken == "below 0" else max(seen - d, 0)
    freed = d / total if broken == "one discount" else d * len(followers) / total
    if broken == "nothing freed":
        freed = 0
    return (seen if broken == "no discount" else kept) / total + freed * lower


EXERCISE = Exercise(
    name="kneser_ney_prob",
    lecture="01_ngrams",
    stars=2,
    title=_("Interpolated Kneser–Ney"),
    points=4,
    minutes=20,
    cases=cases,
    laws=(Law(NEGATIVE, negative),),
    reference=kneser_ney_prob,
    hints=(
        _("Two parts: the discounted bigram, and the freed mass shared out by the lower order."),
        _(
            "Freed: discount × (different followers of previous) / (all its followers)."
            " Lower order: (different words before word) / (different pairs)."
        ),
        _("max(c - d, 0) / n + d * len(followers) / n * lower; where n is 0, return lower."),
    ),
    right_variants=(with_counters, with_sets),
    wrong_answers=(
        WrongAnswer(partial(variant, broken="nothing freed"), FREED),
        WrongAnswer(partial(variant, broken="below 0"), NEGATIVE),
        WrongAnswer(partial(variant, broken="no discount"), DISCOUNT),
        WrongAnswer(partial(variant, broken="one discount"), WEIGHT),
        WrongAnswer(partial(variant, broken="how often"), HOME),
        WrongAnswer(partial(variant, broken="no followers"), NEW),
    ),
)
