"""★★ The score of an answer: how likely it is, word by word, behind the prompt."""

import math
import random
from collections.abc import Sequence

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Rows = Sequence[Sequence[float]]

BEFORE = _(
    "Row t of the logits is what the model says about the word *after* word t: the first word of"
    " the answer is scored by the row of the last word of the prompt."
)
NORMAL = _("Logits are no probabilities: take the logarithm of their softmax over the words.")
ONLY = _("Only the words of the answer count, not those of the prompt.")
MEAN = _("Divide by the number of words of the answer, so that a long answer can win.")
LARGE = _("Logits of 1,000 overflow in exp: subtract the largest of a row first.")


def cases(rng: random.Random) -> list[Case]:
    def rows(n_rows: int, n_words: int) -> list[list[float]]:
        return [[round(rng.uniform(-3, 3), 2) for _w in range(n_words)] for _r in range(n_rows)]

    def ids(n_ids: int, n_words: int) -> list[int]:
        return [rng.randrange(n_words) for _place in range(n_ids)]

    normal = [[round(math.log(p), 12) for p in row] for row in SHARES]
    large = [[x + 1000 for x in row] for row in rows(4, 3)]
    turn = rng.randrange(3)
    return [
        Case((normal, [turn, (turn + 1) % 3], 1), BEFORE),
        Case((rows(2, 3), ids(2, 3), 1), NORMAL),
        Case((rows(6, 4), ids(6, 4), 1), ONLY),
        Case((rows(6, 4), ids(6, 4), 3), MEAN),
        Case((large, ids(4, 3), 2), LARGE),
    ]


SHARES = ((0.5, 0.3, 0.2), (0.1, 0.15, 0.75))  # whatever word is asked for, the rows differ


def answer_score(logits: Rows, ids: Sequence[int], n_answer: int) -> float:
    """The mean logarithm of the probability of the last n_answer ids, each given all before it."""
    total = 0.0
    for place in range(len(ids) - n_answer, len(ids)):
        row = logits[place - 1]
        high = max(row)
        total += row[ids[place]] - high - math.log(sum(math.exp(x - high) for x in row))
    return total / n_answer


def with_numpy(logits: Rows, ids: Sequence[int], n_answer: int) -> float:
    rows = np.array(logits)[-n_answer - 1 : -1]
    log_p = rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)
    return float(log_p[np.arange(n_answer), np.array(ids)[-n_answer:]].mean())


def with_torch(logits: Rows, ids: Sequence[int], n_answer: int) -> float:
    import torch
    import torch.nn.functional as F

    rows, targets = torch.tensor(logits, dtype=torch.float64)[:-1], torch.tensor(ids)[1:]
    return -F.cross_entropy(rows[-n_answer:], targets[-n_answer:]).item()


def own_row(logits: Rows, ids: Sequence[int], n_answer: int) -> float:
    return answer_score([*logits[1:], logits[0]], ids, n_answer)


def with_logits(logits: Rows, ids: Sequence[int], n_answer: int) -> float:
    places = range(len(ids) - n_answer, len(ids))
    return sum(logits[place - 1][ids[place]] for place in places) / n_answer


def careless(logits: Rows, ids: Sequence[int], n_answer: int) -> float:
    e = [[math.exp(x) for x in row] for row in logits]
    return answer_score([[math.log(x / sum(row)) for x in row] for row in e], ids, n_answer)


def probability(logits: Rows, ids: Sequence[int], n_answer: int) -> float:
    return math.exp(answer_score(logits, ids, n_answer))


EXERCISE = Exercise(
    name="answer_score",
    lecture="14_prompting",
    stars=2,
    title=_("How likely is an answer?"),
    points=4,
    minutes=12,
    cases=cases,
    tolerance=1e-4,  # torch.tensor makes float32 of a list
    reference=answer_score,
    hints=(
        _("Which rows of the logits speak about the words of the answer?"),
        _("For the id at place t: row t - 1. log softmax is z - log(sum of exp(z))."),
        _("z[id] - high - math.log(sum(math.exp(x - high) for x in z)), with high = max(z)."),
    ),
    right_variants=(with_numpy, with_torch),
    wrong_answers=(
        WrongAnswer(own_row, BEFORE),
        WrongAnswer(lambda z, i, n: -answer_score(z, i, n), BEFORE),
        WrongAnswer(probability, BEFORE),
        WrongAnswer(with_logits, NORMAL),
        WrongAnswer(lambda z, i, _n: answer_score(z, i, len(i) - 1), ONLY),
        WrongAnswer(lambda z, i, n: n * answer_score(z, i, n), MEAN),
        WrongAnswer(lambda z, i, _n: answer_score(z, i, 1), MEAN),
        WrongAnswer(careless, LARGE),
    ),
)
