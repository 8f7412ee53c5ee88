"""★★★ An experiment: the first layer at which two models that should be one are not."""

import math
import random
from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Found = tuple[int, float]
Layers = Sequence[Tensor]

LARGEST = _("A difference has no sign, and the largest one of a layer counts, not their mean.")
FIRST = _("The first layer that differs tells where the error is; all later ones only inherit it.")
ROUNDING = _("Up to the tolerance, numbers count as equal: two ways of adding differ in rounding.")
PADDING = _("What stands at padding (mask 0) may be anything: it is no part of a text.")
NAN = _("NaN > tolerance is False! A number that is not a number is a difference: math.inf.")
EQUAL = _("If no layer differs, the answer is (-1, 0.0).")


def cases(rng: random.Random) -> list[Case]:
    shape = (2, rng.randint(3, 4), 3)
    mask = torch.ones(shape[:2], dtype=torch.long)
    mask[1, -1] = 0

    def numbers() -> Tensor:
        return torch.tensor([rng.uniform(-2, 2) for _i in range(math.prod(shape))]).view(shape)

    ours = [numbers() for _layer in range(4)]

    def question(errors: Sequence[tuple[int, float, tuple]], hint: str, layers: int = 4) -> Case:
        """errors: layer, what is added there, and where; everywhere else they are equal."""
        theirs = [layer.clone() for layer in ours[:layers]]
        for layer, error, place in errors:
            theirs[layer][place] += error
        return Case((ours[:layers], theirs, mask, 1e-3), hint)

    size, where = rng.uniform(0.1, 0.5), (0, 1, 2)
    first = rng.randint(1, 2)
    inherited = [(later, 3 * size, where) for later in range(first + 1, 4)]
    rounding = [(layer, 4e-4, (0, 0, 0)) for layer in range(first)]
    lost = question([(first, math.nan, where), *inherited], NAN)
    pad = [(0, 9.0, (1, -1, 1)), (3, 9.0, (1, -1, 0))]
    return [
        question([(0, -size, where), (0, size / 2, (1, 0, 0))], LARGEST, layers=1),
        question([(first, size, (1, 0, 2)), *inherited], FIRST),
        question([*rounding, (first, size, (0, -1, 2)), *inherited], ROUNDING),
        question([*pad, (first, size, where)], PADDING),
        lost,
        Case((lost.args[1], lost.args[0], *lost.args[2:]), NAN),
        question(rounding, EQUAL),
    ]


def where_they_part(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    """Lists of (B, T, D), (B, T) -> the first layer that differs and its largest difference."""
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        difference = (a - b).abs()[mask.bool()].nan_to_num(nan=math.inf)
        if difference.max() > tolerance:
            return number, float(difference.max())
    return -1, 0.0


def by_all_layers(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    """Every layer's largest difference first, then a search."""
    apart = (torch.stack([*ours]) - torch.stack([*theirs])).abs()
    apart = torch.where(apart.isnan(), math.inf, apart) * 1.0
    largest = apart.masked_fill(mask[None, :, :, None] == 0, 0).amax(dim=(1, 2, 3))
    layers = (largest > tolerance).nonzero()[:, 0].tolist()
    return (layers[0], float(largest[layers[0]])) if layers else (-1, 0.0)


def with_loops(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    for number in range(len(ours)):
        found = 0.0
        for text in range(mask.size(0)):
            for token in range(mask.size(1)):
                if mask[text, token]:
                    pairs = zip(ours[number][text, token], theirs[number][text, token], strict=True)
                    for a, b in pairs:
                        gap = abs(float(a) - float(b))
                        found = max(found, math.inf if math.isnan(gap) else gap)
        if not found <= tolerance:
            return number, found
    return -1, 0.0


def signed(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        difference = (b - a)[mask.bool()]
        if difference.max() > tolerance:
            return number, float(difference.max())
    return -1, 0.0


def mean_difference(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    number, largest = where_they_part(ours, theirs, mask, tolerance)
    if number < 0:
        return number, largest
    return number, float((ours[number] - theirs[number]).abs()[mask.bool()].mean())


def largest_of_all(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    gaps = [where_they_part([a], [b], mask, 0)[1] for a, b in zip(ours, theirs, strict=True)]
    best = max(range(len(gaps)), key=gaps.__getitem__)
    return (best, gaps[best]) if gaps[best] > tolerance else (-1, 0.0)


def from_the_last(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    for number in reversed(range(len(ours))):
        found, largest = where_they_part([ours[number]], [theirs[number]], mask, tolerance)
        if found == 0:
            return number, largest
    return -1, 0.0


def without_mask(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    return where_they_part(ours, theirs, torch.ones_like(mask), tolerance)


def passes_over_nan(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        largest = float((a - b).abs()[mask.bool()].max())
        if largest > tolerance:
            return number, largest
    return -1, 0.0


def zero_for_nan(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        largest = float((a - b).abs()[mask.bool()].nan_to_num(nan=0.0).max())
        if largest > tolerance:
            return number, largest
    return -1, 0.0


def last_if_equal(ours: Layers, theirs: Layers, mask: Tensor, tolerance: float) -> Found:
    found = where_they_part(ours, theirs, mask, tolerance)
    return found if found[0] >= 0 else (len(ours), 0.0)


EXERCISE = Exercise(
    name="where_they_part",
    lecture="15_hugging_face",
    stars=3,
    title=_("Where do two models part?"),
    points=6,
    minutes=25,
    cases=cases,
    reference=where_they_part,
    hints=(
        _("Go through the layers in order and stop at the first with a difference that counts."),
        _("(a - b).abs()[mask.bool()] holds the differences of the real tokens only."),
        _(
            "NaN is not larger than anything: turn it into infinity (nan_to_num(nan=math.inf))"
            " before you compare with the tolerance."
        ),
    ),
    right_variants=(by_all_layers, with_loops),
    wrong_answers=(
        WrongAnswer(signed, LARGEST),
        WrongAnswer(mean_difference, LARGEST),
        WrongAnswer(largest_of_all, FIRST),
        WrongAnswer(from_the_last, FIRST),
        WrongAnswer(lambda a, b, m, _t: where_they_part(a, b, m, 0), ROUNDING),
        WrongAnswer(without_mask, PADDING),
        WrongAnswer(passes_over_nan, NAN),
        WrongAnswer(zero_for_nan, NAN),
        WrongAnswer(last_if_equal, EQUAL),
    ),
)
