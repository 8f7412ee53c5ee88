"""The rules themselves, on made-up notebooks: one that obeys them all, and one breach of each."""

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode, v4

from course_lib.evaluation.expected import Section, write_expected
from course_lib.evaluation.metrics import perplexity

from . import notebook_rules
from .notebook_rules import EXERCISE_RULES, LECTURE_RULES
from .same_code import differences

PICTURE = {"image/png": "/tmp/iVBORw0KGgo=", "text/plain": "<Figure size 700x360 with 1 Axes>"}
LAST_PART = """# What this model cannot do

It forgets.

## In short

| idea | formula | function |
|---|---|---|
| count | $c/n$ | `count` |

## Check yourself

1. Why? 2. When? 3. Where?

All three questions have short answers.

## Sources

Shannon (1948).
"""


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return v4.new_output("stream", name=name, text=text)


def code(source: str, *outputs: NotebookNode) -> NotebookNode:
    return v4.new_code_cell(source, outputs=list(outputs))


def lecture() -> NotebookNode:
    """A lecture that obeys every rule."""
    cells = [
        v4.new_markdown_cell("# Counting"),
        code('from x import Lesson\nlesson = Lesson("01_good")', stream("01_good · cpu\n")),
        v4.new_markdown_cell("**Predict.** How much is 1 + 1?"),
        code("# NBVAL_CHECK_OUTPUT\n1 + 1", v4.new_output("execute_result", {"text/plain": "2"})),
        v4.new_markdown_cell("**Observe.** Two."),
        code("draw()", v4.new_output("execute_result", PICTURE)),
        v4.new_markdown_cell(LAST_PART),
        code("lesson.check(two=2)", stream("two 2 ✓\n")),
        v4.new_markdown_cell("Until next time."),
    ]
    return numbered(cells)


def exercise() -> NotebookNode:
    notebook = numbered([v4.new_markdown_cell("# Do it"), code("def f():\n    pass")])
    notebook.cells[1].execution_count = None
    return notebook


