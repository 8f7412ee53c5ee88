"""★★★ How much of the beginning reaches the end: vanishing and exploding, measured."""

import random
from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _
from course_lib.models.recurrent_cells import Step
from course_lib.training import through_time

Strengths = Sequence[float]

PRODUCT = _(
    "With inputs of zero the state stays 0, where tanh has slope 1: the derivative is the matrix"
    " product of T copies of strength * U. Its size: the root of the sum of squares, divided by"
    " the root of H."
)
SLOPE = _(
    "With inputs the states leave 0, and tanh bends: at each step row i of strength * U is"
    " multiplied by the slope 1 - h_i ** 2, with h the state that the step arrives at."
)
STRENGTHS = _("One number per strength, each with a run of its own from h = 0.")


def cases(rng: random.Random) -> list[Case]:
    def some(*shape: int, scale: float = 1.0) -> Tensor:
        numbers = [rng.gauss(0, scale) for _n in range(torch.Size(shape).numel())]
        return torch.tensor(numbers, dtype=torch.float64).view(shape)

    n = rng.randint(3, 4)
    return [
        Case((some(n, n), torch.zeros(3, n, dtype=torch.float64), [1.0]), PRODUCT),
        Case((some(n, n, scale=0.6), some(4, n), [1.0]), SLOPE),
        Case((some(5, 5, scale=0.5), some(6, 5), [0.5, 1.0, 2.0]), STRENGTHS),
    ]


def reach_of_the_end(u: Tensor, inputs: Tensor, strengths: Strengths) -> list[float]:
    """Size of dh_T/dh_0 for h_t = tanh(strength U h_(t-1) + x_t), h_0 = 0, for each strength.

    (H, H), (T, H), S strengths -> S numbers.
    """
    zeros = torch.zeros_like(u[0])
    runs = [through_time.jacobians(step_with(s * u), inputs, zeros) for s in strengths]
    return [float(through_time.reach(steps)[-1]) for steps in runs]


def step_with(u: Tensor) -> Step:
    """h' = tanh(U h + x)."""
    return lambda x, h: torch.tanh(u @ h + x)


def by_products(u: Tensor, inputs: Tensor, strengths: Strengths) -> list[float]:
    sizes = []
    for strength in strengths:
        h, product = torch.zeros_like(u[0]), torch.eye(len(u), dtype=u.dtype)
        for x in inputs:
            h = torch.tanh(strength * u @ h + x)
            product = torch.diag(1 - h**2) @ (strength * u) @ product
        sizes.append(float(product.norm() / len(u) ** 0.5))
    return sizes


def by_autograd(u: Tensor, inputs: Tensor, strengths: Strengths) -> list[float]:
    def end(first: Tensor, strength: float) -> Tensor:
        for x in inputs:
            first = torch.tanh(strength * u @ first + x)
        return first

    zeros = torch.zeros_like(u[0])
    found = [torch.autograd.functional.jacobian(lambda h, s=s: end(h, s), zeros) for s in strengths]
    return [float(j.square().mean().sqrt() * len(u) ** 0.5) for j in found]


def walk(
    u: Tensor,
    inputs: Tensor,
    strengths: Strengths,
    *,
    slope: str = "after",
    first_on_the_left: bool = False,
    same_start: bool = False,
) -> list[Tensor]:
    """The product for each strength, with one thing that may be done wrongly."""
    products, h = [], torch.zeros_like(u[0])
    for strength in strengths:
        h = h if same_start else torch.zeros_like(h)
        product = torch.eye(len(u), dtype=u.dtype)
        for x in inputs:
            before, h = h, torch.tanh(strength * u @ h + x)
            slopes = {"after": 1 - h**2, "before": 1 - before**2, "none": torch.ones_like(h)}
            step = slopes[slope][:, None] * strength * u
            product = product @ step if first_on_the_left else step @ product
        products.append(product)
    return products


def sizes(products: Sequence[Tensor]) -> list[float]:
    return [float(p.norm() / len(p) ** 0.5) for p in products]


def number_by_number(u: Tensor, inputs: Tensor, strengths: Strengths) -> list[float]:
    """Powers of the single numbers in the place of a matrix product."""
    return sizes([(s * u) ** len(inputs) for s in strengths])


EXERCISE = Exercise(
    name="reach_of_the_end",
    lecture="05_rnn",
    stars=3,
    title=_("Vanishing, exploding"),
    points=6,
    minutes=35,
    cases=cases,
    tolerance=1e-5,  # torch.tensor makes float32 of a list
    reference=reach_of_the_end,
    hints=(
        _("Two things go on side by side: the state h, and the product of the Jacobians so far."),
        _("The Jacobian of one step is diag(1 - h ** 2) @ (strength * U), with the NEW h."),
        _("Start with torch.eye(H); product = jacobian @ product; at the end norm / H ** 0.5."),
    ),
    right_variants=(by_products, by_autograd),
    wrong_answers=(
        WrongAnswer(number_by_number, PRODUCT),
        WrongAnswer(lambda u, xs, s: [float(p.norm()) for p in walk(u, xs, s)], PRODUCT),
        WrongAnswer(
            lambda u, xs, s: [float(torch.linalg.matrix_norm(p, 2)) for p in walk(u, xs, s)],
            PRODUCT,
        ),
        WrongAnswer(lambda u, xs, s: reach_of_the_end(u, xs[:-1], s), PRODUCT),
        WrongAnswer(lambda u, xs, s: sizes(walk(u, xs, s, slope="none")), SLOPE),
        WrongAnswer(lambda u, xs, s: sizes(walk(u, xs, s, slope="before")), SLOPE),
        WrongAnswer(lambda u, xs, s: sizes(walk(u, xs, s, first_on_the_left=True)), SLOPE),
        WrongAnswer(lambda u, xs, s: reach_of_the_end(u, xs, [1.0] * len(s)), STRENGTHS),
        WrongAnswer(lambda u, xs, s: sizes(walk(u, xs, s, same_start=True)), STRENGTHS),
        WrongAnswer(lambda u, xs, s: reach_of_the_end(u, xs, s[:1]), STRENGTHS),
    ),
)
