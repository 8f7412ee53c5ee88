"""Words on a plane."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike

from course_lib.display.plots import MARKERS
from course_lib.display.style import COLOURS, HEIGHT, canvas, figure_of, legend_beside

# Where a label may stand beside its point: (right, up) in points, and which end touches it.
PLACES: list[tuple[tuple[float, float], Literal["left", "right", "center"]]] = [
    ((5, 2), "left"),
    ((-5, 2), "right"),
    ((5, -8), "left"),
    ((-5, -8), "right"),
    ((0, 6), "center"),
    ((0, -13), "center"),
]


def word_map(
    points: ArrayLike,
    words: Sequence[str],
    groups: Sequence[str] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Words at their places on a plane: (N, 2) points, N words, and a colour per group."""
    places = np.asarray(points, dtype=float)
    if places.shape != (len(words), 2):
        raise ValueError(f"{places.shape} points for {len(words)} words; expected (N, 2)")
    groups = groups or [""] * len(words)
    ax = canvas(ax, height=1.5 * HEIGHT)
    for number, group in enumerate(dict.fromkeys(groups)):
        members = np.array([name == group for name in groups])
        x, y = places[members].T
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        ax.scatter(x, y, s=18, color=colour, marker=marker, label=group)
    ax.margins(0.08)
    ax.set(title=title, xticks=[], yticks=[])  # only distances mean something
    ax.spines[:].set_visible(False)
    if any(groups):
        legend_beside(ax)
    _write_words(ax, places, words)
    return figure_of(ax)


def point_map(
    points: ArrayLike, groups: Sequence[str], title: str = "", ax: Axes | None = None
) -> Figure:
    """Many points (N, 2) on a plane without words, a colour and a marker per group."""
    places = np.asarray(points, dtype=float)
    if places.shape != (len(groups), 2):
        raise ValueError(f"{places.shape} points for {len(groups)} groups; expected (N, 2)")
    ax = canvas(ax, height=1.2 * HEIGHT)
    for number, group in enumerate(dict.fromkeys(groups)):
        x, y = places[np.array([name == group for name in groups])].T
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        ax.scatter(x, y, s=16, color=colour, marker=marker, alpha=0.6, linewidth=0, label=group)
    ax.set(title=title, xticks=[], yticks=[])  # only distances mean something
    ax.spines[:].set_visible(False)
    legend_beside(ax)
    return figure_of(ax)


def _write_words(ax: Axes, places: np.ndarray, words: Sequence[str]) -> None:
    """Each word at the first of PLACES where it covers nothing; at the last if there is none."""
    figure = figure_of(ax)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()  # fixes where the axes are
    taken = [Bbox.from_bounds(x - 3, y - 3, 6, 6) for x, y in ax.transData.transform(places)]
    for word, (x, y) in zip(words, places.tolist(), strict=True):
        for offset, align in PLACES:
            label = ax.annotate(
                word, (x, y), xytext=offset, textcoords="offset points", ha=align, fontsize=8
            )
            box = label.get_window_extent(renderer)
            if box.count_overlaps(taken) == 0 or (offset, align) == PLACES[-1]:
                taken.append(box)
                break
            label.remove()
