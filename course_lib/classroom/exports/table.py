"""Tables as spreadsheets and learning platforms exchange them: comma, semicolon or tab, any UTF."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import writing

DELIMITERS = "\t;,"
UTF_16 = "utf-16-le"
BYTE_ORDER_MARKS = {"utf-8-sig": b"", UTF_16: codecs.BOM_UTF16_LE, "utf-8": b""}


@dataclass(frozen=True)
class Table:
    """A header and rows of as many cells. encoding: "utf-8", "utf-8-sig" or "utf-16-le"."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    encoding: str = "utf-8"

    def column(self, *names: str) -> int | None:
        """Number of the first column with one of these names, whatever its capitals."""
        wanted = {name.casefold() for name in names}
        found = (i for i, name in enumerate(self.header) if name.strip().casefold() in wanted)
        return next(found, None)


def read_table(path: Path) -> Table:
    """Read a table, finding out its encoding and its delimiter.

    Raises CourseError if the file cannot be read, is not UTF-8 or UTF-16, or is empty.
    """
    text, encoding = _decoded(path)
    first = next(iter(text.strip("\r\n").splitlines()), "")
    delimiter = max(DELIMITERS, key=lambda d: len(next(csv.reader([first], delimiter=d), [])))
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        message = _("{path} is not a table: {why}")
        raise CourseError(message.format(path=path, why=error)) from None
    rows = [row for row in lines if any(cell.strip() for cell in row)]
    if not rows:
        raise CourseError(_("{path} is empty").format(path=path))
    header, *rest = rows
    filled = (tuple(row[: len(header)] + [""] * (len(header) - len(row))) for row in rest)
    return Table(tuple(header), tuple(filled), delimiter, encoding)


def _decoded(path: Path) -> tuple[str, str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        message = _("cannot read {path}: {why}")
        raise CourseError(message.format(path=path, why=error.strerror)) from None
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    with_mark = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        return content.decode("utf-16" if utf_16 else with_mark), UTF_16 if utf_16 else with_mark
    except UnicodeDecodeError:
        message = _("{path} is neither UTF-8 nor UTF-16 text; save it as UTF-8")
        raise CourseError(message.format(path=path)) from None


def write_table(table: Table, path: Path) -> None:
    """Write it, every cell made harmless. Raises CourseError if that fails."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=table.delimiter)
    for row in (table.header, *table.rows):
        writer.writerow([harmless(cell) for cell in row])
    with writing(path, "wb") as file:
        file.write(BYTE_ORDER_MARKS[table.encoding] + text.getvalue().encode(table.encoding))


def harmless(cell: str) -> str:
    """The cell, with a quote in front if a spreadsheet would take it for a formula.

    Source: OWASP, "CSV Injection". Full-width signs start formulas in Japanese spreadsheets.
    """
    if re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\n]", cell) and not re.fullmatch(r"[+-]?[0-9.,]*", cell):
        return "'" + cell
    return cell


def number(points: float) -> str:
    """Points with at most two decimals: 4, 2.5, 3.33."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def columns(table: Table, chosen: Sequence[int]) -> Table:
    """The table with only some of its columns."""
    rows = tuple(tuple(row[i] for i in chosen) for row in table.rows)
    return Table(tuple(table.header[i] for i in chosen), rows, table.delimiter, table.encoding)
