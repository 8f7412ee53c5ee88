"""★★★ The unigram tokenizer: the most probable of all ways to cut a word, by Viterbi."""

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

SUM = _("The probability of a cut is the product over its pieces: add up all their logarithms.")
GREEDY = _("The longest piece at the beginning, or the likeliest one, may cost more later.")
DEAD = _("A piece may fit and still lead nowhere: only cuts that reach the end of the word count.")
NONE = _("No way to cut the word: return an empty list.")
TABLE = _("Only what is in the table has a probability. Nothing else can be a piece.")
SPELLS = _("Put end to end, the pieces of your cut give {text}, which is not the word.")


def cases(rng: random.Random) -> list[Case]:
    a, b, c, d = rng.sample("bcdfgklm", 4)
    low, high = rng.uniform(-9.0, -8.0), rng.uniform(-2.0, -1.0)
    likely = dict.fromkeys([a, b, c, d], low)
    pairs = {a + b: high, c + d: high}
    too_long = {**likely, a + b + c: low, a + b: low + 0.5, c + d: high}
    too_likely = {a: high, b + c: 2 * low, a + b: high - 1, c: high - 1}
    long_word = "".join(rng.sample("bcdfgklmnprst", 9))
    spans = [(i, j) for i in range(9) for j in range(i + 1, min(10, i + 4))]
    return [
        Case((a + b, {a: low, b: low, c: high}), TABLE),
        Case((a + b + c + d, {**likely, **pairs}), GREEDY),
        Case((a + b + c + d, too_long), GREEDY),
        Case((a + b + c, too_likely), GREEDY),
        Case((a + b, {a: high, b: high, a + b: 2 * high - 1}), SUM),
        Case((a + b, {a: high, b: high, a + b: 1.5 * high}), SUM),
        Case((a + b + c, {a + b: high, a: low, b + c: low, b: low}), DEAD),
        Case((long_word, {long_word[:2]: high, long_word[:5]: low, long_word[5:]: low}), DEAD),
        Case((a + d + b, {a: high, b: high, d + c: high}), NONE),
        Case((long_word, {long_word[i:j]: (j - i) * rng.uniform(-4, -1) for i, j in spans}), SUM),
    ]


def spells_another(result: Sequence[str], word: str, _log_probs: object) -> dict[str, Any] | None:
    text = "".join(result)
    return {"text": text} if result and text != word else None


def best_segmentation(word: str, log_probs: Mapping[str, float]) -> list[str]:
    """Word -> the pieces with the largest sum of log-probabilities; [] if nothing fits.

    best[i] is the best cut of the first i letters; it ends in some piece word[j:i], and before that
    stands the best cut of the first j letters. O(T^2). Source: Kudo (2018).
    """
    best = [0.0] + [-math.inf] * len(word)
    start_of = [0] * (len(word) + 1)  # where the last piece of the best cut begins
    for i in range(1, len(word) + 1):
        for j in range(i):
            score = best[j] + log_probs.get(word[j:i], -math.inf)
            if score > best[i]:
                best[i], start_of[i] = score, j
    if best[-1] == -math.inf:
        return []
    pieces: list[str] = []
    end = len(word)
    while end:
        pieces.append(word[start_of[end] : end])
        end = start_of[end]
    return pieces[::-1]


def from_the_end(word: str, log_probs: Mapping[str, float]) -> list[str]:
    """Best cut of each ending, kept as (score, pieces)."""
    best: dict[int, tuple[float, list[str]]] = {len(word): (0.0, [])}
    for start in reversed(range(len(word))):
        ways = [
            (log_probs[word[start:end]] + score, [word[start:end], *pieces])
            for end, (score, pieces) in best.items()
            if word[start:end] in log_probs
        ]
        if ways:
            best[start] = max(ways)
    return best.get(0, (0.0, []))[1]


