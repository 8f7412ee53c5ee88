"""Whether a definition in a notebook is the package's own.

A cell says which with a comment on a line of its own, `# same as course_lib.x.y`, and defines `y`.
Compared are the syntax trees. Docstrings, type annotations and comments may differ: a notebook says
in prose what the package says there. Everything else counts: names, defaults, decorators, the order
of statements.
"""

import ast
import inspect
import pkgutil
import re
import textwrap
from typing import Any

MARK = re.compile(r"^# same as (course_lib(?:\.\w+)+)\s*$", re.MULTILINE)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def differences(source: str) -> list[str]:
    """What is wrong with the claims of one cell; empty if they are true or there are none."""
    return [complaint for name in MARK.findall(source) for complaint in _compare(source, name)]


def _compare(source: str, dotted: str) -> list[str]:
    name = dotted.rpartition(".")[2]
    try:
        original = textwrap.dedent(inspect.getsource(pkgutil.resolve_name(dotted)))
    except (ImportError, AttributeError, TypeError, OSError):
        return [f"there is no {dotted}"]
    mine, theirs = definition(source, name), definition(original, name)
    if mine is None:
        return [f"the cell does not define {name}"]
    return [] if theirs is not None and plain(mine) == plain(theirs) else [f"differs from {dotted}"]


def definition(source: str, name: str) -> Definition | None:
    """The definition of that name in the source, also inside a class."""
    nodes = ast.walk(ast.parse(source))
    return next((n for n in nodes if isinstance(n, Definition) and n.name == name), None)


def plain(node: Definition) -> str:
    """The syntax tree as text, without what may differ."""
    return ast.dump(_Plain().visit(node))


class _Plain(ast.NodeTransformer):
    """Takes docstrings and annotations out."""

    def visit(self, node: ast.AST) -> Any:
        node = self.generic_visit(node)
        if isinstance(node, Definition):
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
            if not isinstance(node, ast.ClassDef):
                node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign):
            if node.value is None:
                return ast.Expr(node.target)  # a field without a default is still a field
            return ast.Assign([node.target], node.value)
        return node
