"""A lecture cut down to one of its widgets: that cell, and the earlier cells that it needs."""

import builtins
import symtable
from pathlib import Path

import nbformat

from course_lib.storage import PROJECT


def trimmed(lecture: str, marker: str, path: Path) -> None:
    """Write a notebook of the last cell of a lecture that holds `marker`, and what it needs.

    A cell is needed if it is the last before them to bind a name that later needed ones read.
    """
    notebook = nbformat.read(PROJECT / "notebooks" / f"{lecture}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    last = max(i for i, cell in enumerate(cells) if marker in cell.source)
    kept, needed = [cells[last]], read_names(cells[last].source)
    for cell in reversed(cells[:last]):
        if bound := bound_names(cell.source) & needed:
            kept.append(cell)
            needed = (needed - bound) | read_names(cell.source)
    for cell in kept:
        cell.outputs, cell.execution_count = [], None
    notebook.cells = kept[::-1]
    nbformat.write(notebook, path)


def bound_names(source: str) -> set[str]:
    """Names that the cell sets for later ones: by assignment, import, def or class."""
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    return {symbol.get_name() for symbol in symbols if symbol.is_local()}


def read_names(source: str) -> set[str]:
    """Names that the cell reads, in its functions too, and does not set itself."""
    tables, found = [symtable.symtable(source, "cell", "exec")], set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        found |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    return found - bound_names(source) - set(dir(builtins))
