"""The rules that every notebook of the course obeys. Each takes a notebook and its path and returns
its complaints, an empty list if there is none.

A lecture obeys LECTURE_RULES, an exercise EXERCISE_RULES.
"""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.evaluation.expected import read_expected

from .same_code import differences

Rule = Callable[[NotebookNode, Path], list[str]]

MOST_LINES = 15  # of a code cell, and of a class
MOST_CODE_CELLS = 2  # in a row
MACHINE = re.compile(r"/home/|/Users/|/root/|/tmp/|/work/|/mnt/|site-packages|[A-Z]:\\")
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def named(cell: NotebookNode) -> str:
    """How a complaint names a cell: by its first line."""
    return repr(cell.source.strip().partition("\n")[0][:50])


def is_valid(notebook: NotebookNode, _path: Path) -> list[str]:
    """What nbformat itself demands, in the version that gives every cell an id."""
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        return ["older than format 4.5: its cells have no ids"]
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return [f"invalid: {str(error).partition(chr(10))[0]}"]
    return []


def has_own_ids(notebook: NotebookNode, _path: Path) -> list[str]:
    """Exercises and translations find cells by id."""
    ids = [cell.get("id", "") for cell in notebook.cells]
    return [
        f"cell id {i!r} occurs {ids.count(i)} times" for i in sorted(set(ids)) if ids.count(i) > 1
    ]


def runs_on_python3(notebook: NotebookNode, _path: Path) -> list[str]:
    name = notebook.metadata.get("kernelspec", {}).get("name")
    return [] if name == "python3" else [f"kernel {name!r}, not 'python3'"]


def names_no_machine(notebook: NotebookNode, _path: Path) -> list[str]:
    """No folder of the author's machine, and no memory address, in sources or outputs."""
    texts = [(cell.source, named(cell)) for cell in notebook.cells]
    for cell in code_cells(notebook):
        texts += [(text, f"output of {named(cell)}") for text in output_texts(cell)]
    found = []
    for text, where in texts:
        found += [f"{m.group()!r} in {where}" for m in (MACHINE.search(text),) if m]
        found += [f"a memory address in {where}" for _match in ADDRESS.findall(text)[:1]]
    return found


def output_texts(cell: NotebookNode) -> list[str]:
    """Whatever a cell shows as text; pictures are left out."""
    texts = []
    for output in cell.get("outputs", []):
        texts += [output.get("text", ""), *output.get("traceback", [])]
        data = output.get("data", {})
        texts += [str(data[kind]) for kind in data if not kind.startswith("image/")]
    return texts


def has_no_outputs(notebook: NotebookNode, _path: Path) -> list[str]:
    """An exercise is committed as a reader should find it: not run."""
    ran = [c for c in code_cells(notebook) if c.get("outputs") or c.get("execution_count")]
    return [f"{named(cell)} has been run" for cell in ran]


def was_executed_in_order(notebook: NotebookNode, _path: Path) -> list[str]:
    """A lecture is committed as one fresh kernel left it, with figures, without warnings."""
    cells = code_cells(notebook)
    complaints = []
    if [cell.get("execution_count") for cell in cells] != list(range(1, len(cells) + 1)):
        complaints.append("not executed in order from a fresh kernel: course run --write")
    outputs = [(output, cell) for cell in cells for output in cell.get("outputs", [])]
    if not any("image/png" in output.get("data", {}) for output, _cell in outputs):
        complaints.append("shows no figure")
    for output, cell in outputs:
        if output.get("name") == "stderr":
            complaints.append(f"a warning under {named(cell)}")
        expected = "raises-exception" in cell.metadata.get("tags", [])
        if output.output_type == "error" and not expected:
            complaints.append(f"an error under {named(cell)}")
    return complaints


def has_short_cells(notebook: NotebookNode, _path: Path) -> list[str]:
    """Lines that say something; the marks for nbval do not count."""
    complaints = []
    for cell in code_cells(notebook):
        lines = [x for x in cell.source.splitlines() if x.strip() and not x.startswith("# NBVAL")]
        if len(lines) > MOST_LINES:
            complaints.append(f"{named(cell)}: {len(lines)} lines, at most {MOST_LINES}")
    return complaints


def lets_the_reader_breathe(notebook: NotebookNode, _path: Path) -> list[str]:
    complaints, row = [], 0
    for cell in notebook.cells:
        row = row + 1 if cell.cell_type == "code" else 0
        if row == MOST_CODE_CELLS + 1:
            complaints.append(f"{named(cell)} is code cell number {row} in a row")
    return complaints


def says_more_than_it_computes(notebook: NotebookNode, _path: Path) -> list[str]:
    n_code = len(code_cells(notebook))
    n_prose = sum(cell.cell_type == "markdown" for cell in notebook.cells)
    return [] if n_prose > n_code else [f"{n_prose} prose cells for {n_code} code cells"]


def trees(notebook: NotebookNode) -> list[tuple[NotebookNode, ast.Module | None]]:
    """Every code cell with its syntax tree; None for a magic or a !command, which is no Python."""
    pairs: list[tuple[NotebookNode, ast.Module | None]] = []
    for cell in code_cells(notebook):
        try:
            pairs.append((cell, ast.parse(cell.source)))
        except SyntaxError:
            pairs.append((cell, None))
    return pairs


