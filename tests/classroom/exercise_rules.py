"""The format of an exercise notebook as rules, each of which answers with a list of problems."""

import contextlib
import doctest
import io
import random
import re

import jsonschema
from nbformat import NotebookNode

from course_lib.classroom.checker import attempt
from course_lib.classroom.exercise import Exercise

# What nbgrader 0.9.6 asks of a cell's metadata, as its nbgraderformat/v3.json and v3.py state it.
NBGRADER_CELL = {
    "type": "object",
    "required": ["schema_version", "grade", "locked", "solution", "grade_id"],
    "additionalProperties": False,
    "properties": {
        "schema_version": {"const": 3},
        "grade": {"type": "boolean"},
        "locked": {"type": "boolean"},
        "solution": {"type": "boolean"},
        "task": {"const": False},
        "grade_id": {"type": "string", "pattern": r"^[a-zA-Z0-9_\-]+$"},
        "points": {"type": "number", "minimum": 0},
    },
    "if": {"properties": {"grade": {"const": True}}},
    "then": {"required": ["points"]},
    "else": {"not": {"required": ["points"]}},
}
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.DOTALL | re.MULTILINE)
HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS", re.DOTALL)


def grader(cell: NotebookNode) -> dict:
    return cell.metadata.get("nbgrader", {})


def released(source: str) -> str:
    """A cell as students get it: what nbgrader's ClearSolutions and ClearHiddenTests make of it."""
    stub = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"
    return HIDDEN.sub("", SOLUTION.sub(stub, source))


def metadata_problems(notebook: NotebookNode) -> list[str]:
    """nbgrader must be able to read every cell, and no two cells share a grade id."""
    marked = [grader(cell) for cell in notebook.cells if "nbgrader" in cell.metadata]
    validator = jsonschema.Draft202012Validator(NBGRADER_CELL)
    found = [f"{m.get('grade_id')}: {e.message}" for m in marked for e in validator.iter_errors(m)]
    ids = [m.get("grade_id") for m in marked]
    found += [f"{i}: grade id used twice" for i in {*ids} if ids.count(i) > 1]
    for cell in notebook.cells:
        marks = "### BEGIN SOLUTION" in cell.source
        if marks != bool(grader(cell).get("solution")):
            found.append(f"{cell.id}: solution marks and metadata disagree")
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            found.append(f"{cell.id}: a code cell without metadata")
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count):
            found.append(f"{cell.id}: exercises are kept without outputs")
    return found


def layout_problems(notebook: NotebookNode, records: list[Exercise]) -> list[str]:
    """Task, solution, question, check for each record, in the records' order."""
    cells = notebook.cells
    found = []
    places = [i for i, cell in enumerate(cells) if grader(cell).get("solution")]
    if [grader(cells[i])["grade_id"] for i in places] != [record.name for record in records]:
        return ["the solution cells are not the lecture's records in their order"]
    for i, record in zip(places, records, strict=True):
        task, solution, think, check = cells[i - 1 : i + 3]
        heading = f"## {'★' * record.stars} {record.title}\n\n`{record.name}`"
        effort = f"{record.points} points · about {record.minutes} minutes\n"
        if not task.source.startswith(f"{heading} · {effort}"):
            found.append(f"{record.name}: the task does not begin as the record says")
        if think.cell_type != "markdown":
            found.append(f"{record.name}: no question before the check")
        if not SOLUTION.search(solution.source) or grader(solution)["locked"]:
            found.append(f"{record.name}: the solution cell is locked or has no solution")
        hidden = f"### BEGIN HIDDEN TESTS\nassert check({record.name}, seed=1)"
        if check.source != f"check({record.name})\n{hidden}\n### END HIDDEN TESTS":
            found.append(f"{record.name}: the check cell has other lines")
        wanted = {"grade": True, "locked": True, "solution": False, "points": record.points}
        if not wanted.items() <= grader(check).items():
            found.append(f"{record.name}: the check cell's metadata are not {wanted}")
    return found


def run(notebook: NotebookNode, change=lambda source: source) -> tuple[dict, str]:
    """Run all code cells, changed, in one namespace: the names defined and what was printed."""
    names: dict = {"__name__": "__main__"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                exec(compile(change(cell.source), cell.id, "exec"), names)
    return names, printed.getvalue()


def solution_problems(notebook: NotebookNode, records: list[Exercise]) -> list[str]:
    """With its solutions, the notebook's own checks pass, and the worked values are true."""
    try:
        names, printed = run(notebook)
    except Exception as error:
        return [f"the notebook does not run: {type(error).__name__}: {error}"]
    found = [f"{r.name}: no ✓" for r in records if printed.count(f"✓ {r.name}:") != 2]
    for record in records:
        function = names[record.name]
        if "->" not in (function.__doc__ or ""):
            found.append(f"{record.name}: the docstring gives no shapes or kinds with an arrow")
        tests = doctest.DocTestFinder().find(function, record.name, globs=names)
        runner = doctest.DocTestRunner(verbose=False)
        wrong = [runner.run(test, out=lambda _line: None) for test in tests]
        if not sum(result.attempted for result in wrong):
            found.append(f"{record.name}: no worked value")
        if sum(result.failed for result in wrong):
            found.append(f"{record.name}: the worked value is not true")
    return found


def stub_problems(notebook: NotebookNode, records: list[Exercise]) -> list[str]:
    """As released, every cell runs, every function says NotImplementedError and nothing else."""
    try:
        names, printed = run(notebook, released)
    except Exception as error:
        return [f"the released notebook does not run: {type(error).__name__}: {error}"]
    found = []
    if re.search("SOLUTION|HIDDEN", "".join(released(cell.source) for cell in notebook.cells)):
        found.append("marks are left over")
    for record in records:
        if f"✗ {record.name}, case 1" not in printed or f"✓ {record.name}" in printed:
            found.append(f"{record.name}: its check does not fail as released")
        for case in record.cases(random.Random(0)):
            failure = attempt(record, case, names[record.name])
            if failure is None or not failure.hint.startswith("Not written yet"):
                found.append(f"{record.name}: the stub does not raise NotImplementedError")
    return found
