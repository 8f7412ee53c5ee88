"""★★ Who may look at whom: the future and the padding hidden at once."""

import random
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

CAUSAL = _("Without padding the table is a lower triangle, with its diagonal.")
LEAK = _("Text {text}, row {row} may look at position {place}: the future leaks.")
SELF = _("A token may look at itself: without the diagonal, the first one could look nowhere.")
PADDING = _("Nobody may look at padding: hide the *columns* of <pad>, in every row.")
BATCH = _("Each text of the batch has its own padding.")


def cases(rng: random.Random) -> list[Case]:
    def text(length: int, size: int) -> list[int]:
        return [rng.randint(1, 20) for _i in range(length)] + [0] * (size - length)

    size = rng.randint(4, 6)
    return [
        Case((torch.tensor([text(size, size)]),), CAUSAL),
        Case((torch.tensor([text(size - 2, size)]),), PADDING),
        Case((torch.tensor([text(n, size) for n in (size - 1, size, 2)]),), BATCH),
    ]


def look_mask(ids: Tensor) -> Tensor:
    """(B, T) ids, 0 for padding -> (B, T, T) bool: may the row's token look at the column's?"""
    size = ids.size(1)
    past = torch.ones(size, size, dtype=torch.bool).tril()
    return past & (ids != 0)[:, None, :]


def leaks(result: Any, _ids: Tensor) -> dict[str, int] | None:
    """The first place in the future that is open."""
    found = torch.as_tensor(result).bool()
    places = found.triu(1).nonzero()
    if len(places) == 0:
        return None
    text, row, place = (places[0] + 1).tolist()
    return {"text": text, "row": row, "place": place}


def blind_to_itself(result: Any, _ids: Tensor) -> dict[str, int] | None:
    found = torch.as_tensor(result).bool()
    return {} if not found.diagonal(dim1=1, dim2=2).any() else None


def by_comparing_places(ids: Tensor) -> Tensor:
    places = torch.arange(ids.size(1))
    return (places <= places[:, None]) & (ids > 0).unsqueeze(1)


def with_loops(ids: Tensor) -> Tensor:
    size = ids.size(1)
    mask = torch.zeros(len(ids), size, size, dtype=torch.bool)
    for text in range(len(ids)):
        for row in range(size):
            for place in range(row + 1):
                mask[text, row, place] = ids[text, place] != 0
    return mask


def only_padding(ids: Tensor) -> Tensor:
    return (ids != 0)[:, None, :].expand(-1, ids.size(1), -1)


def only_causal(ids: Tensor) -> Tensor:
    size = ids.size(1)
    return torch.ones(len(ids), size, size, dtype=torch.bool).tril()


def rows_of_padding(ids: Tensor) -> Tensor:
    return only_causal(ids) & (ids != 0)[:, :, None]


def padding_of_the_first(ids: Tensor) -> Tensor:
    return only_causal(ids) & (ids[:1] != 0)[:, None, :]


def padding_of_any(ids: Tensor) -> Tensor:
    return only_causal(ids) & (ids != 0).all(dim=0)


EXERCISE = Exercise(
    name="look_mask",
    lecture="07_transformer",
    stars=2,
    title=_("Who may look at whom"),
    points=4,
    minutes=12,
    cases=cases,
    laws=(Law(LEAK, leaks), Law(SELF, blind_to_itself)),
    reference=look_mask,
    hints=(
        _("Two questions for each row and column: is it in the past, and is it a real token?"),
        _("`torch.ones(T, T).tril()` is a lower triangle. `ids != 0` has shape (B, T)."),
        _("Give `ids != 0` the shape (B, 1, T), so that it holds for all rows, and join by &."),
    ),
    right_variants=(by_comparing_places, with_loops),
    wrong_answers=(
        WrongAnswer(lambda ids: look_mask(ids).tril(-1), SELF),
        WrongAnswer(lambda ids: only_causal(ids).mT, LEAK),
        WrongAnswer(lambda ids: ~look_mask(ids), LEAK),
        WrongAnswer(only_padding, LEAK),
        WrongAnswer(lambda ids: only_causal(ids).triu(-1), CAUSAL),
        WrongAnswer(only_causal, PADDING),
        WrongAnswer(rows_of_padding, PADDING),
        WrongAnswer(padding_of_the_first, BATCH),
        WrongAnswer(padding_of_any, BATCH),
    ),
)
