"""Mutants put to the hidden cases: which of them would get full marks?"""

import ast
import contextlib
import functools
import importlib
import inspect
import random
import resource
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from course_lib.classroom.compare import compare
from course_lib.classroom.exercise import Exercise
from course_lib.storage import PROJECT

from .mutants import TICK, bare, counted, mutants

SEEDS = ("a", "b", "c")  # as many rounds as marking has
SOLUTION = "solution"  # what the exercise notebook calls right; else the name of a right variant
ROOM = 2**27  # bytes more than now that a mutant may ask for


@dataclass(frozen=True)
class Answer:
    """A right answer as source, and the names it is written with."""

    name: str
    tree: ast.FunctionDef
    namespace: dict[str, Any]


class TooLongError(Exception):
    """A loop went round far more often than in the right answer."""


def answers(record: Exercise) -> list[Answer]:
    """The notebook's solution and the right variants."""
    names, trees = notebook(record.lecture)
    found = [Answer(SOLUTION, trees[record.name], names)]
    for variant in record.right_variants:
        source = ast.parse(textwrap.dedent(inspect.getsource(variant))).body[0]
        assert isinstance(source, ast.FunctionDef)
        module = importlib.import_module(variant.__module__)
        found.append(Answer(variant.__name__, source, vars(module)))
    return found


@functools.cache
def notebook(lecture: str) -> tuple[dict[str, Any], dict[str, ast.FunctionDef]]:
    """The names that the notebook's setup and solutions define, and the solutions as trees."""
    path = PROJECT / "notebooks" / "exercises" / lecture / f"{lecture}.ipynb"
    names: dict[str, Any] = {}
    trees = {}
    for cell in nbformat.read(path, as_version=4).cells:
        grader = cell.metadata.get("nbgrader", {})
        if grader.get("grade_id") == "setup" or grader.get("solution"):
            exec(cell.source, names)
            functions = (n for n in ast.parse(cell.source).body if isinstance(n, ast.FunctionDef))
            trees |= {function.name: function for function in functions}
    return names, trees


@functools.cache
def questions(record: Exercise) -> list[tuple[tuple[Any, ...], Any]]:
    """The cases of all rounds, with the results that are due."""
    cases = [case for seed in SEEDS for case in record.cases(random.Random(seed))]
    return [(case.args, record.reference(*deepcopy(case.args))) for case in cases]


def passes(record: Exercise, function: Callable[..., Any]) -> bool:
    """Would this function get full marks?"""
    for args, expected in questions(record):
        try:
            result = function(*deepcopy(args))
        except Exception:
            return False
        if compare(result, expected, record.tolerance) is not None:
            return False
    return True


def survivors(record: Exercise, answer: Answer) -> tuple[int, list[str]]:
    """How many mutants there are, and those that would get full marks."""
    limit = 10 * rounds(record, answer) + 1000
    described: Counter[str] = Counter()
    number = 0
    for number, mutant in enumerate(mutants(answer.tree), start=1):  # noqa: B007 (used below)
        with bounded():
            survives = passes(record, Runnable(mutant.tree, answer, limit))
        if survives:
            described[str(mutant)] += 1
    twice = (f" ({i})" if i else "" for n in described.values() for i in range(n))
    return number, [text + more for text, more in zip(described.elements(), twice, strict=True)]


def rounds(record: Exercise, answer: Answer) -> int:
    """How often the loops of the right answer go round."""
    function = Runnable(counted(bare(answer.tree)), answer, 10**7)
    assert passes(record, function)
    return function.n_rounds


class Runnable:
    """A tree as a function that raises TooLongError when its loops have gone round too often."""

    def __init__(self, tree: ast.FunctionDef, answer: Answer, limit: int) -> None:
        self.n_rounds, self.limit = 0, limit
        names = {**answer.namespace, TICK: self.tick}
        exec(compile(ast.Module([tree], []), "<mutant>", "exec"), names)
        self.function = names[tree.name]

    def tick(self) -> None:
        self.n_rounds += 1
        if self.n_rounds > self.limit:
            raise TooLongError

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Little more memory than now, and no warnings."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM, hard))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
