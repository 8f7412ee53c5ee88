"""What honest students do to a notebook besides solving it: nothing of it may cost a mark.

A change takes the code cells of a solved notebook, and the names of its exercises, and returns the
cells as they are handed in. (How a notebook is *saved* is in front_ends.py.)
"""

import ast
from collections.abc import Callable, Sequence

Cells = list[str]
Change = Callable[[Cells, Sequence[str]], Cells]

NOISE = """
import sys, warnings
warnings.warn("look at me")
print("x" * 100_000)
print("now on stderr", file=sys.stderr)
import logging; logging.getLogger().error("an error that is none")
from tqdm import tqdm
for _i in tqdm(range(3)):
    pass
"""
PLOT = """
import matplotlib.pyplot as plt
plt.plot([1, 2], [3, 4])
plt.show()
display(plt.gcf())
"""
MAGICS = "%matplotlib inline\n!ls /\n%time print(1)\n?print"
SEEDS = """
import random
import numpy as np
random.seed(0)
np.random.seed(0)
np.seterr(all="raise")
"""
TORCH = """
import torch
torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_printoptions(precision=2)
torch.set_default_dtype(torch.float64)
"""
OWN_CODE = '''
class Helper:
    """Of the student's own."""

    CONSTANT = 3

LIMIT: int = 10
def try_out(x: "int" = LIMIT) -> "int":
    return x
assert try_out() == 10
'''
AWAIT = """import asyncio
await asyncio.sleep(0)
first, *others = [await asyncio.sleep(0, i) for i in (1, 2)]"""


def is_solution(cell: str, names: Sequence[str]) -> bool:
    return any(f"def {name}(" in cell for name in names)


def each_solution(rewrite: Callable[[str], str]) -> Change:
    """The change that rewrites the solutions' cells and no others."""

    def change(cells: Cells, names: Sequence[str]) -> Cells:
        return [rewrite(cell) if is_solution(cell, names) else cell for cell in cells]

    return change


def between(*extra: str) -> Change:
    """The change that adds cells after each cell."""

    def change(cells: Cells, _names: Sequence[str]) -> Cells:
        return [part for cell in cells for part in (cell, *extra)]

    return change


def at_start(*extra: str) -> Change:
    return lambda cells, _names: [*extra, *cells]


def imports_last(cells: Cells, _names: Sequence[str]) -> Cells:
    return [*cells[1:], cells[0]]


def upside_down(cells: Cells, _names: Sequence[str]) -> Cells:
    return cells[::-1]


def checks_deleted(cells: Cells, _names: Sequence[str]) -> Cells:
    return [cell for cell in cells if not cell.startswith("check(")]


def all_in_one_cell(cells: Cells, _names: Sequence[str]) -> Cells:
    return ["\n\n".join(cells)]


def windows_lines(cells: Cells, _names: Sequence[str]) -> Cells:
    return [cell.replace("\n", "\r\n") for cell in cells]


def written_twice(cells: Cells, names: Sequence[str]) -> Cells:
    """A first try with an error stays in the notebook, above the solution."""
    tries = [f"def {name}(*args):\n    return None / 0" for name in names]
    return [cells[0], *tries, *cells[1:]]


class Renamed(ast.NodeTransformer):
    """Every variable that a function assigns gets another name; its arguments keep theirs."""

    def __init__(self, function: ast.FunctionDef) -> None:
        names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
        kept = {a.arg for n in ast.walk(function) if isinstance(n, ast.arguments) for a in n.args}
        self.names = {n.id for n in names if isinstance(n.ctx, ast.Store)} - kept

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"my_{node.id}" if node.id in self.names else node.id, node.ctx)


def functions(cell: str) -> tuple[ast.Module, list[ast.FunctionDef]]:
    """The cell, and the last function of each name in it that is meant for others."""
    tree = ast.parse(cell)
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return tree, [node for name, node in found.items() if not name.startswith("_")]


def rename(cell: str) -> str:
    tree, found = functions(cell)
    for function in found:
        Renamed(function).visit(function)
    return ast.unparse(tree)


def hint_types(cell: str) -> str:
    tree, found = functions(cell)
    for function in found:
        function.returns = ast.Constant("Result")
        for arg in function.args.args:
            arg.annotation = ast.Constant("Anything")
    return ast.unparse(tree)


