"""Text with marked parts: HTML in a notebook or on a web page, plain text everywhere else."""

from collections.abc import Mapping, Sequence
from html import escape

from course_lib.display.style import COLOURS
from course_lib.i18n import _

Span = tuple[int, int, str]  # words[start:end], and what they are


class Markup:
    """What a cell shows if it ends in one: `html` if it can, else `plain`.

    Marks are words or brackets as well as colours, so that paper, a screen reader and a web page
    that drops colours say the same.
    """

    def __init__(self, html: str, plain: str) -> None:
        self.html, self.plain = html, plain

    def _repr_html_(self) -> str:
        """What Jupyter asks for."""
        return self.html

    def __repr__(self) -> str:
        return self.plain


def stacked(parts: Mapping[str, Markup]) -> Markup:
    """Several of them below one another, each under its name."""
    html = "".join(f"<p><small>{escape(name)}</small></p>{p.html}" for name, p in parts.items())
    return Markup(html, "\n\n".join(f"{name}\n{part.plain}" for name, part in parts.items()))


def with_spans(words: Sequence[str], spans: Sequence[Span], sep: str = " ") -> Markup:
    """Running text in which each span stands on a colour of its kind, its kind behind it.

    Raises ValueError if a span lies outside the text, is empty, or overlaps another.
    """
    colours = {kind: COLOURS[i % len(COLOURS)] for i, kind in enumerate(kinds_of(spans))}
    html, plain, place = [], [], 0
    for start, end, kind in sorted(spans):
        if not place <= start < end <= len(words):
            raise ValueError(f"span {start}:{end} is empty, overlaps another or leaves the text")
        html += [*map(escape, words[place:start])]
        html += [lit(sep.join(words[start:end]), kind, colours[kind])]
        plain += [*words[place:start], f"[{sep.join([*words[start:end]])} {kind}]"]
        place = end
    html += [*map(escape, words[place:])]
    plain += [*words[place:]]
    return Markup(f"<p>{sep.join(html)}</p>", sep.join(plain))


def kinds_of(spans: Sequence[Span]) -> list[str]:
    """The kinds in alphabetical order, so that a kind keeps its colour if the spans do."""
    return sorted({kind for _start, _end, kind in spans})


def lit(text: str, kind: str, colour: str) -> str:
    """A piece of text that stands out, in HTML: tinted, underlined, and its kind in small."""
    style = f"background:{colour}33;border-bottom:2px solid {colour};padding:0 2px"
    note = f" <small><b>{escape(kind)}</b></small>" if kind else ""
    return f'<mark style="{style}">{escape(text)}{note}</mark>'


def nothing() -> str:
    """What stands where a text has no words."""
    return _("(no words)")
