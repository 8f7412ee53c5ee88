"""How every figure of the course looks: light, readable by the colour-blind, with Japanese."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib_fontja
from cycler import cycler
from IPython.core.getipython import get_ipython
from IPython.core.pylabtools import select_figure_formats
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import writing

# Eight colours that people with any kind of colour vision tell apart, the strongest first; yellow
# is left to the last place because it is faint on white. Source: Okabe & Ito (2008).
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, YELLOW = "#E69F00", "#56B4E9", "#000000", "#F0E442"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK, YELLOW)
GREY = "#6B6B6B"  # for what is there to compare with: grids, floors, chance

WIDTH, HEIGHT = 7.0, 3.6  # inches: the width of a notebook's text

SETTINGS: dict[Any, Any] = {
    "figure.figsize": (WIDTH, HEIGHT),
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "axes.grid": False,
    "axes.unicode_minus": True,
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "font.size": 10,
    # Letters that the first font lacks, all of Japanese, are taken from the second.
    "font.family": ["DejaVu Sans", "IPAexGothic"],
    "svg.hashsalt": "course",  # or every run would give the parts of an SVG new names
}


def use_style() -> None:
    """Set the course's look, and let a notebook show a Figure that ends a cell."""
    matplotlib_fontja.japanize()  # makes the Japanese font known
    mpl.rcParams.update(SETTINGS)
    shell = get_ipython()
    if shell is not None:
        select_figure_formats(shell, {"png"})


def canvas(ax: Axes | None = None, width: float = WIDTH, height: float = HEIGHT) -> Axes:
    """`ax` itself, or the axes of a new figure of `width` × `height` inches.

    The figure is made without pyplot: a notebook shows it once, as the value of its cell, and
    nothing has to be closed afterwards.
    """
    return panels(1, width, height)[0] if ax is None else ax


def panels(n: int, width: float = WIDTH, height: float = HEIGHT) -> list[Axes]:
    """n axes side by side in one new figure, for the functions of `plots` to draw on."""
    figure = Figure(figsize=(width, height))
    return list(figure.subplots(1, n, squeeze=False)[0])


def figure_of(ax: Axes) -> Figure:
    """The figure that holds these axes: what a plotting function returns."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no figure")
    return figure


def legend_beside(ax: Axes) -> None:
    """A legend to the right of the axes, where it covers nothing."""
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def save(figure: Figure, path: str | Path) -> None:
    """Write the figure to a file, .svg or .png; the same figure gives the same bytes.

    Raises CourseError if the file's ending is another one, or if it cannot be written.
    """
    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in ("svg", "png"):
        raise CourseError(_("{path}: a figure is saved as .svg or .png").format(path=path))
    metadata = {"Date": None} if kind == "svg" else None  # the time of day would change the bytes
    with writing(path, "wb") as file:
        figure.savefig(file, format=kind, bbox_inches="tight", metadata=metadata)
