"""Small pictures with their captions, and where a captioner looks for each word."""

import math
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from course_lib.display.style import WIDTH, figure_of, panels

COLUMNS = 6  # pictures in a row of `caption_maps`
DARKEST = 0.15  # what is left of the light where nobody looks


def pictures_with_captions(pixels: Sequence[ArrayLike], captions: Sequence[str]) -> Figure:
    """Pictures side by side, each (3, h, w) from 0 to 255, with its caption below."""
    n = len(pixels)
    axes = panels(n, height=WIDTH / n + 0.8)
    for ax, one, caption in zip(axes, pixels, captions, strict=True):
        draw(ax, np.asarray(one))
        lines = textwrap.wrap(caption, 76 // n)
        ax.set_xlabel("\n".join(lines), fontsize=9, loc="left", parse_math=False)
    return figure_of(axes[0])


def caption_maps(pixels: ArrayLike, words: Sequence[str], weights: ArrayLike) -> Figure:
    """The picture once for each word, bright where the captioner looked when it wrote the word.

    Args:
        pixels: (3, h, w), 0 to 255; h = w.
        weights: (T, N) of N squares, row by row of the picture; N is a square number. The square
            most looked at is as bright as in the picture.

    Raises ValueError if the sizes do not fit together.
    """
    picture, table = np.asarray(pixels), np.asarray(weights, dtype=float)
    side = math.isqrt(table.shape[-1])
    if len(table) != len(words) or side**2 != table.shape[-1] or picture.shape[-1] % side:
        raise ValueError(f"{table.shape} weights for {len(words)} words and {picture.shape} pixels")
    n_rows = math.ceil(len(words) / COLUMNS)
    figure = Figure(figsize=(WIDTH, 1.3 * n_rows))
    axes = figure.subplots(n_rows, COLUMNS, squeeze=False).ravel()
    for ax in axes[len(words) :]:
        ax.axis("off")
    for ax, word, row in zip(axes, words, table, strict=False):
        draw(ax, picture * light(row, side, picture.shape[-1]))
        ax.set_title(word, fontsize=9, parse_math=False)
    return figure


def light(weights: NDArray[np.float64], side: int, size: int) -> NDArray[np.float64]:
    """(N,) weights -> (size, size) factors from DARKEST to 1."""
    squares = (weights / weights.max()).reshape(side, side)
    factors: NDArray[np.float64] = DARKEST + (1 - DARKEST) * squares
    return factors.repeat(size // side, axis=0).repeat(size // side, axis=1)


def draw(ax: Axes, pixels: NDArray[np.number]) -> None:
    """(3, h, w) from 0 to 255, without axes."""
    ax.imshow(np.rint(pixels).astype(np.uint8).transpose(1, 2, 0), interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
