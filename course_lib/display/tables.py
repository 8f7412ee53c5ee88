"""Tables in which a darker cell means more: transitions, attention, what models know."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from course_lib.display.style import HEIGHT, WIDTH, canvas, figure_of
from course_lib.evaluation.metrics import Estimate
from course_lib.i18n import _


def matrix(
    values: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str = "",
    low: float | None = None,
    high: float | None = None,
    decimals: int | None = 2,
    ax: Axes | None = None,
) -> Figure:
    """A table of R × C coloured cells.

    Args:
        values: (R, C); a NaN cell stays white, with a dash: not measured.
        low, high: what the lightest and the darkest colour stand for; else the extremes.
        decimals: how to write each value in its cell; None leaves the cells empty, which suits
            more than a dozen columns.
    """
    table = np.asarray(values, dtype=float)
    if table.shape != (len(rows), len(columns)):
        raise ValueError(f"{table.shape} values for {len(rows)} rows and {len(columns)} columns")
    width = min(WIDTH, 3.4 + 0.75 * len(columns))
    ax = canvas(ax, width=width, height=1.2 + min(0.34 * len(rows), 1.5 * HEIGHT))
    image = ax.imshow(table, cmap="Blues", vmin=low, vmax=high, aspect="auto")
    _label(ax, rows, columns)
    ax.set_title(title)
    if decimals is not None:
        _write_values(ax, image, table, decimals)
    return figure_of(ax)


def _label(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Names at the cells; upright ones below where level ones would touch, small where many."""
    ax.set_yticks(range(len(rows)), rows, fontsize=min(10, 360 / max(1, len(rows))))
    room = 5 / max(1, len(columns))  # about how many inches a column has
    touching = max(map(len, columns), default=0) * 0.1 > room
    rotation = 90 if touching else 0
    ax.set_xticks(range(len(columns)), columns, rotation=rotation, fontsize=min(10, 60 * room))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _write_values(ax: Axes, image: AxesImage, table: np.ndarray, decimals: int) -> None:
    for (row, column), value in np.ndenumerate(table):
        text = "–" if np.isnan(value) else f"{value:.{decimals}f}"
        colour = "white" if np.asarray(image.norm(value)) > 0.6 else "black"
        ax.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)


def phenomena(accuracy: Mapping[str, Mapping[str, Estimate]], ax: Axes | None = None) -> Figure:
    """What each model has learnt: a row per phenomenon, a column per model.

    Args:
        accuracy: what `evaluation.phenomena.phenomena_table` returns: phenomenon -> model -> share
            of minimal pairs decided rightly. A model may lack a phenomenon: the cell has a dash.

    The lightest cells are guesses (0.5 or less), the darkest never wrong.
    """
    names = list(accuracy)
    models = list(dict.fromkeys(model for row in accuracy.values() for model in row))
    missing = Estimate(np.nan, np.nan)
    values = [accuracy[name].get(model, missing).value for name in names for model in models]
    table = np.reshape(values, (len(names), len(models)))
    title = _("minimal pairs decided rightly\n(a guess: 0.50)")
    return matrix(table, names, models, title, low=0.5, high=1.0, ax=ax)
