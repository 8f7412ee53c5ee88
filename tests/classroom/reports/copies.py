"""Honest submissions, and what a copyist makes of one. For tests of the page on likeness."""

import ast
import inspect
import json
import textwrap
from collections.abc import Callable
from pathlib import Path

import nbformat

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.registry import all_exercises
from course_lib.storage import PROJECT

SETUP = "import torch\nfrom math import log2\nfrom course_lib.classroom.checker import check, hint"


def solutions(lecture: str) -> list[str]:
    """The solution of each exercise as the exercise notebook has it."""
    path = PROJECT / "notebooks" / "exercises" / lecture / f"{lecture}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    sources = [c.source for c in cells if c.metadata.get("nbgrader", {}).get("solution")]
    return [
        "\n".join(line for line in source.splitlines() if "### " not in line) for source in sources
    ]


def variants(lecture: str, number: int) -> list[str]:
    """The same exercises in another right way: each record's `number`-th right variant."""
    return [
        renamed_to(exercise, exercise.right_variants[number])
        for exercise in all_exercises()
        if exercise.lecture == lecture
    ]


def renamed_to(exercise: Exercise, variant: Callable) -> str:
    source = textwrap.dedent(inspect.getsource(variant))
    return source.replace(f"def {variant.__name__}", f"def {exercise.name}", 1)


def hand_in(folder: Path, student: str, cells: list[str]) -> None:
    """Put a notebook into the folder of submissions."""
    sources = [SETUP, *cells]
    content = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": []}
    empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    content["cells"] = [{**empty, "source": source} for source in sources]
    (folder / student).mkdir(parents=True)
    (folder / student / "mine.ipynb").write_text(json.dumps(content), "utf-8")


class Renamer(ast.NodeTransformer):
    """Gives every name that a function assigns, and every argument, another name."""

    def __init__(self, tree: ast.AST) -> None:
        stored = (n for n in ast.walk(tree) if isinstance(n, ast.Name))
        own = {n.id for n in stored if isinstance(n.ctx, ast.Store)}
        own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        self.names = {name: f"my_{name[::-1]}" for name in own}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self.names[node.arg], node.annotation)


def rename(source: str) -> str:
    tree = ast.parse(source)
    return ast.unparse(Renamer(tree).visit(tree))


class ForToWhile(ast.NodeTransformer):
    """`for x in xs:` as a list of the rest, and a while loop that takes the first of it."""

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        self.generic_visit(node)
        before, loop = ast.parse("rest = list(xs)\nwhile rest:\n    x = rest.pop(0)").body
        before.value.args = [node.iter]
        loop.body[0].targets = [node.target]
        loop.body += node.body
        return [before, loop]


class Inserter(ast.NodeTransformer):
    """Puts a statement between every two (`every` = 1) or more of a function's own."""

    def __init__(self, statement: str, every: int) -> None:
        self.statement, self.every = ast.parse(statement).body[0], every

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        for place in reversed(range(1, len(node.body), self.every)):
            node.body.insert(place, self.statement)
        return node


def loops_rewritten(source: str) -> str:
    return ast.unparse(ForToWhile().visit(ast.parse(source)))


def prints_added(source: str) -> str:
    return ast.unparse(Inserter("print('here', [1, 2])", 1).visit(ast.parse(source)))


def statements_inserted(source: str) -> str:
    return ast.unparse(Inserter("unused = None", 2).visit(ast.parse(source)))


def comments_changed(source: str) -> str:
    lines = ast.unparse(ast.parse(source)).splitlines()
    lines = [f"{line}  # step {i}" if line.endswith(")") else line for i, line in enumerate(lines)]
    return "# my own work\n" + "\n".join(lines)
