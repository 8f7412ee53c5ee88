"""★★ One step of an LSTM: three gates, a candidate, a memory."""

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _
from course_lib.models.recurrent_cells import CellWeights, lstm_step

Step = tuple[Tensor, Tensor]

MEMORY = _(
    "Here the weights are 0, so the gates come from the bias alone. The new memory is"
    " forget * old memory + input * candidate; the candidate goes through tanh, the gates through"
    " the sigmoid."
)
SHOWN = _("The memory is right, but not what is shown of it: h' = output * tanh(new memory).")
SWAPPED = _("The two results are in the other order: first h', then c'.")
LOOK = _("Every gate looks at the word, through W, and at the last state, through U.")


def cases(rng: random.Random) -> list[Case]:
    def some(*shape: int) -> Tensor:
        numbers = [rng.gauss(0, 1) for _n in range(torch.Size(shape).numel())]
        return torch.tensor(numbers, dtype=torch.float64).view(shape)

    def arguments(d: int, h: int, scale: float) -> tuple[Tensor, ...]:
        w, u = scale * some(4 * h, d), scale * some(4 * h, h)
        return some(d), some(h).tanh(), some(h), w, u, some(4 * h)

    return [
        Case(arguments(2, 2, 0.0), MEMORY),
        Case(arguments(3, 2, 1.0), LOOK),
        Case(arguments(1, 5, 0.7), LOOK),
    ]


def lstm_cell(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, b: Tensor) -> Step:
    """(D,), (H,), (H,), (4H, D), (4H, H), (4H,) in blocks i, f, g, o -> h' and c', (H,) each."""
    return lstm_step(x, h, c, CellWeights(w, u, b, torch.zeros_like(b)))


def with_slices(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, b: Tensor) -> Step:
    n, a = len(h), w @ x + u @ h + b
    new = a[n : 2 * n].sigmoid() * c + a[:n].sigmoid() * a[2 * n : 3 * n].tanh()
    return a[3 * n :].sigmoid() * new.tanh(), new


def one_unit_after_the_other(
    x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, b: Tensor
) -> tuple[list[Tensor], list[Tensor]]:
    shown, memory = [], []
    for k in range(len(h)):
        i, f, g, o = (
            w[k + len(h) * j] @ x + u[k + len(h) * j] @ h + b[k + len(h) * j] for j in range(4)
        )
        memory.append(f.sigmoid() * c[k] + i.sigmoid() * g.tanh())
        shown.append(o.sigmoid() * memory[-1].tanh())
    return shown, memory


Mix = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Step]


def mixed(mix: Mix) -> Callable[..., Step]:
    """A cell that computes the four blocks rightly and mixes them by mix(i, f, g, o, c)."""

    def step(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, b: Tensor) -> Step:
        i, f, g, o = (w @ x + u @ h + b).chunk(4)
        return mix(i, f, g, o, c)

    return step


def usual(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> Step:
    new = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * new.tanh(), new


def all_sigmoid(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> Step:
    new = f.sigmoid() * c + i.sigmoid() * g.sigmoid()
    return o.sigmoid() * new.tanh(), new


def coupled(_i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> Step:
    """As in a GRU: what is forgotten is written."""
    new = f.sigmoid() * c + (1 - f.sigmoid()) * g.tanh()
    return o.sigmoid() * new.tanh(), new


def shown_without_bending(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> Step:
    _h, new = usual(i, f, g, o, c)
    return o.sigmoid() * new, new


def old_memory_shown(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> Step:
    return o.sigmoid() * c.tanh(), usual(i, f, g, o, c)[1]


def equal(found: Any, expected: Tensor) -> bool:
    return torch.allclose(torch.as_tensor(found, dtype=torch.float64), expected)


def shown_wrongly(result: Any, *args: Tensor) -> dict[str, Any] | None:
    return {} if equal(result[1], lstm_cell(*args)[1]) else None


def swapped(result: Any, *args: Tensor) -> dict[str, Any] | None:
    h, c = lstm_cell(*args)
    return {} if equal(result[0], c) and equal(result[1], h) else None


EXERCISE = Exercise(
    name="lstm_cell",
    lecture="05_rnn",
    stars=2,
    title=_("One step of an LSTM"),
    points=4,
    minutes=15,
    cases=cases,
    laws=(Law(SWAPPED, swapped), Law(SHOWN, shown_wrongly)),
    reference=lstm_cell,
    hints=(
        _("All four blocks at once: a = W x + U h + b, a vector of 4H numbers. Cut it in four."),
        _("i, f and o go through the sigmoid, g through tanh. Then mix the memory."),
        _("i, f, g, o = a.chunk(4); new = f.sigmoid() * c + i.sigmoid() * g.tanh(); then h'."),
    ),
    right_variants=(with_slices, one_unit_after_the_other),
    wrong_answers=(
        WrongAnswer(mixed(lambda i, f, g, o, c: usual(f, i, g, o, c)), MEMORY),
        WrongAnswer(mixed(lambda i, f, g, o, c: usual(i, f, o, g, c)), MEMORY),
        WrongAnswer(mixed(all_sigmoid), MEMORY),
        WrongAnswer(mixed(coupled), MEMORY),
        WrongAnswer(mixed(shown_without_bending), SHOWN),
        WrongAnswer(mixed(old_memory_shown), SHOWN),
        WrongAnswer(lambda *args: lstm_cell(*args)[::-1], SWAPPED),
        WrongAnswer(lambda x, h, c, w, u, b: lstm_cell(x, 0 * h, c, w, u, b), LOOK),
        WrongAnswer(lambda x, h, c, w, u, b: lstm_cell(0 * x, h, c, w, u, b), LOOK),
        WrongAnswer(lambda x, _h, c, w, u, b: lstm_cell(x, c, c, w, u, b), LOOK),
    ),
)
