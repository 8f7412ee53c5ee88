"""The course's figures. Each takes plain data, has one message, and returns its Figure.

Pass `ax` (see `style.panels`) to draw on a part of a larger figure.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from course_lib.display.style import (
    BLACK,
    BLUE,
    COLOURS,
    GREY,
    VERMILION,
    canvas,
    figure_of,
    legend_beside,
)
from course_lib.evaluation.ladder import Rung
from course_lib.i18n import _

LINES = ("-", "--", "-.", ":")  # changed with the colour, for printing in black and white
MARKERS = "osD^vP*X"


def curves(
    series: Mapping[str, Sequence[float] | tuple[ArrayLike, ArrayLike]],
    xlabel: str,
    ylabel: str,
    title: str = "",
    log_x: bool = False,
    log_y: bool = False,
    markers: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """A line per name.

    Args:
        series: y values (x is then 0, 1, 2, …), or a pair (x, y) of equal lengths.
        markers: show the points, where they are few and measured one by one.
    """
    ax = canvas(ax)
    for number, (name, values) in enumerate(series.items()):
        x, y = values if isinstance(values, tuple) else (np.arange(len(values)), values)
        ax.plot(
            np.asarray(x),
            np.asarray(y),
            label=name,
            color=COLOURS[number % len(COLOURS)],
            linestyle=LINES[number // len(COLOURS) % len(LINES)],
            marker=MARKERS[number % len(MARKERS)] if markers else None,
        )
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if log_x:
        ax.set_xscale("log")
    if log_y:
        ax.set_yscale("log")
    ax.grid(True)
    if len(series) > 1:
        legend_beside(ax)
    return figure_of(ax)


def reference_line(ax: Axes, y: float, label: str) -> None:
    """A dashed grey line across the axes: a floor, a chance level, what a paper reports."""
    ax.axhline(y, color=GREY, linestyle="--", linewidth=1.2, zorder=0)
    where = ax.get_yaxis_transform()  # x as a share of the width, y as data
    ax.text(0.99, y, label, color=GREY, ha="right", va="bottom", transform=where, fontsize=9)


def bars(
    values: Mapping[str, float],
    xlabel: str,
    title: str = "",
    errors: Mapping[str, float] | None = None,
    highlight: Sequence[str] = (),
    decimals: int = 2,
    ax: Axes | None = None,
) -> Figure:
    """A horizontal bar per name, the first on top, with its value written beside it.

    Args:
        errors: half the length of each whisker, in the unit of the values; a name may lack one.
        highlight: the names whose bars stand out.
    """
    ax = canvas(ax, height=bars_height(len(values)))
    names = list(values)
    lengths = np.array([values[name] for name in names])
    spread = np.array([(errors or {}).get(name, 0.0) for name in names])
    colours = [VERMILION if name in highlight else BLUE for name in names]
    ax.barh(names, lengths, xerr=spread if spread.any() else None, color=colours, height=0.7)
    edge = 0.5 if len(values) > 1 else 1.0  # a single bar need not fill the figure
    ax.set_ylim(len(values) - 1 + edge, -edge)
    for row, (length, error) in enumerate(zip(lengths, spread, strict=True)):
        side = -1 if length < 0 else 1
        ax.annotate(
            f"{length:,.{decimals}f}",
            (length + side * error, row),
            xytext=(4 * side, 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            fontsize=9,
        )
    ax.margins(x=0.12)
    ax.set(xlabel=xlabel, title=title)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return figure_of(ax)


def ladder(rungs: Sequence[Rung], newest: str = "", ax: Axes | None = None) -> Figure:
    """The course's ladder: bits per word of every model on the same text, down to the floor.

    Args:
        rungs: what `evaluation.ladder.ladder` returns. The rung named "floor", the entropy of the
            text itself, becomes a line that no bar can end left of, but for chance.
        newest: the model of this lecture, which stands out.
    """
    models = [rung for rung in rungs if rung.name != "floor"]
    bits = {rung.name: rung.bits_per_word for rung in models}
    errors = {rung.name: rung.standard_error for rung in models}
    xlabel = _("bits per word (less is better)")
    ax = canvas(ax, height=bars_height(len(models)))
    figure = bars(bits, xlabel, errors=errors, highlight=[newest], ax=ax)
    for floor in (rung.bits_per_word for rung in rungs if rung.name == "floor"):
        ax.axvline(floor, color=BLACK, linestyle="--", linewidth=1.2)
        ax.annotate(
            _("floor: the text's own entropy, {bits:.2f}").format(bits=floor),
            (floor, 1),
            xycoords=("data", "axes fraction"),
            xytext=(4, 3),
            textcoords="offset points",
            fontsize=9,
        )
    return figure


def bars_height(n: int) -> float:
    """Inches that n bars and their axis need."""
    return 1.0 + 0.3 * max(2, n)
