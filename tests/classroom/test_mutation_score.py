"""A right answer with one small mistake in it never gets full marks: mutation score 100 %.

Every mutant of every solution and of every right variant is put to the hidden cases of three
rounds, as many as marking has. Those that pass are no mistakes, and stand in
mutants_equivalent.toml with the reason why; whatever else passes shows that a case is missing.
"""

import ast
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.registry import all_exercises

from .mutants import bare, counted, mutants
from .mutants_run import Answer, Runnable, answers, bounded, notebook, passes, survivors

RECORDS = list(all_exercises())
GROUPS = tomllib.loads(
    (Path(__file__).parent / "mutants_equivalent.toml").read_text(encoding="utf-8")
)["group"]


def equivalents(name: str) -> list[str]:
    """The listed mutants of an exercise: "answer/line: old => new"."""
    found = [mutant for group in GROUPS for mutant in group["mutants"]]
    return [mutant.partition("/")[2] for mutant in found if mutant.startswith(f"{name}/")]


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)
def test_every_mutant_fails_or_is_known_to_be_right(record: Exercise):
    passed: list[str] = []
    for answer in answers(record):
        number, found = survivors(record, answer)
        assert number >= 4, f"{answer.name}: hardly any mutants"
        passed += [f"{answer.name}/{mutant}" for mutant in found]
    listed = equivalents(record.name)
    assert sorted(set(passed) - set(listed)) == [], "these pass: a case is missing"
    assert sorted(set(listed) - set(passed)) == [], "these are listed as right, but fail"


def test_the_list_of_right_mutants_is_in_order():
    names = [mutant for group in GROUPS for mutant in group["mutants"]]
    assert [name for name, n in Counter(names).items() if n > 1] == []
    assert {name.partition("/")[0] for name in names} <= {record.name for record in RECORDS}
    assert all(len(group["reason"]) > 20 for group in GROUPS)


def made(source: str) -> list[str]:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    return [ast.unparse(mutant.tree.body[-1]) for mutant in mutants(function)]


@pytest.mark.parametrize(
    ("line", "mistakes"),
    [
        ("return x < y", {"x <= y", "x > y", "x < x", "y < y"}),
        ("return x[1:]", {"x[2:]", "x[0:]", "x[:]", "x[1:-1]", "y[1:]"}),
        ("return x - y", {"x + y", "y - x", "x", "y"}),
        ("return x.softmax(dim=0)", {"x", "x.softmax()", "x.sigmoid(dim=0)", "x.softmax(dim=1)"}),
        ("return (x, y)", {"(y, x)", "(y,)", "(x,)", "(x, x)"}),
        ("return x and not y", {"x or not y", "x", "not y", "x and y"}),
        ("return [a for a in x if a]", {"[a for a in x if not a]", "[a for a in x if True]"}),
        ("return range(x)", {"range(x + 1)", "range(x - 1)", "range(y)", "x"}),
        ("return max(x, key=y)", {"max(x)", "min(x, key=y)", "max(y, key=y)"}),
        ("return x @ y.T", {"x * y.T", "x @ y", "y.T @ x", "x @ x.T"}),
        ("return x if x else y", {"y", "x", "x if not x else y", "x if True else y"}),
    ],
)
def test_the_mistakes_that_are_made(line: str, mistakes: set[str]):
    found = {text.removeprefix("return ") for text in made(f"def f(x, y):\n    {line}")}
    assert mistakes <= found
    assert line.removeprefix("return ") not in found


def test_a_mutant_says_what_was_changed():
    function = ast.parse("def f(x):\n    '''Adds.'''\n    y: int = x + 1\n    return y").body[0]
    assert isinstance(function, ast.FunctionDef)
    texts = [str(mutant) for mutant in mutants(function)]
    assert "2: x + 1 => x + 2" in texts
    assert "2: y = x + 1 => pass" in texts
    assert ast.get_docstring(function) == "Adds."


def test_statements_are_dropped_and_loops_left_wrongly():
    found = made("def f(x):\n    for a in x:\n        x += a\n        break\n")
    text = "\n\n".join(found)
    for mistake in ("x -= a", "x = a", "pass", "continue"):
        assert mistake in text


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "for a in x: x.append(a)", "x += [0] * 10**10", "raise ValueError"],
)
def test_endless_loops_and_great_hunger_end(body: str):
    record = RECORDS[0]
    source = ast.parse(f"def {record.name}(x):\n    {body}").body[0]
    assert isinstance(source, ast.FunctionDef)
    wrong = Answer("wrong", source, notebook(record.lecture)[0])
    with bounded():
        assert not passes(record, Runnable(counted(source), wrong, 1000))


def test_what_is_right_passes():
    for answer in answers(RECORDS[0]):
        assert passes(RECORDS[0], Runnable(counted(bare(answer.tree)), answer, 1000))
