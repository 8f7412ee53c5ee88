"""★★ One step of beam search: B beams propose, the best B candidates go on."""

import heapq
import random
from collections.abc import Mapping, Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Beam = tuple[list[str], float]

GROW = _("A new beam is an old one with one more word; return the best ones, the best first.")
ADD = _("A beam is judged as a whole: the log-probability of its words so far counts, too.")
ALL = _("All candidates compete with each other: one beam may have two heirs, another none.")
FEW = _("If there are fewer candidates than places, all of them go on.")


def cases(rng: random.Random) -> list[Case]:
    def spread(words: Sequence[str], *values: float) -> dict[str, float]:
        logs = [round(x - rng.uniform(0, 0.05), 3) for x in values]
        items = list(zip(words, logs, strict=True))
        rng.shuffle(items)
        return dict(items)

    words = ["river", "bank", "boat"]
    start = spread(words, -0.3, -1.9, -2.4)
    # The second beam is a little worse, but both of its best continuations win.
    two = [(["the"], -1.0), (["a"], -1.2)]
    after_two = [spread(words, -2.0, -2.1, -2.6), spread(words, -0.4, -1.5, -3.0)]
    return [
        Case(([([], 0.0)], [start], 2), GROW),
        Case(([(["we", "saw"], round(rng.uniform(-3, -1), 2))], [start], 2), ADD),
        Case((two, after_two, 2), ALL),
        Case((two, [{"end": -0.5}, {"end": -0.1}], 4), FEW),
    ]


def beam_step(
    beams: Sequence[Beam], next_log_probs: Sequence[Mapping[str, float]], n_beams: int
) -> list[Beam]:
    """The `n_beams` best of all beams made one word longer, best first."""
    return sorted(_candidates(beams, next_log_probs), key=lambda beam: -beam[1])[:n_beams]


def b_squared(
    beams: Sequence[Beam], next_log_probs: Sequence[Mapping[str, float]], n_beams: int
) -> list[Beam]:
    """Only the B best words of each beam are looked at: B * B candidates."""
    found: list[Beam] = []
    for (words, log_prob), after in zip(beams, next_log_probs, strict=True):
        best = sorted(after.items(), key=lambda item: item[1], reverse=True)[:n_beams]
        found += [([*words, word], log_prob + x) for word, x in best]
    found.sort(key=lambda beam: beam[1], reverse=True)
    return found[:n_beams]


def with_heapq(
    beams: Sequence[Beam], next_log_probs: Sequence[Mapping[str, float]], n_beams: int
) -> list[Beam]:
    return heapq.nlargest(n_beams, _candidates(beams, next_log_probs), key=lambda beam: beam[1])


def worst_first(beams: Sequence[Beam], after: Sequence[Mapping[str, float]], n: int) -> list[Beam]:
    return beam_step(beams, after, n)[::-1]


def new_word_only(
    beams: Sequence[Beam], after: Sequence[Mapping[str, float]], n: int
) -> list[tuple[str, float]]:
    return [(words[-1], log_prob) for words, log_prob in beam_step(beams, after, n)]


def without_the_past(
    beams: Sequence[Beam], after: Sequence[Mapping[str, float]], n: int
) -> list[Beam]:
    return beam_step([(words, 0.0) for words, _log_prob in beams], after, n)


def mean_of_both(beams: Sequence[Beam], after: Sequence[Mapping[str, float]], n: int) -> list[Beam]:
    found = [
        ([*words, word], (log_prob * len(words) + x) / (len(words) + 1))
        for (words, log_prob), chances in zip(beams, after, strict=True)
        for word, x in chances.items()
    ]
    return sorted(found, key=lambda beam: -beam[1])[:n]


def a_place_for_each(
    beams: Sequence[Beam], after: Sequence[Mapping[str, float]], n: int
) -> list[Beam]:
    share = n // len(beams)
    heirs = [
        beam_step([beam], [chances], share) for beam, chances in zip(beams, after, strict=True)
    ]
    return sorted((beam for some in heirs for beam in some), key=lambda beam: -beam[1])


def best_beam_only(
    beams: Sequence[Beam], after: Sequence[Mapping[str, float]], n: int
) -> list[Beam]:
    return beam_step(beams[:1], after[:1], n)


def by_number(beams: Sequence[Beam], after: Sequence[Mapping[str, float]], n: int) -> list[Beam]:
    found = beam_step(beams, after, 99)
    return [found[i] for i in range(n)]


def _candidates(beams: Sequence[Beam], next_log_probs: Sequence[Mapping[str, float]]) -> list[Beam]:
    return [
        ([*words, word], log_prob + x)
        for (words, log_prob), after in zip(beams, next_log_probs, strict=True)
        for word, x in after.items()
    ]


EXERCISE = Exercise(
    name="beam_step",
    lecture="09_decoding",
    stars=2,
    title=_("One step of beam search"),
    points=4,
    minutes=15,
    cases=cases,
    reference=beam_step,
    hints=(
        _("Make a list of all candidates: every beam, each with every word that may follow it."),
        _("A candidate is (words + [word], log_prob + log p(word)): logarithms add up."),
        _("Sort the candidates by their second part, the largest first, and cut at n_beams."),
    ),
    right_variants=(b_squared, with_heapq),
    wrong_answers=(
        WrongAnswer(worst_first, GROW),
        WrongAnswer(new_word_only, GROW),
        WrongAnswer(without_the_past, ADD),
        WrongAnswer(mean_of_both, ADD),
        WrongAnswer(a_place_for_each, ALL),
        WrongAnswer(best_beam_only, ALL),
        WrongAnswer(by_number, FEW),
    ),
)
