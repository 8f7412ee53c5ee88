"""What a student may write in the place of a right piece of code: one rule per kind of node."""

import ast
from collections.abc import Callable, Iterable, Iterator

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mod,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
# Names of functions and methods that are easily taken for one another.
TWINS = {
    "log": ("log2",),
    "log2": ("log",),
    "exp": ("exp2",),
    "sum": ("mean", "max"),
    "fmean": ("sum", "max"),
    "mean": ("sum",),
    "min": ("max",),
    "max": ("min",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "softmax": ("log_softmax", "sigmoid"),
    "log_softmax": ("softmax",),
    "sigmoid": ("tanh",),
    "tanh": ("sigmoid",),
    "tril": ("triu",),
    "triu": ("tril",),
    "any": ("all",),
    "all": ("any",),
    "floor": ("ceil", "round"),
    "ones": ("zeros",),
    "zeros": ("ones",),
    "keys": ("values",),
    "append": ("extend",),
    "index": ("count",),
}
SYMMETRIC = {"max", "min", "logaddexp"}  # their arguments may stand in any order
# Only the kind of value changes, and `compare` asks for values: no mistakes.
CONVERSIONS = {"list", "tuple", "dict", "float", "double", "tolist", "item", "tensor", "as_tensor"}
CONVERSIONS |= {"Counter", "asarray", "array", "to", "type_as", "long", "bool", "int"}
MODULES = {"torch", "F", "np", "math", "itertools", "statistics"}


def alternatives(old: ast.AST, parent: ast.AST, field: str, names: list[str]) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    if rule := RULES.get(type(old)):
        yield from rule(old)
    if isinstance(old, ast.Name) and isinstance(old.ctx, ast.Load) and old.id in names:
        yield from (ast.Name(name, ast.Load()) for name in names if name != old.id)
    if field in ("test", "ifs"):
        yield ast.UnaryOp(ast.Not(), old)  # type: ignore[arg-type]
        yield ast.Constant(field == "ifs")
        yield ast.Constant(field != "ifs")
    if is_end(old, parent, field):
        yield ast.BinOp(old, ast.Add(), ast.Constant(1))  # type: ignore[arg-type]
        yield ast.BinOp(old, ast.Sub(), ast.Constant(1))  # type: ignore[arg-type]


def is_end(node: ast.AST, parent: ast.AST, field: str) -> bool:
    """Is it an end of a range or of a slice (and no number: those are changed anyway)?"""
    if isinstance(node, ast.Constant | ast.Starred):
        return False
    if isinstance(parent, ast.Slice):
        return True
    in_range = isinstance(parent, ast.Call) and getattr(parent.func, "id", "") == "range"
    return in_range and field == "args"


def comparison(node: ast.Compare) -> Iterator[ast.AST]:
    for i, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            yield ast.Compare(
                node.left, [*node.ops[:i], other(), *node.ops[i + 1 :]], node.comparators
            )


def operation(node: ast.BinOp) -> Iterator[ast.AST]:
    for other in OPERATORS.get(type(node.op), ()):
        yield ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Pow | ast.MatMult):
        yield ast.BinOp(node.right, node.op, node.left)
    yield from (node.left, node.right)


def both_or_either(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    if len(node.values) == 2:
        yield from node.values


def constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, float):
        yield from (ast.Constant(2 * value + 1), ast.Constant(value / 2 - 1))
    elif isinstance(value, str):
        yield ast.Constant(value + "x")


def cut(node: ast.Slice) -> Iterator[ast.AST]:
    """An end where there was none, and none where there was one."""
    lower, upper, step = node.lower, node.upper, node.step
    yield ast.Slice(ast.Constant(1) if lower is None else None, upper, step)
    yield ast.Slice(lower, ast.Constant(-1) if upper is None else None, step)


def call(node: ast.Call) -> Iterator[ast.AST]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name in CONVERSIONS:
        return
    for i, keyword in enumerate(node.keywords):
        if keyword.arg != "dtype":  # another number type is no mistake
            yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])
    for i in range(len(node.args) - 1 if name not in SYMMETRIC else 0):
        yield ast.Call(node.func, swapped(node.args, i), node.keywords)
    if node.args[1:] and not isinstance(node.args[-1], ast.Starred):
        yield ast.Call(node.func, node.args[:-1], node.keywords)
    if is_method(node.func):
        yield node.func.value  # type: ignore[attr-defined]
    elif name == "sorted" and "set(" in ast.unparse(node.args[0]):
        return  # the order of a set is another one in every run of Python
    elif len(node.args) >= 1 and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp):
        yield node.args[0]


def is_method(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    return not (isinstance(function.value, ast.Name) and function.value.id in MODULES)


def attribute(node: ast.Attribute) -> Iterator[ast.AST]:
    if node.attr in ("T", "mT"):
        yield node.value
    for twin in TWINS.get(node.attr, ()):
        yield ast.Attribute(node.value, twin, node.ctx)


def name(node: ast.Name) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        yield from (ast.Name(twin, ast.Load()) for twin in TWINS.get(node.id, ()))


def series(node: ast.List | ast.Tuple) -> Iterator[ast.AST]:
    """Two neighbours in the wrong order, or one forgotten."""
    if isinstance(node.ctx, ast.Load):
        for i in range(len(node.elts) - 1):
            yield type(node)(swapped(node.elts, i), node.ctx)
        if len(node.elts) > 1:
            for i in range(len(node.elts)):
                yield type(node)(node.elts[:i] + node.elts[i + 1 :], node.ctx)


def conditional(node: ast.IfExp) -> Iterator[ast.AST]:
    yield from (node.body, node.orelse)


def unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def swapped(items: list[ast.expr], i: int) -> list[ast.expr]:
    return [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def step(node: ast.AugAssign) -> Iterator[ast.AST]:
    for other in OPERATORS.get(type(node.op), ()):
        yield ast.AugAssign(node.target, other(), node.value)
    yield ast.Assign([node.target], node.value)
    yield ast.Pass()


def assignment(node: ast.Assign) -> Iterator[ast.AST]:
    yield ast.Pass()
    value = node.value
    if isinstance(value, ast.BinOp) and ast.unparse(value.left) == ast.unparse(node.targets[0]):
        yield ast.AugAssign(node.targets[0], value.op, value.right)  # type: ignore[arg-type]


def dropped(_node: ast.stmt) -> Iterator[ast.AST]:
    yield ast.Pass()


def leaving(node: ast.Break | ast.Continue) -> Iterator[ast.AST]:
    yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()
    yield ast.Pass()


RULES: dict[type[ast.AST], Callable[..., Iterable[ast.AST]]] = {
    ast.Compare: comparison,
    ast.BinOp: operation,
    ast.BoolOp: both_or_either,
    ast.UnaryOp: unary,
    ast.Constant: constant,
    ast.Slice: cut,
    ast.Call: call,
    ast.Attribute: attribute,
    ast.Name: name,
    ast.List: series,
    ast.Tuple: series,
    ast.IfExp: conditional,
    ast.AugAssign: step,
    ast.Assign: assignment,
    ast.Expr: dropped,
    ast.Return: dropped,
    ast.Break: leaving,
    ast.Continue: leaving,
}
