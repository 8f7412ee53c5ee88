"""What labels and pre-training are worth: scores against the number of either, in bands."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from course_lib.display.plots import LINES, MARKERS, reference_line
from course_lib.display.style import COLOURS, canvas, figure_of, legend_beside
from course_lib.i18n import _

Runs = Mapping[int, Sequence[float]]  # number of labels -> a score per seed


def score_by_labels(
    scores: Mapping[str, Runs],
    ylabel: str,
    title: str = "",
    lines: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """A line per method through the means over seeds, in a band from the worst to the best seed.

    Args:
        scores: method -> number of labelled examples -> the score of each seed. A method may lack
            a number.
        lines: name -> a score that needs no labels: a ceiling, what a guess reaches.

    The numbers of labels stand on a logarithmic axis: each step to the right is a multiple, which
    is what labels cost. Raises ValueError if a method has a number of labels without a score.
    """
    ax = canvas(ax)
    for name, runs in scores.items():
        empty = [n for n, values in runs.items() if not len(values)]
        if empty:
            raise ValueError(f"{name}: no score at {empty[0]} labels")
    ax.set_xscale("log")
    ax.set(xlabel=_("labelled examples"), ylabel=ylabel, title=title)
    return _bands(ax, scores, lines or {}, lambda n, _place: f"{n:,.0f}")


def score_by_minutes(
    scores: Mapping[str, Mapping[float, Sequence[float]]],
    ylabel: str,
    title: str = "",
    lines: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """A line per number of labels through the means over seeds; 0 minutes is from scratch.

    Args:
        scores: name of the line -> minutes of pre-training -> the score of each seed.
        lines: name -> a score that needs no pre-training, such as a linear model's.

    The minutes stand on a logarithmic axis from 1 on.
    """
    ax = canvas(ax)
    ax.set_xscale("symlog", linthresh=1)
    ax.set(xlabel=_("minutes of pre-training on one core"), ylabel=ylabel, title=title)
    return _bands(ax, scores, lines or {}, lambda minutes, _place: f"{minutes:g}")


def _bands(
    ax: Axes,
    scores: Mapping[str, Mapping[Any, Sequence[float]]],
    lines: Mapping[str, float],
    written: Callable[[float, int], str],
) -> Figure:
    """A band and a line for each method, with every place of the x axis named by `written`."""
    for number, (name, runs) in enumerate(scores.items()):
        _draw(ax, number, name, runs)
    ax.xaxis.set_major_locator(FixedLocator(sorted({x for runs in scores.values() for x in runs})))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(written))
    ax.grid(True)
    for label, score in lines.items():
        reference_line(ax, score, label)
    legend_beside(ax)
    return figure_of(ax)


def _draw(ax: Axes, number: int, name: str, runs: Mapping[Any, Sequence[float]]) -> None:
    """One method: its line, and the band of its seeds in the same colour."""
    places = sorted(runs)
    means = [math.fsum(runs[x]) / len(runs[x]) for x in places]
    colour = COLOURS[number % len(COLOURS)]
    ax.plot(
        places,
        means,
        label=name,
        color=colour,
        marker=MARKERS[number % len(MARKERS)],
        linestyle=LINES[number % len(LINES)],
    )
    worst, best = (np.array([pick(runs[x]) for x in places]) for pick in (min, max))
    ax.fill_between(places, worst, best, color=colour, alpha=0.2, linewidth=0)
