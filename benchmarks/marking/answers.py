"""A record's answers as a student would hand them in: source that needs nothing of the course.

The functions of a record are Python objects; a notebook needs text. So the record's own file is
read as a syntax tree, and an answer is written out with whatever of the file it calls.
"""

import ast
import functools
import importlib
import inspect
import textwrap
from collections.abc import Iterator

from course_lib.classroom.exercise import Exercise


@functools.cache
def right_answers(exercise: Exercise) -> list[str]:
    """The right variants as source, as far as they need nothing of the course."""
    return _as_sources(exercise, _tuple_of(exercise, "right_variants"))


@functools.cache
def wrong_answers(exercise: Exercise) -> list[str]:
    """The typical wrong answers as source, as far as they need nothing of the course."""
    calls = _tuple_of(exercise, "wrong_answers")
    firsts = [call.args[0] for call in calls if isinstance(call, ast.Call) and call.args]
    return _as_sources(exercise, firsts)


def crash(exercise: Exercise) -> str:
    """An answer that stops with an exception whatever it is asked."""
    return f"def {exercise.name}(*args):\n    return [][len(args)]"


def noisy(solution: str) -> str:
    """The same right answer, which shows its progress on stderr, as tqdm and warnings do."""
    head, *body = ast.parse(solution).body[0].body  # type: ignore[attr-defined]
    first = body[0] if body else head
    lines = solution.splitlines()
    indent = " " * first.col_offset
    lines.insert(first.lineno - 1, f'{indent}import sys\n{indent}print("100 %", file=sys.stderr)')
    return "\n".join(lines)


def _as_sources(exercise: Exercise, answers: list[ast.expr]) -> list[str]:
    sources = [_source(exercise, answer) for answer in answers]
    return [source for source in sources if source]


def _file_of(exercise: Exercise) -> ast.Module:
    return ast.parse(inspect.getsource(inspect.getmodule(exercise.cases)))  # type: ignore[arg-type]


def _tuple_of(exercise: Exercise, keyword: str) -> list[ast.expr]:
    """The items of one keyword of the record, a tuple that is written out."""
    for node in ast.walk(_file_of(exercise)):
        if isinstance(node, ast.keyword) and node.arg == keyword:
            return node.value.elts if isinstance(node.value, ast.Tuple) else []
    return []


def _source(exercise: Exercise, answer: ast.expr) -> str:
    """One answer as a function of the exercise's name; "" if it needs course_lib.

    What it calls stands inside a function of its own: there the name of the exercise may mean the
    reference.
    """
    parts = _needed(_file_of(exercise), answer)
    if any("course_lib" in part for part in parts):
        return ""
    body = "\n\n".join([*parts, f"return {ast.unparse(answer)}"])
    name = exercise.name
    return (
        f"def answer_to_{name}():\n{textwrap.indent(body, '    ')}\n\n\n"
        f"def {name}(*args):\n    return answer_to_{name}()(*args)"
    )


def _needed(module: ast.Module, answer: ast.expr) -> list[str]:
    """The statements of a file that an expression needs, directly or not, in the file's order."""
    owner = {name: node for node in module.body for name in _defines(node)}
    wanted, waiting = set(), [answer]
    while waiting:
        names = {n.id for n in ast.walk(waiting.pop()) if isinstance(n, ast.Name)}
        new = {owner[name] for name in names if name in owner} - wanted
        wanted |= new
        waiting += new
    return [_unparse(node) for node in module.body if node in wanted]


def _unparse(node: ast.stmt) -> str:
    """A statement's source; in the place of an import from the course's models, what it imports."""
    if not isinstance(node, ast.ImportFrom) or not str(node.module).startswith("course_lib.models"):
        return ast.unparse(node)
    module = ast.parse(inspect.getsource(importlib.import_module(str(node.module))))
    names: list[ast.expr] = [ast.Name(alias.name) for alias in node.names]
    return "\n\n".join(_needed(module, ast.Tuple(names)))


def _defines(node: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top of a file makes."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in node.names)
