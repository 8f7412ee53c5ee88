"""★ Clipping: all gradients together keep their direction and lose length."""

import random
from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Gradients = Sequence[Tensor]

LONG = _("Its length is above the limit: the same direction, but exactly as long as the limit.")
TOGETHER = _("One length for all: the root of the sum of ALL squares, over all the tensors.")
SHORT = _("All together they are no longer than the limit: nothing must change.")
ZERO = _("A gradient of zeros is short, too: mind the division.")


def cases(rng: random.Random) -> list[Case]:
    def some(*shape: int) -> Tensor:
        numbers = [
            rng.choice([-1, 1]) * rng.uniform(0.5, 2) for _n in range(torch.Size(shape).numel())
        ]
        return torch.tensor(numbers, dtype=torch.float64).view(shape)

    limit = round(rng.uniform(0.2, 0.4), 2)
    return [
        Case(([some(3)], limit), LONG),
        Case(([some(2, 3), some(4)], limit), TOGETHER),
        Case(([0.01 * some(2), 0.01 * some(2, 2)], limit), SHORT),
        Case(([torch.zeros(2, dtype=torch.float64)], limit), ZERO),
    ]


def clip_gradients(gradients: Gradients, limit: float) -> list[Tensor]:
    """Tensors of any shapes -> the same times min(1, limit / length of all together)."""
    length = sum(float(g.square().sum()) for g in gradients) ** 0.5
    factor = limit / length if length > limit else 1.0
    return [g * factor for g in gradients]


def by_one_vector(gradients: Gradients, limit: float) -> list[Tensor]:
    length = torch.cat([g.flatten() for g in gradients]).norm()
    return [g * (limit / length.clamp(min=limit)) for g in gradients]


def by_norm_of_norms(gradients: Gradients, limit: float) -> list[Tensor]:
    length = torch.stack([g.norm() for g in gradients]).norm()
    return list(gradients) if length <= limit else [g / length * limit for g in gradients]


def number_by_number(gradients: Gradients, limit: float) -> list[Tensor]:
    return [g.clamp(-limit, limit) for g in gradients]


def each_by_itself(gradients: Gradients, limit: float) -> list[Tensor]:
    return [clip_gradients([g], limit)[0] for g in gradients]


def always_as_long_as_the_limit(gradients: Gradients, limit: float) -> list[Tensor]:
    length = torch.stack([g.norm() for g in gradients]).norm()
    return [g * (limit / length) for g in gradients]


def short_ones_lengthened(gradients: Gradients, limit: float) -> list[Tensor]:
    """Right for what is long or zero."""
    length = torch.stack([g.norm() for g in gradients]).norm()
    return [g * (limit / length) if length else g for g in gradients]


def zero_divided(gradients: Gradients, limit: float) -> list[Tensor]:
    length = torch.stack([g.norm() for g in gradients]).norm()
    return [g / length * min(float(length), limit) for g in gradients]


EXERCISE = Exercise(
    name="clip_gradients",
    lecture="05_rnn",
    stars=1,
    title=_("Clipping"),
    points=2,
    minutes=8,
    cases=cases,
    reference=clip_gradients,
    hints=(
        _("First the length of all gradients, as if they stood in one long vector."),
        _("The length is the root of the sum of all squares. Is it above the limit?"),
        _("If so, multiply every tensor by limit / length; if not, return them as they are."),
    ),
    right_variants=(by_one_vector, by_norm_of_norms),
    wrong_answers=(
        WrongAnswer(number_by_number, LONG),
        WrongAnswer(lambda gs, _m: [g / g.norm() for g in gs], LONG),
        WrongAnswer(lambda gs, _m: list(gs), LONG),
        WrongAnswer(each_by_itself, TOGETHER),
        WrongAnswer(always_as_long_as_the_limit, SHORT),
        WrongAnswer(short_ones_lengthened, SHORT),
        WrongAnswer(zero_divided, ZERO),
    ),
)
