"""The code of a submission as it is compared and shown; and the code that everybody was given."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import nbformat
from markupsafe import Markup, escape

from course_lib.classroom.marking.submissions import (
    NotebookError,
    Submission,
    code_cells,
    take,
)
from course_lib.classroom.reports.code_tokens import Passage, passages
from course_lib.classroom.reports.winnowing import NOISE, SURE, fingerprints, hashes
from course_lib.storage import PROJECT, read_text

MOST_CHARACTERS = 50_000  # of one submission; honest ones have a fifth of that
BETWEEN = "\n\n"  # cells


@dataclass(frozen=True)
class SubmittedCode:
    """What one student handed in. problem: why nothing can be read; shortened: was it too long?"""

    student: str
    cells: tuple[str, ...] = ()
    problem: str = ""
    shortened: bool = False

    def passages(self) -> list[Passage]:
        """Made anew each time: tokens need a hundred times the memory of the code."""
        return passages(self.cells, BETWEEN)

    def all_hashes(self) -> set[int]:
        return {number for passage in self.passages() for number in hashes(texts(passage))}


class Summary(NamedTuple):
    """What is kept of a submission while all are compared.

    n_short: passages too short to say anything, one-line answers among them.
    """

    fingerprints: frozenset[int]
    n_short: int


def summed_up(code: SubmittedCode) -> Summary:
    found = code.passages()
    numbers = (number for passage in found for number in fingerprints(texts(passage)))
    return Summary(frozenset(numbers), sum(len(passage) < SURE for passage in found))


def texts(passage: Passage) -> list[str]:
    """What its tokens count as."""
    return [token.text for token in passage]


def read_code(submission: Submission) -> SubmittedCode:
    """The code cells of a submission. Never raises: what is wrong with it becomes its `problem`."""
    handed = take(submission)
    if handed.problem:
        return SubmittedCode(submission.student, problem=handed.problem)
    try:
        cells = [cell for content in handed.notebooks for cell in code_cells(content)]
    except NotebookError as error:
        return SubmittedCode(submission.student, problem=str(error))
    kept = list(within(cells, MOST_CHARACTERS))
    return SubmittedCode(submission.student, tuple(kept), shortened=kept != cells)


def within(cells: Sequence[str], most: int) -> Iterator[str]:
    """The cells, up to `most` characters of them."""
    for cell in cells:
        if most <= 0:
            return
        yield cell[:most]
        most -= len(cell)


def given_code() -> frozenset[int]:
    """The hashes of all code that the exercise notebooks show besides the solutions.

    Empty where there are no notebooks, as in a wheel of the package.
    """
    found: set[int] = set()
    for path in sorted((PROJECT / "notebooks" / "exercises").glob("*/*.ipynb")):
        cells = nbformat.reads(read_text(path), as_version=4).cells
        found |= SubmittedCode("", tuple(shown_code(cells))).all_hashes()
    return frozenset(found)


def shown_code(cells: Sequence[nbformat.NotebookNode]) -> Iterator[str]:
    """Code cells that are no solutions, and code in the prose: "now try this"."""
    for cell in cells:
        if cell.cell_type == "markdown":
            yield from re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
        elif not cell.metadata.get("nbgrader", {}).get("solution"):
            yield cell.source


@dataclass(frozen=True)
class Shared:
    """What of a submission's code stands in another, too: how many tokens, and how many in a row.

    html: all its code, the shared parts marked.
    """

    n_tokens: int
    n_shared: int
    longest: int
    html: Markup


def shared_part(code: SubmittedCode, common: set[int]) -> Shared:
    """`common`: the hashes of `NOISE` tokens in a row that count as shared."""
    found = code.passages()
    flags = [is_shared(passage, common) for passage in found]
    runs = [len(list(run)) for each in flags for said, run in groupby(each) if said]
    spans = [
        (passage[start].start, passage[end - 1].end)
        for passage, each in zip(found, flags, strict=True)
        for start, end in runs_of(each)
    ]
    source = BETWEEN.join(code.cells)
    return Shared(sum(map(len, flags)), sum(runs), max(runs, default=0), marked(source, spans))


def is_shared(passage: Passage, common: set[int]) -> list[bool]:
    """For each token: is it part of something shared?"""
    flags = [False] * len(passage)
    for place, number in enumerate(hashes(texts(passage))):
        if number in common:
            flags[place : place + NOISE] = [True] * NOISE
    return flags


def runs_of(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where the flags are True without a gap: start and end."""
    place = 0
    for said, run in groupby(flags):
        length = len(list(run))
        if said:
            yield place, place + length
        place += length


def marked(source: str, spans: Sequence[tuple[int, int]]) -> Markup:
    """The source, escaped, with <mark> around the spans, which are in order."""
    html, place = Markup(), 0
    for start, end in spans:
        html += escape(source[place:start]) + Markup("<mark>{}</mark>").format(source[start:end])
        place = end
    return html + escape(source[place:])