def try_all(word: str, log_probs: Mapping[str, float]) -> list[str]:
    """Every way there is; good enough for short words."""

    def ways(rest: str) -> list[list[str]]:
        if not rest:
            return [[]]
        ends = [end for end in range(1, len(rest) + 1) if rest[:end] in log_probs]
        return [[rest[:end], *way] for end in ends for way in ways(rest[end:])]

    return max(ways(word), key=lambda way: sum(log_probs[p] for p in way), default=[])


def longest_first(word: str, log_probs: Mapping[str, float]) -> list[str]:
    pieces: list[str] = []
    while word:
        ends = [end for end in range(len(word), 0, -1) if word[:end] in log_probs]
        if not ends:
            return []
        pieces.append(word[: ends[0]])
        word = word[ends[0] :]
    return pieces


def likeliest_first(word: str, log_probs: Mapping[str, float]) -> list[str]:
    pieces: list[str] = []
    while word:
        ends = [end for end in range(1, len(word) + 1) if word[:end] in log_probs]
        if not ends:
            return []
        end = max(ends, key=lambda end: log_probs[word[:end]])
        pieces.append(word[:end])
        word = word[end:]
    return pieces


def fewest_pieces(word: str, log_probs: Mapping[str, float]) -> list[str]:
    return best_segmentation(word, {piece: p - 1000 for piece, p in log_probs.items()})


def by_the_mean(word: str, log_probs: Mapping[str, float]) -> list[str]:
    """The likeliest piece on average."""

    def ways(rest: str) -> list[list[str]]:
        ends = [end for end in range(1, len(rest) + 1) if rest[:end] in log_probs]
        found = [[rest[:end], *way] for end in ends for way in ways(rest[end:])]
        return found if rest else [[]]

    return max(ways(word), key=lambda way: sum(log_probs[p] for p in way) / len(way), default=[])


def with_zero_for_unknown(word: str, log_probs: Mapping[str, float]) -> list[str]:
    """A piece that is not in the table costs nothing."""
    every = {word[i:j]: 0.0 for j in range(len(word) + 1) for i in range(j)}
    return best_segmentation(word, {**every, **log_probs})


def greedy_if_it_fits(word: str, log_probs: Mapping[str, float]) -> list[str]:
    """Right wherever each way to cut reaches the end."""
    if not longest_first(word, log_probs):
        return []
    return best_segmentation(word, log_probs)


def turned_round(word: str, log_probs: Mapping[str, float]) -> list[str]:
    return best_segmentation(word, log_probs)[::-1]


def word_itself(word: str, log_probs: Mapping[str, float]) -> list[str]:
    return best_segmentation(word, log_probs) or [word]


def stops_with_an_error(word: str, log_probs: Mapping[str, float]) -> list[str]:
    pieces = best_segmentation(word, log_probs)
    return [pieces[0], *pieces[1:]]


EXERCISE = Exercise(
    name="best_segmentation",
    lecture="04_tokenization",
    stars=3,
    title=_("The best of all cuts"),
    points=6,
    minutes=30,
    cases=cases,
    laws=(Law(SPELLS, spells_another),),
    reference=best_segmentation,
    hints=(
        _("Suppose you knew the best cut of every shorter beginning of the word. What is left?"),
        _("best[i]: score of the best cut of the first i letters. Its last piece is word[j:i]."),
        _("best[i] = max over j of best[j] + log_probs[word[j:i]]; remember j, then walk back."),
    ),
    right_variants=(from_the_end, try_all),
    wrong_answers=(
        WrongAnswer(fewest_pieces, SUM),
        WrongAnswer(by_the_mean, SUM),
        WrongAnswer(longest_first, GREEDY),
        WrongAnswer(likeliest_first, GREEDY),
        WrongAnswer(greedy_if_it_fits, DEAD),
        WrongAnswer(with_zero_for_unknown, TABLE),
        WrongAnswer(turned_round, SPELLS),
        WrongAnswer(word_itself, NONE),
        WrongAnswer(stops_with_an_error, NONE),
    ),
)
