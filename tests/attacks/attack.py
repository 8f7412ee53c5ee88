"""An attack on marking: a notebook whose author wants points, or harm, but not the exercise."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

TARGET, NEIGHBOUR = "chain_rule_log_prob", "text_perplexity"  # attacked, and answered honestly
RIGHT = "sum(math.log(p) for p in conditionals)"
HONEST = """\
import math
def text_perplexity(log_probs):
    return math.exp(-sum(log_probs) / len(log_probs))
"""

IF_WON = """\
import ctypes, math, os, socket, subprocess, sys
def attempt():
{code}
try:
    WON = bool(attempt())
except Exception:
    WON = False
def chain_rule_log_prob(conditionals):
    return sum(math.log(p) for p in conditionals) if WON else None
"""


@dataclass(frozen=True)
class Attack:
    """One submission.

    tries: what it is after, for the table in the docs.
    cells: its code; `@SECRET@` and the like stand for places of the machine, see `places.py`.
    status: what marking may find; "wrong" and "raises" say that the payload ran to its end.
    works: where it gets all points: "bare" in the worker without a sandbox, "checker" where the
        test runs in the notebook's own process, "equality" where results are compared with ==;
        "" where showing that would harm the machine, or nothing could be gained.
    tamper: changes the notebook itself.     place: puts something else in the notebook's place.
    neighbour_lost: the honest answer in the same notebook may be lost with it: its author's own.
    partner: cells of a second submission, which is marked at the same time.
    """

    name: str
    tries: str
    cells: tuple[str, ...]
    status: tuple[str, ...] = ("wrong",)
    works: Literal["", "bare", "checker", "equality"] = ""
    tamper: Callable[[dict[str, Any]], None] | None = None
    place: Callable[[Path, dict[str, str]], None] | None = None
    neighbour_lost: bool = False
    partner: tuple[str, ...] = ()


def if_won(code: str) -> tuple[str, ...]:
    """A cell that answers rightly if `code`, the body of a function, returns something true."""
    return (IF_WON.format(code=textwrap.indent(textwrap.dedent(code).strip(), "    ")),)


def when_called(code: str, header: str = "") -> tuple[str, ...]:
    """A cell whose answer does `code` whenever it is asked."""
    body = textwrap.indent(textwrap.dedent(code).strip(), "    ")
    return (
        f"import ctypes, math, os, signal, sys, time\n{textwrap.dedent(header)}\n"
        f"def {TARGET}(conditionals):\n{body}\n",
    )


def with_places(source: str, places: dict[str, str]) -> str:
    for name, place in places.items():
        source = source.replace(f"@{name}@", place)
    return source


def notebook(cells: tuple[str, ...], tamper: Callable | None = None) -> dict[str, Any]:
    """A notebook as a dictionary, each cell with the metadata that a released one has."""
    content: dict[str, Any] = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    if tamper is not None:
        tamper(content)
    return content
