"""A lecture cut down to one of its widgets: that cell, and the earlier cells that it needs."""

import ast
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
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    last = max(i for i, source in enumerate(cells) if marker in source)
    parts = [part for source in cells[:last] for part in apart(source)]
    kept, needed = [cells[last]], read_names(cells[last])
    for part in reversed(parts):
        if bound := bound_names(part) & needed:
            kept.append(part)
            needed = (needed - bound) | read_names(part)
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in reversed(kept)]
    nbformat.write(notebook, path)


def apart(source: str) -> list[str]:
    """A cell's imports one by one, and the rest: an import may be needed without it."""
    body, is_import = ast.parse(source).body, (ast.Import, ast.ImportFrom)
    imports = [ast.unparse(node) for node in body if isinstance(node, is_import)]
    rest = [ast.unparse(node) for node in body if not isinstance(node, is_import)]
    return [*imports, "\n".join(rest)]


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