def rename_arguments(cell: str) -> str:
    """The judge calls by position."""
    tree, found = functions(cell)
    for function in found:
        new = {arg.arg: f"the_{arg.arg}" for arg in function.args.args}
        for node in ast.walk(function):
            if isinstance(node, ast.Name):
                node.id = new.get(node.id, node.id)
            if isinstance(node, ast.arg):
                node.arg = new.get(node.arg, node.arg)
    return ast.unparse(tree)


def wrap(cell: str) -> str:
    """A decorator of the student's own, which does not keep the function's name."""
    tree, found = functions(cell)
    for function in found:
        function.decorator_list = [ast.Name("counted", ast.Load())]
    return "calls = []\ndef counted(f):\n    def inner(*args):\n        calls.append(1)\n" + (
        "        return f(*args)\n    return inner\n" + ast.unparse(tree)
    )


def as_lambdas(cell: str) -> str:
    _tree, found = functions(cell)
    names = [function.name for function in found]
    return cell + "".join(f"\n_{n} = {n}\n{n} = lambda *args: _{n}(*args)" for n in names)


def as_methods(cell: str) -> str:
    """The work is done by a class, which the function calls."""
    _tree, found = functions(cell)
    text = cell
    for function in found:
        name = function.name
        text += f"\nclass Solver_{name}:\n    work = staticmethod({name})\n"
        text += f"def {name}(*args):\n    return Solver_{name}().work(*args)\n"
    return text


def printing(cell: str) -> str:
    """Left-over prints and warnings in every call."""
    _tree, found = functions(cell)
    text = "import sys, warnings\n" + cell
    for function in found:
        name = function.name
        text += f"\n_quiet_{name} = {name}\ndef {name}(*args):\n    print('called', args)\n"
        text += "    warnings.warn('slow'); print('!' * 10_000, file=sys.stderr)\n"
        text += f"    return _quiet_{name}(*args)\n"
    return text


def as_other_numbers(cell: str) -> str:
    """Results as NumPy arrays or NumPy's numbers, lists for tuples, float32 for tensors."""
    _tree, found = functions(cell)
    text = OTHER_NUMBERS + cell
    for function in found:
        name = function.name
        text += f"\n_given_{name} = {name}\ndef {name}(*args):\n"
        text += f"    return _other(_given_{name}(*args))\n"
    return text


OTHER_NUMBERS = """
import sys
import numpy as np
def _other(value):
    if "torch" in sys.modules and isinstance(value, sys.modules["torch"].Tensor):
        return value.detach().numpy()
    if isinstance(value, tuple):
        return [_other(item) for item in value]
    if isinstance(value, (bool, int)):
        return np.asarray(value)[()]
    if isinstance(value, float):
        return np.float64(value)
    return value
"""

CHANGES: dict[str, Change] = {
    "noise": between(NOISE),
    "plots": between(PLOT),
    "magics and shell lines": between(MAGICS),
    "a cell that raises": between("1 / 0", "raise KeyError('on purpose')", "this is no Python"),
    "empty cells": between("", "   \n", "# only a comment"),
    "own code": between(OWN_CODE),
    "top-level await": between(AWAIT),
    "seeds set globally": at_start(SEEDS),
    "warnings as errors": at_start("import warnings\nwarnings.simplefilter('error')"),
    "imports last": imports_last,
    "upside down": upside_down,
    "checks deleted": checks_deleted,
    "all in one cell": all_in_one_cell,
    "Windows line ends": windows_lines,
    "a wrong try above": written_twice,
    "renamed variables": each_solution(rename),
    "renamed arguments": each_solution(rename_arguments),
    "type hints": each_solution(hint_types),
    "decorators": each_solution(wrap),
    "lambdas": each_solution(as_lambdas),
    "a class": each_solution(as_methods),
    "prints in every call": each_solution(printing),
    "NumPy's numbers": each_solution(as_other_numbers),
}
WITH_TORCH: dict[str, Change] = {"torch set otherwise": between(TORCH)}


def all_at_once(cells: Cells, names: Sequence[str]) -> Cells:
    """Every change that leaves the others possible, one after the other."""
    wanted = ("renamed variables", "type hints", "NumPy's numbers", "prints in every call")
    extra = ("noise", "magics and shell lines", "a cell that raises", "empty cells", "own code")
    for name in wanted:
        cells = CHANGES[name](cells, names)
    start, *middle = cells
    for name in extra:
        start, *more = CHANGES[name]([start], names)
        middle = [*more, *middle]
    return windows_lines(["import warnings", *middle[::-1], start, AWAIT], names)
