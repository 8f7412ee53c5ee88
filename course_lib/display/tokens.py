"""A text in its tokens: every token on a colour of its own, with its id below."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from course_lib.display.style import BLACK, GREY, WIDTH, figure_of, use_style

SIZE, SMALL = 10.0, 7.0  # points: tokens; what stands below them
LINE, NAME, GAP = 0.25, 0.24, 0.1  # inches: a line of tokens, a row's name, between two rows
NOTE, EDGE, PAD = 0.14, 0.08, 0.035  # a line of notes; the margins; left and right of a token
TINTS = ("#CFE3F2", "#F8DCC8", "#CDEBDD", "#F3DEE9")  # light blue, orange, green and pink, in turn

Row = list[tuple[str, list[str]]]  # each token as it is shown, and its notes


def token_rows(
    rows: Mapping[str, Sequence[str]], notes: Mapping[str, Sequence[Sequence[str]]] | None = None
) -> Figure:
    """Texts as tokens, one below the other, each under its name and the number of its tokens.

    Args:
        rows: name -> tokens. Spaces are shown as ␣, line ends as ⏎.
        notes: name -> a list per token of what shall stand below it: its id, say, and its bytes.

    Raises ValueError if a row has notes, but not for each of its tokens.
    """
    use_style()  # before the widths of Japanese are measured
    given = notes or {}
    made: dict[str, Row] = {}
    for name, tokens in rows.items():
        below = given.get(name, [()] * len(tokens))
        made[name] = [(shown(t), list(n)) for t, n in zip(tokens, below, strict=True)]
    places = {name: list(lay_out(row)) for name, row in made.items()}
    heights = {
        name: NAME + (1 + max((line for *_x, line in spots), default=0)) * _line_height(made[name])
        for name, spots in places.items()
    }
    height = sum(heights.values()) + GAP * len(rows)
    figure = Figure(figsize=(WIDTH, height))
    figure.set_layout_engine("none")  # everything here has its place in inches
    page = figure.add_axes((0, 0, 1, 1))
    page.axis("off")
    top = height
    for name, row in made.items():
        _write(page, f"{name} · {len(row)}", row, places[name], top)
        top -= heights[name] + GAP
    return figure


def shown(token: str) -> str:
    """A token for the eye: ␣ for a space, ⏎ for a line end, the code of what no font here has."""
    token = token.replace(" ", "␣").replace("\n", "⏎")
    return "".join(c if c.isprintable() and _has_picture(c) else f"U+{ord(c):04X}" for c in token)


def lay_out(row: Row) -> Iterator[tuple[float, float, int]]:
    """Of each token: inches from the left, its width with its notes, the number of its line."""
    figure = Figure()
    renderer = FigureCanvasAgg(figure).get_renderer()
    artist = figure.text(0, 0, "", parse_math=False)

    def width(text: str, size: float) -> float:
        artist.set(text=text, fontsize=size)
        return float(artist.get_window_extent(renderer).width / figure.dpi)

    x, line = EDGE, 0
    for token, notes in row:
        wide = 2 * PAD + max([width(token, SIZE), *(width(note, SMALL) for note in notes)])
        if x + wide > WIDTH - EDGE and x > EDGE:
            x, line = EDGE, line + 1
        yield x, wide, line
        x += wide + 0.02


def _write(
    page: Axes, name: str, row: Row, places: Sequence[tuple[float, float, int]], top: float
) -> None:
    """A row from `top` inches downwards: its name, then its tokens."""
    inches, lines = figure_of(page).dpi_scale_trans, _line_height(row)
    plain: dict[str, Any] = {"transform": inches, "parse_math": False}
    page.text(EDGE, top - NAME / 2, name, color=GREY, fontsize=9, va="center", **plain)
    for i, ((token, notes), (x, wide, line)) in enumerate(zip(row, places, strict=True)):
        y = top - NAME - line * lines
        box = (x, y - LINE + 0.03), wide, LINE - 0.04
        tint = TINTS[i % len(TINTS)]
        page.add_patch(mpl.patches.Rectangle(*box, facecolor=tint, transform=inches, clip_on=False))
        page.text(x + wide / 2, y - 0.18, token, fontsize=SIZE, color=BLACK, ha="center", **plain)
        for n, note in enumerate(notes):
            below = y - LINE - NOTE * n - 0.09
            page.text(x + wide / 2, below, note, fontsize=SMALL, color=GREY, ha="center", **plain)


def _line_height(row: Row) -> float:
    most = max((len(notes) for _token, notes in row), default=0)
    return LINE + NOTE * most + (0.06 if most else 0)


def _has_picture(character: str) -> bool:
    fonts = (font_manager.get_font(font_manager.findfont(f)) for f in mpl.rcParams["font.family"])
    return any(font.get_char_index(ord(character)) for font in fonts)
