"""Student's Python as tokens that renaming, reformatting and commenting leave as they are.

The code may be anything: not finished, not Python, made to harm. So it is cut up by one regular
expression that never fails and never goes back, in time that grows as its length; Python's own
tokenizer refuses what it cannot read, and a lexer for colouring can be kept busy for hours by a
page of blank lines. Nothing is run, imported or parsed.

Left out is what says nothing: comments, docstrings, imports, the heads of functions (the task
gives them), prints, and calls of the course's own `check` and `hint`.
"""

import builtins
import keyword
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

PIECE = re.compile(
    r"""
      (?P<space> [^\S\n]++ | \\\n | \#[^\n]*+ )
    | (?P<newline> \n )
    | (?P<string> [rRbBuUfF]{0,2}+ (?:
          \"{3} (?: [^\\"] | \\.? | "(?!"") )*+ (?: \"{3} )?
        | '{3} (?: [^\\'] | \\.? | '(?!'') )*+ (?: '{3} )?
        | "    (?: [^\\"\n] | \\.? )*+ "?
        | '    (?: [^\\'\n] | \\.? )*+ '? ) )
    | (?P<number> \.?[0-9] (?: [eE][+-][0-9] | [\w.] )*+ )
    | (?P<name> [^\W\d]\w*+ )
    | (?P<operator> [.]{3} | (?:\*\*|//|<<|>>)=? | [-+*/%@&|^=<>!:]= | -> | . )
    """,
    re.VERBOSE | re.DOTALL,
)

HEADS = ("def", "class", "async")  # left out up to their colon
OMITTED = ("import", "from", "@", "%", "!", "print", "check", "hint")  # to the end of the statement
KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))
OPENING, CLOSING = "([{", ")]}"


class Token(NamedTuple):
    """`text` is what is compared, "n" for every name; source[start:end] is what stands there."""

    text: str
    start: int
    end: int


Passage = list[Token]


def passages(cells: Sequence[str], separator: str = "\n\n") -> list[Passage]:
    """The tokens of code cells, in pieces: one for the body of each function, and what is between.

    Places are those in `separator.join(cells)`.
    """
    found, offset = [], 0
    for cell in cells:
        found += [[Token(t.text, t.start + offset, t.end + offset) for t in p] for p in cut(cell)]
        offset += len(cell) + len(separator)
    return found


def cut(cell: str) -> list[Passage]:
    """The passages of one cell. A statement's first word decides what of it counts."""
    found: list[Passage] = [[]]
    for statement in statements(cell):
        first = cell[statement[0].start : statement[0].end]
        if first in HEADS:
            found.append(after_colon(statement))
        elif first not in OMITTED and any(token.text != "s" for token in statement):
            found[-1] += statement
    return [passage for passage in found if passage]


def after_colon(statement: Passage) -> Passage:
    """What stands behind `def f(x: int):` in its line."""
    depth = 0
    for place, token in enumerate(statement):
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if token.text == ":" and depth == 0:
            return statement[place + 1 :]
    return []


def statements(cell: str) -> Iterator[Passage]:
    """Tokens by statement: a line, or several where brackets are open. None is empty."""
    statement: Passage = []
    depth = 0
    for token in tokens(cell):
        if token.text != "\n":
            depth += (token.text in OPENING) - (token.text in CLOSING)
            statement.append(token)
        elif depth <= 0 and statement:
            yield statement
            statement, depth = [], 0
    if statement:
        yield statement


def tokens(cell: str) -> Iterator[Token]:
    """What counts of a cell, in order; the end of each line is a token, too.

    Attributes, built-in names and keywords stay as they are, since a copy needs them. Other names,
    all numbers and all strings are alike.
    """
    alike = {"string": "s", "number": "0", "newline": "\n"}
    last = ""
    for piece in PIECE.finditer(cell):
        kind, text = str(piece.lastgroup), piece.group()
        if kind == "space":
            continue
        if kind == "name" and text not in KEPT and last != ".":
            text = "n"
        last = alike.get(kind, text)
        yield Token(last, piece.start(), piece.end())
