"""What must stay with the instructor: every answer, as lines of text and as syntax."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.release.sources import solution_name

SOLUTION = re.compile(r"^ *### BEGIN SOLUTION\n.*?### END SOLUTION$", re.DOTALL | re.MULTILINE)
NAME = re.compile(r"(?<=Name\(id=)'\w+'|(?<=arg\(arg=)'\w+'")  # as `ast.dump` writes it
SHORTEST_LINE = 10  # signs: "n = len(word)" says something, "]" or "continue" does not
SMALLEST_BODY = 12  # nodes of syntax: `return a / b` may stand anywhere


@dataclass
class Answers:
    """All that gives an answer away: line without spaces -> exercise; body as text -> exercise.

    sizes: how many statements the bodies have.
    """

    lines: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    sizes: set[int] = field(default_factory=set)

    def add(self, exercise: str, source: str, public: str = "") -> None:
        """One way to write the answer; what also stands in `public` is no secret."""
        known = squeezed(public)
        body = body_of(source)
        start = body[0].lineno - 1 if body else 0
        for line in source.splitlines()[start:]:
            for form in (squeezed(line), squeezed(re.sub(r"\s#.*", "", line))):
                if len(form) >= SHORTEST_LINE and form not in known and tells(line):
                    self.lines.setdefault(form, exercise)
        if sum(1 for statement in body for _node in ast.walk(statement)) >= SMALLEST_BODY:
            self.bodies.setdefault(canonical(body), exercise)
            self.sizes.add(len(body))


def answers_to(notebooks: Iterable[NotebookNode], records: Iterable[Exercise]) -> Answers:
    """The solutions of the instructor's notebooks, and each record's reference and right variants.

    Its wrong answers are no secret: they are wrong.
    """
    found, public = Answers(), {}
    for notebook in notebooks:
        for cell in notebook.cells:
            if name := solution_name(cell):
                public[name] = SOLUTION.sub("", cell.source)
                found.add(name, cell.source, public[name])
    for record in records:
        for answer in (record.reference, *record.right_variants):
            found.add(record.name, source_of(answer), public.get(record.name, ""))
    return found


def source_of(function: Callable[..., Any]) -> str:
    """A function's source; "" if it has none, for example because it is written in C."""
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return ""


def squeezed(text: str) -> str:
    """Without spaces, and with one kind of quotes: indentation and style hide nothing."""
    return re.sub(r"\s+", "", text).replace("'", '"')


def tells(line: str) -> bool:
    """Does the line say anything about the answer? An import or a mark of nbgrader does not."""
    return not re.match(r"\s*(import|from|### (BEGIN|END)) ", line)


def body_of(source: str) -> list[ast.stmt]:
    """The statements of the first function, less its docstring; [] if there is none."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    function = next(functions, None)
    if function is None:
        return []
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def canonical(statements: list[ast.stmt]) -> str:
    """The syntax, its names numbered in the order of their first use: renaming hides nothing."""
    names: dict[str, int] = {}
    dumped = "\n".join(map(ast.dump, statements))
    return NAME.sub(lambda match: str(names.setdefault(match.group(), len(names))), dumped)


def bodies_in(code: str, sizes: Iterable[int]) -> Iterator[str]:
    """Every run of so many statements anywhere in the code, as `canonical` writes it."""
    try:
        tree = ast.parse(textwrap.dedent(code))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if not isinstance(statements, list):
                continue
            for size in sizes:
                for start in range(len(statements) - size + 1):
                    yield canonical(statements[start : start + size])
