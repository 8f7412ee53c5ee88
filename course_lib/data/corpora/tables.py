"""A text and numbers that belong to it."""

import csv
import io
import math

from course_lib.data.corpora.records import TableRow
from course_lib.data.corpora.registry import choose
from course_lib.data.corpora.splits import Splits, by_group
from course_lib.data.corpora.store import ensure
from course_lib.storage import read_text


def tables(name: str) -> Splits[TableRow]:
    """Texts with numbers.

    - usda_sr: foods and what 100 g of each contain, "Protein_(g)", "Sodium_(mg)", ...; nan where it
      was not measured; 80/10/10 by description. Columns that hold no numbers are left out.
    """
    return choose(name, "tables", {"usda_sr": _usda})


def _usda() -> Splits[TableRow]:
    text = read_text(ensure("usda_sr") / "ABBREV.csv", "latin-1")
    rows = [_food(row) for row in csv.DictReader(io.StringIO(text))]
    return by_group(rows, group=lambda row: row.text)


def _food(row: dict[str, str]) -> TableRow:
    not_numbers = ("NDB_No", "Shrt_Desc", "GmWt_Desc1", "GmWt_Desc2")
    cells = {column: cell for column, cell in row.items() if column not in not_numbers}
    numbers = {column: float(cell) if cell else math.nan for column, cell in cells.items()}
    return TableRow(row["Shrt_Desc"], numbers)
