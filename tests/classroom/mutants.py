"""Small mistakes made in a right answer, one at a time: the mutants of a function.

Each rule takes one node of the syntax tree and offers what a student could have written in its
place: `<` for `<=`, a range that ends one too early, a forgotten `.softmax`, the wrong variable.
After DeMillo, Lipton and Sayward (1978), Hints on test data selection.
"""

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from .mutants_rules import alternatives

TICK = "_tick"  # called in every round of a loop, so that an endless one can be stopped
CONTAINERS = {"Counter", "defaultdict", "dict", "list", "set"}
Place = tuple[ast.AST, str, int | None]  # parent, its field, and where if that is a list


@dataclass(frozen=True)
class Mutant:
    """A function with one node replaced. It lasts until the next one is asked for."""

    tree: ast.FunctionDef
    place: Place
    old: ast.AST
    new: ast.AST

    def __str__(self) -> str:
        """Line in the bare function, what stood there and what stands there now."""
        parent = self.place[0]
        shown = parent if isinstance(parent, ast.expr) and not isinstance(parent, LONG) else None
        new = ast.unparse(shown or self.new)
        put(self.place, self.old)
        old = ast.unparse(shown or self.old)
        put(self.place, self.new)
        line = getattr(self.old, "lineno", getattr(parent, "lineno", 0))
        return f"{line}: {old} => {new}"


LONG = (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Tuple, ast.List, ast.Dict)


def mutants(function: ast.FunctionDef) -> Iterator[Mutant]:
    """Every function that differs from this one in one place, each other than all before.

    They are one tree that is changed and changed back: use each before you take the next.
    """
    tree = counted(bare(function))
    names = variables(tree)
    seen = {ast.dump(tree)}
    for place in places(tree):
        old = child(place)
        for new in alternatives(old, place[0], place[1], names):
            put(place, new)
            if (dump := ast.dump(tree)) not in seen:
                seen.add(dump)
                yield Mutant(ast.fix_missing_locations(tree), place, old, new)
            put(place, old)


def counted(tree: ast.FunctionDef) -> ast.FunctionDef:
    """With a call of TICK at the beginning of each loop's body."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While):
            node.body.insert(0, ast.parse(f"{TICK}()").body[0])
    return ast.fix_missing_locations(tree)


def bare(function: ast.FunctionDef) -> ast.FunctionDef:
    """Without docstring and annotations, in which nothing can be mistaken."""
    copy = deepcopy(function)
    if ast.get_docstring(copy) is not None:
        copy.body = copy.body[1:]
    for node in ast.walk(copy):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    plain = Plain().visit(copy)
    return ast.parse(ast.unparse(plain)).body[0]  # type: ignore[return-value]


class Plain(ast.NodeTransformer):
    """`x: int = 1` becomes `x = 1`, `Counter[str]()` becomes `Counter()`; no assertions."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.keywords = [k for k in node.keywords if k.arg != "strict"]
        if isinstance(node.func, ast.Subscript) and ast.unparse(node.func.value) in CONTAINERS:
            node.func = node.func.value
        return node

    def visit_Assert(self, _node: ast.Assert) -> ast.AST:
        return ast.Pass()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return ast.Assign([node.target], node.value, lineno=node.lineno)


def variables(function: ast.FunctionDef) -> list[str]:
    """Arguments and everything that is assigned to, in order."""
    found: dict[str, None] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            found[node.arg] = None
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
    return [name for name in found if not name.startswith("_")]


def places(tree: ast.AST) -> list[Place]:
    """Every place that holds a node that can be mistaken."""
    found: list[Place] = []
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                found.append((parent, field, None))
            if isinstance(value, list):
                nodes = [(i, v) for i, v in enumerate(value) if isinstance(v, ast.AST)]
                found += [(parent, field, i) for i, v in nodes if not is_tick(v)]
    return found


def is_tick(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and ast.unparse(node) == f"{TICK}()"


def child(place: Place) -> ast.AST:
    parent, field, index = place
    value = getattr(parent, field)
    return value if index is None else value[index]


def put(place: Place, node: ast.AST) -> None:
    parent, field, index = place
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node
