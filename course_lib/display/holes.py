"""Holes in a text: what a model expects there, as bars, and a box to type sentences with holes."""

import base64
import html
import os
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
from matplotlib.figure import Figure

from course_lib.display.style import BLUE, VERMILION, figure_of, panels
from course_lib.display.widgets import png
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.inference.filling import HOLE, words_with_holes
from course_lib.text.marks import MASK

N_WORDS = 6  # shown for a hole
MOST_HOLES = 4  # that fit side by side
LINE = 80  # letters of a title that fit beside each other

Guess = Mapping[str, float]
Fill = Callable[[Sequence[str]], Sequence[Guess]]


def hole_bars(
    guesses: Mapping[str, Guess], right: str = "", n_words: int = N_WORDS, title: str = ""
) -> Figure:
    """What several models expect in a hole, or one model in several, side by side.

    Args:
        guesses: name -> p(word) of the words. All panels have the same scale, from 0 to 1.
        right: the word that truly stands there; its bars stand out.
        n_words: how many words are shown, the likeliest on top.

    Raises ValueError if there is nothing to show.
    """
    if not guesses:
        raise ValueError("there are no guesses to show")
    axes = panels(len(guesses), height=0.9 + 0.28 * n_words)
    for ax, (name, guess) in zip(axes, guesses.items(), strict=True):
        best = sorted(guess, key=lambda word: -guess[word])[:n_words]
        for row, word in enumerate(best):
            ax.barh(row, guess[word], color=VERMILION if word == right else BLUE, alpha=0.45)
            beside = f"{word}  {guess[word]:.2f}"
            ax.text(0.02, row, beside, va="center", fontsize=9, parse_math=False)
        ax.set_title(name, fontsize=10)
        ax.set(xlim=(0, 1), ylim=(n_words - 0.5, -0.5), xlabel=_("probability"), yticks=[])
    figure = figure_of(axes[0])
    figure.suptitle(textwrap.fill(title, LINE), x=0.01, ha="left", fontsize=11)
    return figure


class HoleWidget(ipywidgets.VBox):
    """A box to type a sentence with holes, ___, and what a model expects in each of them.

    A notebook with a running kernel follows every key; everything else that shows notebooks, and
    every program if COURSE_STATIC is 1, has a picture of the text as it stood when the cell ran.

    Args:
        fill: from words with [MASK] at the holes to p(word) for each hole, as `inference.filling.
            fill` gives them.
        text: what stands in the box at first.
        known: the words that the model knows; others are named. None: all.

    Attributes: box: set its `value` to do by program what a hand would do. message: what is wrong
    with the text, if anything. figure: the picture as it stands.
    """

    def __init__(self, fill: Fill, text: str, known: Sequence[str] | None = None) -> None:
        self.fill, self.known = fill, None if known is None else frozenset(known)
        self.box = ipywidgets.Textarea(text, rows=2, layout=ipywidgets.Layout(width="95%"))
        self.message, self.image = ipywidgets.HTML(), ipywidgets.Image(format="png")
        super().__init__([self.box, self.message, self.image])
        self.box.observe(self._show, names="value")
        self.figure = Figure()
        self._show()

    def _show(self, _change: Any = None) -> None:
        words = words_with_holes(self.box.value)
        try:
            self.figure = self._bars(words)
            self.image.value, notes = png(self.figure), self._unknown(words)
        except CourseError as error:  # no hole yet, or too many
            notes = str(error)
        self.message.value = html.escape(notes)

    def _bars(self, words: Sequence[str]) -> Figure:
        if words.count(MASK) > MOST_HOLES:
            raise CourseError(_("at most {n} holes can be shown").format(n=MOST_HOLES))
        guesses = self.fill(words)
        names = [_("hole {n}").format(n=n) for n in range(1, len(guesses) + 1)]
        text = " ".join(HOLE if word == MASK else word for word in words)
        return hole_bars(dict(zip(names, guesses, strict=True)), title=text)

    def _unknown(self, words: Sequence[str]) -> str:
        new = [] if self.known is None else [w for w in words if w not in self.known | {MASK}]
        return _("not known: {words}").format(words=", ".join(new)) if new else ""

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """What Jupyter asks for: the same thing in several forms, of which it shows the best."""
        live = {} if os.environ.get("COURSE_STATIC") == "1" else super()._repr_mimebundle_(**kwargs)
        picture = base64.b64encode(png(self.figure)).decode("ascii")
        return {**live, "image/png": picture, "text/plain": self.box.value}