def is_plain_python(notebook: NotebookNode, _path: Path) -> list[str]:
    return [f"{named(cell)} is not plain Python" for cell, tree in trees(notebook) if tree is None]


def has_short_classes(notebook: NotebookNode, _path: Path) -> list[str]:
    """Longer ones belong in the package."""
    complaints = []
    for _cell, tree in trees(notebook):
        for node in ast.walk(tree or ast.Module([], [])):
            if isinstance(node, ast.ClassDef):
                n_lines = (node.end_lineno or 0) - node.lineno + 1
                if n_lines > MOST_LINES:
                    complaints.append(f"class {node.name}: {n_lines} lines, at most {MOST_LINES}")
    return complaints


def begins_and_ends_with_the_lesson(notebook: NotebookNode, path: Path) -> list[str]:
    """The first code cell makes the Lesson of this lecture, the last one checks its results; nbval
    compares neither of them, because they name devices and print what differs in the last digits.
    """
    cells = code_cells(notebook)
    if not cells:
        return ["no code"]
    complaints = []
    if not re.search(rf"^lesson = Lesson\([\"']{path.stem}[\"']\)", cells[0].source, re.M):
        complaints.append(f'the first code cell does not say lesson = Lesson("{path.stem}")')
    if not re.search(r"^lesson\.check\(", cells[-1].source, re.M):
        complaints.append("the last code cell does not call lesson.check")
    marked = [cell for cell in (cells[0], cells[-1]) if "NBVAL_CHECK_OUTPUT" in cell.source]
    return complaints + [f"{named(cell)} is marked NBVAL_CHECK_OUTPUT" for cell in marked]


def has_an_output_that_is_compared(notebook: NotebookNode, _path: Path) -> list[str]:
    marked = [cell for cell in code_cells(notebook) if "# NBVAL_CHECK_OUTPUT" in cell.source]
    if not marked:
        return ["no cell is marked # NBVAL_CHECK_OUTPUT: nothing is compared"]
    empty = [cell for cell in marked if not any(map(str.strip, output_texts(cell)))]
    return [f"{named(cell)} is marked, but has no text to compare" for cell in empty]


def equals_the_package_where_it_says_so(notebook: NotebookNode, _path: Path) -> list[str]:
    """A cell that says `# same as course_lib.x.y` defines that very function or class."""
    return [complaint for cell in code_cells(notebook) for complaint in differences(cell.source)]


def is_built_of_turns(notebook: NotebookNode, _path: Path) -> list[str]:
    text = prose(notebook)
    return [f"no **{part}**" for part in ("Predict", "Observe") if f"**{part}" not in text]


def has_its_last_sections(notebook: NotebookNode, _path: Path) -> list[str]:
    """In this order: what the model cannot do, the table of ideas, three questions, sources."""
    text, complaints, place = prose(notebook), [], 0
    for name, pattern in (
        ("heading 'What this model cannot do'", r"^#+ .*\bcannot do\b"),
        (
            "table | idea | formula | function |",
            r"^\|[^|\n]*idea[^|\n]*\|[^|\n]*formula[^|\n]*\|[^|\n]*function",
        ),
        ("heading 'Check yourself' or 'Three questions'", r"^#+ .*(check yourself|questions)"),
        ("heading 'Sources'", r"^#+ .*\bsources\b"),
    ):
        match = re.compile(pattern, re.M | re.I).search(text, place)
        if match is None:
            complaints.append(f"no {name}, or not in its place")
        else:
            place = match.end()
    questions = re.search(
        r"^#+ [^\n]*(?:check yourself|questions)(.*?)(?=^#|\Z)", text, re.M | re.I | re.S
    )
    asked = questions.group(1).count("?") + questions.group(1).count("？") if questions else 0
    return complaints + ([] if asked >= 3 else [f"{asked} questions to check oneself, not three"])


def has_a_title(notebook: NotebookNode, _path: Path) -> list[str]:
    first = notebook.cells[0] if notebook.cells else None
    titled = first is not None and first.cell_type == "markdown" and first.source.startswith("# ")
    return [] if titled else ["does not begin with a title"]


def is_calibrated(_notebook: NotebookNode, path: Path) -> list[str]:
    sections = read_expected(path.parent / "expected.toml").get(path.stem, {})
    return [] if "quick" in sections else [f"not calibrated: course calibrate {path.stem}"]


EXERCISE_RULES: tuple[Rule, ...] = (
    is_valid,
    has_own_ids,
    runs_on_python3,
    names_no_machine,
    has_a_title,
    has_no_outputs,
)
LECTURE_RULES: tuple[Rule, ...] = (
    is_valid,
    has_own_ids,
    runs_on_python3,
    names_no_machine,
    has_a_title,
    was_executed_in_order,
    is_plain_python,
    has_short_cells,
    has_short_classes,
    lets_the_reader_breathe,
    says_more_than_it_computes,
    begins_and_ends_with_the_lesson,
    has_an_output_that_is_compared,
    equals_the_package_where_it_says_so,
    is_built_of_turns,
    has_its_last_sections,
    is_calibrated,
)
