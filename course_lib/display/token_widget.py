"""A tokenizer you type into."""

import base64
import html
import os
from collections.abc import Mapping
from typing import Any

import ipywidgets
from matplotlib.figure import Figure

from course_lib.display.tokens import TINTS, shown, token_rows
from course_lib.display.widgets import png
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.text.tokenizer import Tokenizer

CELL = "display:inline-block;text-align:center;margin:1px;vertical-align:top"
BELOW = "font-size:70%;color:#6B6B6B;line-height:1.2"


class TokenWidget(ipywidgets.VBox):
    """A box to type in, a choice of tokenizers, and the tokens with their ids and bytes.

    A notebook with a running kernel follows every key; everything else that shows notebooks, and
    every program if COURSE_STATIC is 1, has a picture of the text as it stood when the cell ran.

    Attributes: choice, box: set their `value` to do by program what a hand would do. view: the
    tokens as HTML. Raises ValueError without a tokenizer.
    """

    def __init__(self, tokenizers: Mapping[str, Tokenizer], text: str) -> None:
        if not tokenizers:
            raise ValueError("there is no tokenizer to choose")
        self.tokenizers = dict(tokenizers)
        self.choice = ipywidgets.Dropdown(options=list(tokenizers), description=_("tokenizer"))
        self.box = ipywidgets.Textarea(text, rows=3, layout=ipywidgets.Layout(width="95%"))
        self.view = ipywidgets.HTML()
        super().__init__([self.choice, self.box, self.view])
        for part in (self.choice, self.box):
            part.observe(self._show, names="value")
        self._show()

    def _show(self, _change: Any = None) -> None:
        try:
            self.view.value = token_html(self.tokenizers[self.choice.value], self.box.value)
        except CourseError as error:  # half a character, pasted
            self.view.value = html.escape(str(error))

    def figure(self) -> Figure:
        """The text in the tokens of every tokenizer, that of the chosen one with ids and bytes."""
        found = {name: t.tokens(self.box.value) for name, t in self.tokenizers.items()}
        name = self.choice.value
        return token_rows(found, {name: [notes(self.tokenizers[name], t) for t in found[name]]})

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """What Jupyter asks for: the same thing in several forms, of which it shows the best."""
        live = {} if os.environ.get("COURSE_STATIC") == "1" else super()._repr_mimebundle_(**kwargs)
        picture = base64.b64encode(png(self.figure())).decode("ascii")
        tokens = self.tokenizers[self.choice.value].tokens(self.box.value)
        text = f"{self.choice.value}: {' | '.join(map(shown, tokens))}"
        return {**live, "image/png": picture, "text/plain": text}


def notes(tokenizer: Tokenizer, token: str) -> list[str]:
    """What stands below a token: its id and its bytes, in hexadecimal."""
    return [str(tokenizer.vocab.ids[token]), tokenizer.token_bytes(token).hex(" ")]


def token_html(tokenizer: Tokenizer, text: str) -> str:
    """The number of tokens and characters, and each token on a tint, with its id and bytes."""
    tokens = tokenizer.tokens(text)
    message = _("{tokens} tokens for {characters} characters, {bytes} bytes")
    counts = message.format(tokens=len(tokens), characters=len(text), bytes=len(text.encode()))
    cells = []
    for n, token in enumerate(tokens):
        below = "<br>".join(notes(tokenizer, token))
        tint = f"background:{TINTS[n % len(TINTS)]};color:black;padding:1px 3px"
        visible = html.escape(token.replace(" ", "␣").replace("\n", "⏎"))
        inside = f"<span style='{tint}'>{visible}</span><div style='{BELOW}'>{below}</div>"
        cells.append(f"<span style='{CELL}'>{inside}</span>")
    return f"<div>{counts}</div><div>{''.join(cells)}</div>"
