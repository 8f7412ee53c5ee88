"""★★ Top-p: the smallest set of likely words that holds a given share of the probability."""

import itertools
import random
from collections.abc import Mapping

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

Probs = dict[str, float]

CROSS = _("The set must hold at least p: the word with which its mass reaches p is still in it.")
SUM = _("What is kept sums to {total:.3f}: divide by that, so that it is a distribution again.")
ORDER = _("The likeliest words are taken first, in whatever order they are listed.")
EXACT = _("As few words as possible: once the mass has reached p, not one more.")
ALL = _("With p = 1 every word stays, also where the sum of all is 0.9999999 by rounding.")


def cases(rng: random.Random) -> list[Case]:
    words = rng.sample(["river", "bank", "boat", "bridge", "money", "water", "tide", "oar"], 8)
    falling = dict(zip(words, (0.5, 0.3, 0.15, 0.05), strict=False))
    mixed = dict(zip(words, (0.05, 0.45, 0.2, 0.3), strict=False))
    halves = dict(zip(words, (0.5, 0.25, 0.125, 0.125), strict=False))
    tenths = dict.fromkeys([*words, "reed", "fog"], 0.1)
    return [
        Case((falling, round(rng.uniform(0.55, 0.68), 3)), CROSS),
        Case((mixed, round(rng.uniform(0.5, 0.7), 3)), ORDER),
        Case((halves, rng.choice([0.5, 0.75])), EXACT),
        Case((tenths, 1.0), ALL),
    ]


def nucleus(probs: Mapping[str, float], p: float) -> Probs:
    """The fewest likeliest words whose mass reaches p, their probabilities made to sum to 1."""
    kept: Probs = {}
    for word in sorted(probs, key=probs.__getitem__, reverse=True):
        kept[word] = probs[word]
        if sum(kept.values()) >= p:
            break
    return _share(kept)


def by_mass_before(probs: Mapping[str, float], p: float) -> Probs:
    """A word stays if the words before it have not reached p."""
    best = sorted(probs.items(), key=lambda item: -item[1])
    ends = list(itertools.accumulate(x for _word, x in best))
    before = [0.0, *ends[:-1]]
    return _share({w: x for (w, x), b in zip(best, before, strict=True) if b < p})


def by_dropping(probs: Mapping[str, float], p: float) -> Probs:
    """From the other end: the least likely word goes while the rest still reach p."""
    kept = dict(sorted(probs.items(), key=lambda item: item[1]))
    for word in list(kept)[:-1]:
        rest = sum(kept.values()) - kept[word]
        if rest < p:
            break
        del kept[word]
    return _share(kept)


def stopping_before(probs: Mapping[str, float], p: float) -> Probs:
    kept: Probs = {}
    for word in sorted(probs, key=probs.__getitem__, reverse=True):
        if sum(kept.values()) + probs[word] > p:
            break
        kept[word] = probs[word]
    return _share(kept)


def as_listed(probs: Mapping[str, float], p: float) -> Probs:
    kept: Probs = {}
    for word, x in probs.items():
        kept[word] = x
        if sum(kept.values()) >= p:
            break
    return _share(kept)


def one_too_many(probs: Mapping[str, float], p: float) -> Probs:
    kept: Probs = {}
    for word in sorted(probs, key=probs.__getitem__, reverse=True):
        if sum(kept.values()) > p:
            break
        kept[word] = probs[word]
    return _share(kept)


def running_off_the_end(probs: Mapping[str, float], p: float) -> Probs:
    words, kept = sorted(probs, key=probs.__getitem__), dict[str, float]()
    while sum(kept.values()) < p:
        word = words.pop()
        kept[word] = probs[word]
    return _share(kept)


def not_shared_out(probs: Mapping[str, float], p: float) -> Probs:
    return {word: probs[word] for word in nucleus(probs, p)}


def _share(kept: Mapping[str, float]) -> Probs:
    return {word: x / sum(kept.values()) for word, x in kept.items()}


def _total(found: Mapping[str, float], *_args: object) -> dict[str, float] | None:
    total = sum(found.values())
    return None if abs(total - 1) < 1e-6 else {"total": total}


EXERCISE = Exercise(
    name="nucleus",
    lecture="09_decoding",
    stars=2,
    title=_("The nucleus of a distribution"),
    points=4,
    minutes=12,
    cases=cases,
    laws=(Law(SUM, _total),),
    reference=nucleus,
    hints=(
        _("Sort the words by probability, the likeliest first, and add up as you go."),
        _("Put a word into the set first, then ask whether the set's mass has reached p."),
        _("At the end divide each probability that was kept by the sum of those kept."),
    ),
    right_variants=(by_mass_before, by_dropping),
    wrong_answers=(
        WrongAnswer(stopping_before, CROSS),
        WrongAnswer(lambda probs, p: _share({w: x for w, x in probs.items() if x >= 1 - p}), CROSS),
        WrongAnswer(not_shared_out, SUM),
        WrongAnswer(as_listed, ORDER),
        WrongAnswer(one_too_many, EXACT),
        WrongAnswer(running_off_the_end, ALL),
    ),
)