def numbered(cells: list[NotebookNode]) -> NotebookNode:
    notebook = v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    for number, cell in enumerate((c for c in cells if c.cell_type == "code"), start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
    return notebook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    costs = {"declared_seconds": 60, "declared_mib": 1024, "seconds": 1, "mib": 1}
    section = Section(n_seeds=2, device="cpu", torch="2", threads=1, results={}, **costs)
    write_expected({"01_good": {"quick": section}}, tmp_path / "expected.toml")
    return tmp_path / "01_good.ipynb"


@pytest.mark.parametrize("rule", LECTURE_RULES, ids=lambda rule: rule.__name__)
def test_a_good_lecture_has_no_complaint(rule, path: Path):
    assert rule(lecture(), path) == []


@pytest.mark.parametrize("rule", EXERCISE_RULES, ids=lambda rule: rule.__name__)
def test_a_good_exercise_has_no_complaint(rule, path: Path):
    assert rule(exercise(), path) == []


def set_source(cell: int, source: str) -> Callable[[NotebookNode], object]:
    return lambda nb: nb.cells[cell].__setitem__("source", source)


def add_output(cell: int, output: NotebookNode) -> Callable[[NotebookNode], object]:
    return lambda nb: nb.cells[cell].outputs.append(output)


def in_last_part(old: str, new: str) -> Callable[[NotebookNode], object]:
    assert old in LAST_PART
    return set_source(6, LAST_PART.replace(old, new))


ERROR = v4.new_output("error", ename="ValueError", evalue="x", traceback=["File /home/ann/a.py"])
LONG = "\n".join(f"x = {n}" for n in range(16))
LONG_CLASS = "class A:\n" + "\n".join(["    x = 1\n"] * 7) + "    y = 2"  # 15 lines with blanks
# Rule -> ways to break it, each on a good lecture (or exercise, for has_no_outputs).
BREACHES: dict[str, list[Callable[[NotebookNode], object]]] = {
    "is_valid": [
        lambda nb: nb.__setitem__("nbformat_minor", 4),
        lambda nb: nb.cells[1].__setitem__("surprise", 1),
        lambda nb: nb.cells[1].pop("outputs"),
    ],
    "has_own_ids": [lambda nb: nb.cells[2].__setitem__("id", "cell-1")],
    "runs_on_python3": [
        lambda nb: nb.metadata.pop("kernelspec"),
        lambda nb: nb.metadata.kernelspec.__setitem__("name", "my-env"),
    ],
    "names_no_machine": [
        set_source(2, "Look into /home/ann/course"),
        add_output(1, stream("saved to /tmp/x.txt")),
        add_output(1, stream("C:\\Users\\ann")),
        add_output(1, stream("<function f at 0x7f01e2>")),
        add_output(1, v4.new_output("display_data", {"text/html": "<a href='/Users/ann'>"})),
        add_output(1, ERROR),
    ],
    "has_a_title": [set_source(0, "Counting"), lambda nb: nb.cells.pop(0)],
    "has_no_outputs": [
        lambda nb: nb.cells[1].__setitem__("execution_count", 1),
        lambda nb: nb.cells[1].__setitem__("outputs", [stream("1")]),
    ],
    "was_executed_in_order": [
        lambda nb: nb.cells[5].__setitem__("execution_count", None),
        lambda nb: nb.cells[5].__setitem__("execution_count", 7),
        lambda nb: nb.cells[5].__setitem__("outputs", []),
        add_output(1, stream("UserWarning", "stderr")),
        add_output(1, ERROR),
    ],
    "is_plain_python": [set_source(5, "%timeit draw()"), set_source(5, "!ls")],
    "has_short_cells": [set_source(5, LONG)],
    "has_short_classes": [set_source(5, LONG_CLASS + "\n    z = 3")],
    "lets_the_reader_breathe": [lambda nb: [nb.cells.pop(4), nb.cells.pop(2)]],
    "says_more_than_it_computes": [lambda nb: nb.cells.append(code("1"))],
    "begins_and_ends_with_the_lesson": [
        set_source(1, 'lesson = Lesson("02_other")'),
        set_source(1, "1"),
        set_source(7, "2"),
        set_source(7, "# NBVAL_CHECK_OUTPUT\nlesson.check(two=2)"),
        lambda nb: nb.cells.append(code("3")),
        lambda nb: nb.cells.__setitem__(slice(1, None), []),
    ],
    "has_an_output_that_is_compared": [
        set_source(3, "1 + 1"),
        lambda nb: nb.cells[3].__setitem__("outputs", []),
    ],
    "equals_the_package_where_it_says_so": [
        set_source(5, "# same as course_lib.evaluation.metrics.perplexity\ndef perplexity(): 1"),
    ],
    "is_built_of_turns": [set_source(2, "Guess."), set_source(4, "See.")],
    "has_its_last_sections": [
        in_last_part("cannot do", "can do"),
        in_last_part("| idea | formula |", "| idea | code |"),
        in_last_part("Check yourself", "Goodbye"),
        in_last_part("3. Where?", "3. There."),
        in_last_part("## Sources", "Sources"),
        set_source(6, "## Sources\n\n" + LAST_PART.replace("## Sources", "")),
    ],
    "is_calibrated": [],  # below: the breach is in another file
}


@pytest.mark.parametrize(
    ("name", "breach"),
    [(name, breach) for name, breaches in BREACHES.items() for breach in breaches],
)
def test_a_breach_of_a_rule_is_found(name: str, breach, path: Path):
    notebook = exercise() if name == "has_no_outputs" else lecture()
    breach(notebook)
    assert len(getattr(notebook_rules, name)(notebook, path)) >= 1


def test_every_rule_has_its_breach():
    assert set(BREACHES) == {rule.__name__ for rule in LECTURE_RULES + EXERCISE_RULES}


def test_rules_do_not_complain_of_what_is_allowed(path: Path):
    notebook = lecture()
    notebook.cells[5].metadata["tags"] = ["raises-exception"]
    notebook.cells[5].outputs.append(ERROR)
    assert notebook_rules.was_executed_in_order(notebook, path) == []
    set_source(5, "# NBVAL_IGNORE_OUTPUT\n\n" + LONG.rpartition("\n")[0])(notebook)
    assert notebook_rules.has_short_cells(notebook, path) == []  # 15 lines beside the mark
    set_source(5, LONG_CLASS)(notebook)
    assert notebook_rules.has_short_classes(notebook, path) == []


def test_a_lecture_without_expected_results_is_found(path: Path):
    assert notebook_rules.is_calibrated(lecture(), path.with_name("02_new.ipynb")) != []


SAME = "# same as course_lib.evaluation.metrics.perplexity\n"
OWN = inspect.getsource(perplexity)


@pytest.mark.parametrize(
    "source",
    [
        OWN,
        SAME + OWN,
        "import torch\n" + SAME + OWN + "\nperplexity(torch.ones(3))",
        SAME + OWN.replace("    if nll", "    # nothing to average\n    if nll"),
        SAME + OWN.replace("nll: Tensor) -> float", "nll)"),
        SAME + OWN.replace('"""How', '"""Something else. How'),
    ],
)
def test_the_packages_own_function_is_known_again(source: str):
    assert differences(source) == []


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (SAME + OWN.replace(".exp()", ".exp2()"), "differs"),
        (SAME + OWN.replace("nll: Tensor", "nll: Tensor = None"), "differs"),
        (SAME + OWN.replace("def perplexity(nll", "def perplexity(n"), "differs"),
        (SAME + "@cache\n" + OWN, "differs"),
        (SAME + OWN.replace("def perplexity", "def ppl"), "does not define perplexity"),
        ("# same as course_lib.evaluation.metrics.nothing\n" + OWN, "there is no"),
        ("# same as course_lib.nothing.perplexity\n" + OWN, "there is no"),
        (SAME + OWN + "\n# same as course_lib.storage.sha256\n", "does not define sha256"),
    ],
)
def test_a_changed_function_is_found(source: str, complaint: str):
    (found,) = differences(source)
    assert complaint in found


def test_a_class_is_compared_with_its_fields():
    from course_lib.evaluation.results import Result

    own = inspect.getsource(Result)
    mark = "# same as course_lib.evaluation.results.Result\n"
    assert differences(mark + own) == []
    assert differences(mark + own.replace("    name: str\n", "")) != []
    assert differences(mark + own.replace("= None", "= 0.0", 1)) != []
