"""★★ The vector of each text's last token; padding stands behind it."""

import random

import torch
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

LAST = _("The answer is read at the last token of a text: only there has the whole text been seen.")
ROWS = _("Each text gives one vector: (B, T, D) becomes (B, D).")
PADDING = _("Texts have different lengths: behind the shorter ones stands padding, not `<e>`.")
PAD_ID = _("Padding is where the id equals `pad_id`, which need not be 0.")


def cases(rng: random.Random) -> list[Case]:
    def batch(lengths: tuple[int, ...], size: int, pad_id: int) -> tuple[Tensor, Tensor, int]:
        hidden = [[[round(rng.gauss(0, 1), 2) for _d in range(3)] for _t in range(size)]
                  for _b in lengths]  # fmt: skip
        ids = [
            [rng.randrange(10, 90) if t < length else pad_id for t in range(size)]
            for length in lengths
        ]
        return torch.tensor(hidden, dtype=torch.float64), torch.tensor(ids), pad_id

    hidden, ids, _pad = batch((4, 2), 4, 7)
    ids[:, 1] = 0  # here an ordinary word
    return [
        Case(batch((3,), 3, 0), LAST),
        Case(batch((4, 4, 4), 4, 0), ROWS),
        Case(batch((2, 5, 1), 5, 0), PADDING),
        Case((hidden, ids, 7), PAD_ID),
    ]


def at_the_end(hidden: Tensor, ids: Tensor, pad_id: int) -> Tensor:
    """(B, T, D), (B, T) -> (B, D)."""
    last = (ids != pad_id).sum(dim=1) - 1
    return hidden[torch.arange(len(hidden)), last]


def with_a_loop(hidden: Tensor, ids: Tensor, pad_id: int) -> Tensor:
    vectors = []
    for vector, row in zip(hidden, ids.tolist(), strict=True):
        end = len(row)
        while row[end - 1] == pad_id:
            end -= 1
        vectors.append(vector[end - 1])
    return torch.stack(vectors)


def by_gathering(hidden: Tensor, ids: Tensor, pad_id: int) -> Tensor:
    places = torch.arange(ids.size(1)).expand_as(ids)
    last = places.masked_fill(ids == pad_id, -1).amax(dim=1)
    index = last[:, None, None].expand(-1, 1, hidden.size(2))
    return hidden.gather(1, index)[:, 0]


def mean_vector(hidden: Tensor, ids: Tensor, pad_id: int) -> Tensor:
    real = (ids != pad_id)[:, :, None].to(hidden.dtype)
    return (hidden * real).sum(dim=1) / real.sum(dim=1)


EXERCISE = Exercise(
    name="at_the_end",
    lecture="10_gpt_finetuning",
    stars=2,
    title=_("The vector at the end"),
    points=4,
    minutes=12,
    cases=cases,
    reference=at_the_end,
    hints=(
        _("How many real tokens has each row? The last one stands one place before that number."),
        _("`(ids != pad_id).sum(dim=1)` counts them, one number per row."),
        _("hidden[torch.arange(B), last] picks, for each row b, the vector at last[b]."),
    ),
    right_variants=(with_a_loop, by_gathering),
    wrong_answers=(
        WrongAnswer(lambda h, _ids, _pad: h[:, 0], LAST),
        WrongAnswer(mean_vector, LAST),
        WrongAnswer(lambda h, ids, pad: h[:, (ids != pad).sum(dim=1) - 2][0], LAST),
        WrongAnswer(lambda h, _ids, _pad: h[0, -1:], ROWS),
        WrongAnswer(lambda h, ids, pad: h[:, (ids != pad).sum(dim=1) - 1], LAST),
        WrongAnswer(lambda h, _ids, _pad: h[:, -1], PADDING),
        WrongAnswer(lambda h, ids, pad: h[:, int((ids != pad).sum(dim=1).min()) - 1], PADDING),
        WrongAnswer(lambda h, ids, _pad: at_the_end(h, ids, 0), PAD_ID),
    ),
)
