"""Running text as a picture, each word on a colour that says how much of something it has."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from course_lib.display.style import GREY, ORANGE, WIDTH, figure_of

SIZE, LINE, GAP = 9.5, 0.24, 0.16  # points; inches from line to line, and between two passages
EDGE, BAR = 0.08, 0.5  # inches: left and right of the text; below it for the colour bar

# Never so dark that black letters on it are hard to read.
SHADES = LinearSegmentedColormap.from_list("passages", ["white", ORANGE])

Place = tuple[float, int]  # inches from the left, number of the line


def passages(
    texts: Mapping[str, Sequence[str]],
    values: Mapping[str, Sequence[float]] | None = None,
    label: str = "",
    high: float | None = None,
    sep: str = " ",
) -> Figure:
    """Texts below one another, each under its name, broken into lines like a printed page.

    Args:
        texts: name -> words.
        values: name -> a number, at least 0, per word: the larger, the darker the colour behind the
            word. A text may lack them.
        label: what the numbers are, with their unit, beside the colour bar.
        high: what the darkest colour stands for; else the largest value.
        sep: what stands between two words; "" for texts of characters.

    Raises ValueError if a text and its values differ in length.
    """
    given = values or {}
    for name, numbers in given.items():
        if len(numbers) != len(texts[name]):
            raise ValueError(f"{name}: {len(numbers)} values for {len(texts[name])} words")
    laid = {name: list(lay_out(words, sep)) for name, words in texts.items()}
    n_lines = [1 + max((line for _x, line in places), default=-1) for places in laid.values()]
    height = sum(LINE * (1 + n) + GAP for n in n_lines) + (BAR if given else 0)
    figure = Figure(figsize=(WIDTH, height))
    figure.set_layout_engine("none")  # everything here has its place in inches
    every = [x for numbers in given.values() for x in numbers]
    shade = ScalarMappable(Normalize(0, high or max(every, default=1)), SHADES)
    page = figure.add_axes((0, 0, 1, 1))  # a notebook does not show a figure without axes
    page.axis("off")
    top = height
    for (name, words), places, n in zip(texts.items(), laid.values(), n_lines, strict=True):
        colours = shade.to_rgba(np.array(given[name])) if name in given else None
        _write(page, name, words, places, top, colours)
        top -= LINE * (1 + n) + GAP
    if given:
        _add_bar(figure, shade, label, height)
    return figure


def lay_out(words: Sequence[str], sep: str) -> Iterator[Place]:
    """Where each word stands on lines of a figure's width."""
    figure = Figure()
    renderer = FigureCanvasAgg(figure).get_renderer()
    artist = figure.text(0, 0, "", fontsize=SIZE)

    def width(text: str) -> float:
        artist.set_text(text)
        return float(artist.get_window_extent(renderer).width / figure.dpi)

    space = width(f"a{sep}a") - width("aa")
    x, line = EDGE, 0
    for word in words:
        wide = width(word)
        if x + wide > WIDTH - EDGE and x > EDGE:
            x, line = EDGE, line + 1
        yield x, line
        x += wide + space


def _write(
    page: Axes,
    name: str,
    words: Sequence[str],
    places: Sequence[Place],
    top: float,
    colours: np.ndarray | None,
) -> None:
    """The name and the words, from `top` inches downwards; colours (N, 4), one per word."""
    inches = figure_of(page).dpi_scale_trans
    y = top - LINE / 2
    page.text(EDGE, y, name, color=GREY, fontsize=9, va="center", transform=inches)
    for i, (word, (x, line)) in enumerate(zip(words, places, strict=True)):
        below = y - LINE * (line + 1)
        artist = page.text(x, below, word, fontsize=SIZE, va="center_baseline", transform=inches)
        if colours is not None:
            artist.set_bbox({"facecolor": colours[i], "edgecolor": "none", "pad": 1.5})


def _add_bar(figure: Figure, shade: ScalarMappable, label: str, height: float) -> None:
    """A small colour bar under the text."""
    where = (EDGE / WIDTH, 0.32 / height, 0.3, 0.12 / height)
    bar = figure.colorbar(shade, cax=figure.add_axes(where), orientation="horizontal")
    bar.ax.tick_params(labelsize=8, length=2)
    bar.outline.set_visible(False)
    figure.text(0.34, 0.38 / height, label, fontsize=9, va="center")
