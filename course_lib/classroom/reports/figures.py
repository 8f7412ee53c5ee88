"""The figures of the reports, as SVG to be put into a page."""

import io
import math
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from course_lib.display.style import BLUE, VERMILION, canvas, figure_of, use_style
from course_lib.i18n import _

MOST_BARS = 40
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def points_figure(points: Sequence[float], most: float) -> Figure:
    """How many students have how many points, from 0 to `most`: a bar per point or more points.

    A bar holds the points from its left edge up to, but without, its right one.
    """
    step = math.ceil((most + 1) / MOST_BARS)
    edges = np.arange(0, most + 1 + step, step)
    counts, _edges = np.histogram(points, edges)
    ax = canvas(height=3.0)
    ax.bar(edges[:-1], counts, width=0.9 * step, align="edge" if step > 1 else "center", color=BLUE)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel=_("points"), ylabel=_("students"))
    return figure_of(ax)


def likeness_figure(counts: Sequence[int], limit: float) -> Figure:
    """How many pairs have which likeness: counts of equal steps from 0 to 1; a line at `limit`."""
    edges = np.linspace(0, 1, len(counts) + 1)
    ax = canvas(height=3.0)
    ax.bar(edges[:-1], counts, width=0.9 / len(counts), align="edge", color=BLUE)
    ax.set_yscale("symlog", linthresh=1)  # one pair is seen beside a hundred thousand
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.axvline(limit, color=VERMILION, linestyle="--", linewidth=1.2)
    ax.set(xlim=(0, 1), ylim=(0, None), xlabel=_("likeness"), ylabel=_("pairs"))
    return figure_of(ax)


def as_svg(figure: Figure, label: str) -> Markup:
    """The figure as an <svg> element, with words for those who cannot see it.

    The figures here show numbers and our own words, nothing that a student wrote.
    """
    file = io.StringIO()
    with mpl.rc_context():
        use_style()
        figure.savefig(file, format="svg", bbox_inches="tight", metadata=NO_METADATA)
    svg = file.getvalue()
    start = svg.index("<svg")
    opened = Markup('<svg role="img" aria-label="{}"').format(label)
    return opened + Markup(svg[start + len("<svg") :])
