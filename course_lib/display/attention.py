"""Where a Transformer looks: one head's weights as a table, and an explorer of all of them."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from course_lib.display.style import VERMILION, figure_of, panels
from course_lib.display.tables import matrix
from course_lib.display.widgets import Explorer, explore
from course_lib.i18n import _


def attention_table(
    weights: ArrayLike,
    queries: Sequence[str],
    keys: Sequence[str],
    token: int | None = None,
    name: str = "",
) -> Figure:
    """A row per query, a column per key, darker where the query looks more.

    Args:
        weights: (T, S), each row sums to 1.
        token: the query whose row is framed; the title says where it looks most.
        name: what is shown, the beginning of the title.
    """
    table = np.asarray(weights, dtype=float)
    title = name
    if token is not None:
        best = int(table[token].argmax())
        looks = _("“{query}” looks most at “{key}” ({weight:.2f})")
        says = looks.format(query=queries[token], key=keys[best], weight=table[token, best])
        title = f"{name}: {says}" if name else says
    few = len(keys) <= 8
    figure = matrix(table, queries, keys, title, low=0, high=1, decimals=2 if few else None)
    if token is not None:
        frame = Rectangle((-0.5, token - 0.5), len(keys), 1, fill=False, clip_on=False)
        frame.set(edgecolor=VERMILION, linewidth=1.8)
        figure.axes[0].add_patch(frame)
    return figure


def attention_side_by_side(
    maps: Mapping[str, ArrayLike], tokens: Sequence[str], title: str = "", high: float = 1.0
) -> Figure:
    """The same text under the eyes of several models: name -> (T, T) weights, darker is more.

    `high` is the weight from which on a cell is darkest; the mean of many heads is often small.
    Raises ValueError if a map does not fit the tokens.
    """
    axes = panels(len(maps), height=1.0 + 0.24 * len(tokens))
    for ax, (name, weights) in zip(axes, maps.items(), strict=True):
        matrix(weights, tokens, tokens, name, low=0, high=high, decimals=None, ax=ax)
        ax.set_xticks(range(len(tokens)), tokens, rotation=90)
        ax.set(xlabel=_("looked at"), ylabel=_("looking"))
    figure = figure_of(axes[0])
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    return figure


def attention_explorer(
    weights: ArrayLike,
    queries: Sequence[str],
    keys: Sequence[str] | None = None,
    layer: int = 1,
    head: int = 1,
    token: int = 0,
) -> Explorer:
    """All weights of a model on one text, with sliders for layer, head and token.

    Args:
        weights: (L, H, T, S), L layers of H heads.
        queries, keys: the T and S tokens; the same ones if `keys` is not given.
        layer, head, token: where the sliders start; layers and heads are counted from 1.

    Raises ValueError if the sizes do not fit together.
    """
    maps, keys = np.asarray(weights, dtype=float), queries if keys is None else keys
    if maps.ndim != 4 or maps.shape[2:] != (len(queries), len(keys)):
        raise ValueError(f"{maps.shape} weights for {len(queries)} queries and {len(keys)} keys")
    first = {"layer": layer, "head": head, "token": token}

    def draw(
        layer: int = first["layer"], head: int = first["head"], token: int = first["token"]
    ) -> Figure:
        name = _("layer {layer}, head {head}").format(layer=layer, head=head)
        return attention_table(maps[layer - 1, head - 1], queries, keys, token, name)

    return explore(
        draw,
        layer=[*range(1, maps.shape[0] + 1)],
        head=[*range(1, maps.shape[1] + 1)],
        token=[(f"{i + 1} {word}", i) for i, word in enumerate(queries)],
    )
