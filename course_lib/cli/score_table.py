"""Tables of scores as CSV files: a row for each run, which later commands add to."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines, writing

Run = TypeVar("Run", bound=tuple[Any, ...])  # a NamedTuple whose fields are texts and numbers


def read(path: Path | None, kind: type[Run], command: str) -> list[Run]:
    """The runs of a file, none if there is no such file. Raises CourseError if it is another."""
    if path is None or not path.exists():
        return []
    types = kind.__annotations__
    try:
        rows = list(csv.DictReader(read_lines(path)))
        return [kind(**{name: types[name](row[name]) for name in types}) for row in rows]
    except (KeyError, ValueError, TypeError):
        message = _("{path} is no table of `{command}`; give --out another name")
        raise CourseError(message.format(path=path, command=command)) from None


def write(runs: Sequence[Run], path: Path, n_keys: int, digits: Mapping[str, int]) -> None:
    """All runs in order; of two with the same first `n_keys` fields, the later.

    digits: how many decimals of a field are kept.
    """
    kept = {run[:n_keys]: run for run in runs}
    names = list(runs[0]._fields) if runs else []  # type: ignore[attr-defined]
    with writing(path) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(names)
        for key in sorted(kept):
            row = zip(names, kept[key], strict=True)
            table.writerow(f"{v:.{digits[n]}f}" if n in digits else v for n, v in row)
