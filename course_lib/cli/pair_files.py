"""Pairs of a user's own: in each line a source, a tab and its target."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines


class TextPair(NamedTuple):
    """A text, and what is to be written from it: its translation, its summary, an answer to it."""

    source: str
    target: str


def read_pairs(paths: Sequence[Path]) -> list[TextPair]:
    """All pairs of all files, in order; blank lines, and columns after the second, are passed over.

    Raises CourseError, naming file and line, where a side is missing, and if there is no pair.
    """
    found = [pair for path in paths for pair in _pairs_of(path)]
    if not found:
        names = ", ".join(map(str, paths))
        raise CourseError(_("there are no pairs in {names}").format(names=names))
    return found


def _pairs_of(path: Path) -> Iterator[TextPair]:
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        source, target = (*(part.strip() for part in line.split("\t")), "")[:2]
        if not (source and target):
            message = _("{path}, line {n} is not a text, a tab and its translation: {line!r}")
            raise CourseError(message.format(path=path, n=number, line=line[:60]))
        yield TextPair(source, target)
