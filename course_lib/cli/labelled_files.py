"""Labelled texts of a user's own: CSV, TSV or JSONL files, one text or pair of texts in a row."""

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines

DELIMITERS = ",;\t|"
JSON_LINES = (".jsonl", ".json")  # many files of JSON lines are called .json
LONGEST_FIELD = 2**31 - 1  # characters; the csv module's own limit is far lower


class Columns(NamedTuple):
    """What the columns are called. `second` and `label` may be missing from a file."""

    text: str = "text"
    second: str = "second"
    label: str = "label"
    numbers: tuple[str, ...] = ()


class Row(NamedTuple):
    """One text, or a pair, with what is known of it. Numbers that are not known are nan."""

    text: str
    second: str | None
    label: str | None
    numbers: tuple[float, ...]
    place: str  # its file and line, for messages


def read_rows(paths: Sequence[Path], columns: Columns, labelled: bool) -> list[Row]:
    """All rows of all files, in order.

    Raises CourseError, naming file and line, if a column or a value is missing or no number, and
    if there is no row, or if only some rows are pairs.
    """
    rows = [row for path in paths for row in _rows_of(path, columns, labelled)]
    if not rows:
        names = ", ".join(map(str, paths))
        raise CourseError(_("there are no rows in {names}").format(names=names))
    check_pairs(rows)
    return rows


def check_pairs(rows: Sequence[Row]) -> None:
    """Raises CourseError unless all rows are pairs, or none is."""
    for row in rows:
        if (row.second is None) != (rows[0].second is None):
            message = _("{a} and {b}: one has a second text, the other has none")
            raise CourseError(message.format(a=rows[0].place, b=row.place))


def plain_rows(lines: Iterator[str], name: str) -> list[Row]:
    """One text in each line that is not blank; a pair if the line has a tab."""
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            text, tab, second = line.partition("\t")
            rows.append(Row(text, second if tab else None, None, (), _place(name, number)))
    check_pairs(rows)
    return rows


def is_table(path: Path) -> bool:
    """Does the name end as those of tables do? Anything else is plain text."""
    return path.suffix.lower() in (".csv", ".tsv", *JSON_LINES)


def _rows_of(path: Path, columns: Columns, labelled: bool) -> Iterator[Row]:
    records = _json_records(path) if path.suffix.lower() in JSON_LINES else _csv_records(path)
    for number, record in records:
        place = _place(path, number)
        text, label = _string(record, columns.text), _string(record, columns.label)
        if text is None:
            raise _missing(place, columns.text, record)
        if labelled and not label:
            raise _missing(place, columns.label, record)
        numbers = tuple(_number(record, name, place) for name in columns.numbers)
        yield Row(text, _string(record, columns.second), label or None, numbers, place)


def _csv_records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(line, values by column name); the first line names the columns."""
    csv.field_size_limit(LONGEST_FIELD)
    lines = (line + "\n" for line in read_lines(path))  # a quoted text may go over several lines
    header = next(lines, "")
    delimiter = max(DELIMITERS, key=header.count)
    try:
        names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for values in reader:
            if not values:
                continue
            if len(values) != len(names):
                message = _("{place}: {found} values, but the first line names {wanted} columns")
                sizes = {"found": len(values), "wanted": len(names)}
                raise CourseError(message.format(place=_place(path, reader.line_num + 1), **sizes))
            yield reader.line_num + 1, dict(zip(names, values, strict=True))
    except csv.Error as error:
        raise CourseError(_("{path}: {why}").format(path=path, why=error)) from None


def _json_records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(read_lines(path), start=1):
        if line.strip():
            yield number, read_object(line, _place(path, number))


def read_object(text: str, place: str) -> dict[str, Any]:
    """A JSON object. Raises CourseError, naming the place, for anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CourseError(_('{place} is no JSON object, as {{"text": ...}}').format(place=place))
    return found


def _string(record: Mapping[str, Any], name: str) -> str | None:
    """The value as a text; None if there is none."""
    value = record.get(name)
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _number(record: Mapping[str, Any], name: str, place: str) -> float:
    """The value; nan for one that is empty. Raises CourseError for what is no number."""
    if name not in record:
        raise _missing(place, name, record)
    value = record[name]
    if value is None or (isinstance(value, str) and not value.strip()):
        return math.nan
    found = as_number(value)
    if found is None:
        message = _("{place}: {name} is {value!r}, which is no number")
        raise CourseError(message.format(place=place, name=name, value=value))
    return found


def as_number(value: Any) -> float | None:
    """A finite number, or None if it is none."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _missing(place: str, name: str, record: Mapping[str, Any]) -> CourseError:
    if name in record:
        return CourseError(_("{place}: there is no {name}").format(place=place, name=name))
    message = _("{place}: there is no column {name!r}; there are: {names}")
    return CourseError(message.format(place=place, name=name, names=", ".join(record)))


def _place(name: object, number: int) -> str:
    return _("{path}, line {n}").format(path=name, n=number)
