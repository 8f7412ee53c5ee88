"""★★ What the fill-mask pipeline does with logits."""

import random
from collections.abc import Sequence

import numpy as np

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Fills = list[list[tuple[str, float]]]
Rows = Sequence[Sequence[float]]

SHARES = _("Scores become probabilities by a softmax over the vocabulary.")
WHOLE = _("The probabilities of the whole vocabulary sum to 1, not those of the k best pieces.")
BEST = _("The likeliest piece stands first, and no more than k are wanted.")
PLACE = _("Only the logits at the place of the mask tell what belongs there.")
EACH = _("A text may have several masks: one list for each of them, in their order.")

PIECES = ["[MASK]", "river", "bank", "boat", "##s", "."]


def cases(rng: random.Random) -> list[Case]:
    n = len(PIECES)
    mask = 0

    def scores(sort: bool = False) -> list[float]:
        row = [round(x / 4 + rng.uniform(0, 0.1), 3) for x in rng.sample(range(-8, 9), n)]
        return sorted(row, reverse=True) if sort else row

    def text(places: Sequence[int], length: int) -> list[int]:
        return [mask if i in places else rng.randint(1, n - 1) for i in range(length)]

    def question(ids: Sequence[int], k: int, hint: str, sort: bool = False) -> Case:
        return Case(([*ids], [scores(sort) for _place in ids], mask, [*PIECES], k), hint)

    return [
        question([mask], n, SHARES, sort=True),
        question([mask], 2, WHOLE, sort=True),
        question([mask], 3, BEST),
        question(text([rng.randint(1, 3)], 5), 2, PLACE),
        question(text([0, rng.randint(2, 4)], 6), 2, EACH),
    ]


def top_fills(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    """(T,), (T, V) -> for each mask the k likeliest pieces with their probabilities."""
    found = []
    for i, row in zip(ids, logits, strict=True):
        if i == mask_id:
            powers = np.exp(np.array(row) - max(row))
            best = np.argsort(-powers, kind="stable")[:k]
            found.append([(pieces[j], float(powers[j] / powers.sum())) for j in best])
    return found


def with_torch(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    import torch

    at_masks = torch.tensor(logits, dtype=torch.float64)[torch.tensor(ids) == mask_id]
    best = at_masks.softmax(dim=-1).topk(k)
    return [
        [(pieces[j], p) for j, p in zip(places, shares, strict=True)]
        for places, shares in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]


def by_sorting(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    found = []
    for place in [t for t, i in enumerate(ids) if i == mask_id]:
        powers = [2.718281828459045**score for score in logits[place]]
        named = zip(pieces, [power / sum(powers) for power in powers], strict=True)
        found.append(sorted(named, key=lambda pair: -pair[1])[:k])
    return found


def raw_scores(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    found = []
    for place in [t for t, i in enumerate(ids) if i == mask_id]:
        best = sorted(zip(logits[place], pieces, strict=True), reverse=True)[:k]
        found.append([(piece, score) for score, piece in best])
    return found


def each_by_itself(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    """A sigmoid of each score."""
    rows = raw_scores(ids, logits, mask_id, pieces, k)
    return [[(piece, float(1 / (1 + np.exp(-score)))) for piece, score in row] for row in rows]


def over_the_best(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    rows = top_fills(ids, logits, mask_id, pieces, k)
    return [[(piece, p / sum(q for _piece, q in row)) for piece, p in row] for row in rows]


def in_the_order_of_ids(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    rows = top_fills(ids, logits, mask_id, pieces, len(pieces))
    return [[(piece, dict(row)[piece]) for piece in pieces][:k] for row in rows]


def least_first(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    return [row[::-1] for row in top_fills(ids, logits, mask_id, pieces, k)]


def at_the_first_place(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    return top_fills(ids, [logits[0]] * len(ids), mask_id, pieces, k)


def at_the_last_place(
    ids: Sequence[int], logits: Rows, mask_id: int, pieces: Sequence[str], k: int
) -> Fills:
    return top_fills(ids, [logits[-1]] * len(ids), mask_id, pieces, k)


EXERCISE = Exercise(
    name="top_fills",
    lecture="15_hugging_face",
    stars=2,
    title=_("A pipeline's last step: fill the mask"),
    points=4,
    minutes=15,
    cases=cases,
    reference=top_fills,
    hints=(
        _("Three steps: find the places of the mask, turn scores into probabilities, sort."),
        _("p(piece) = exp(score) / sum of exp(all scores at this place)."),
        _(
            "Go through ids and logits together; where the id is mask_id, sort the pairs"
            " (piece, p) by -p and keep the first k."
        ),
    ),
    right_variants=(with_torch, by_sorting),
    wrong_answers=(
        WrongAnswer(raw_scores, SHARES),
        WrongAnswer(each_by_itself, SHARES),
        WrongAnswer(least_first, SHARES),
        WrongAnswer(over_the_best, WHOLE),
        WrongAnswer(in_the_order_of_ids, BEST),
        WrongAnswer(at_the_first_place, PLACE),
        WrongAnswer(at_the_last_place, PLACE),
        WrongAnswer(lambda *asked: top_fills(*asked)[:1], EACH),
        WrongAnswer(lambda *asked: top_fills(*asked)[::-1], EACH),
    ),
)
