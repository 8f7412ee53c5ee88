"""The last look at a bundle before students see it: nothing in it that must stay behind."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from course_lib.classroom.release.answers import SOLUTION, Answers, bodies_in, squeezed
from course_lib.classroom.release.instructions import FILE_NAME
from course_lib.classroom.release.texts import code_in, forms_of, texts_in
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT, read_text

HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS", re.DOTALL)
STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()"
# What a released notebook may say about itself and its cells, and nothing else.
OF_NOTEBOOK = {"kernelspec": {"display_name", "language", "name"}, "language_info": {"name"}}
OF_CELL: dict[str, set[str]] = {"deletable": set(), "editable": set()}
OF_CELL["nbgrader"] = {"cell_type", "checksum", "grade", "grade_id", "locked", "points"}
OF_CELL["nbgrader"] |= {"schema_version", "solution", "task"}
# With all that is neither letter nor digit taken out, so that spacing hides nothing.
MARKS = re.compile("beginsolution|endsolution|hiddentest|markscheme|autotest", re.IGNORECASE)
HIDDEN_CALL = re.compile(r"assert\(*check\(|check\(\w+,(seed=)?[\"\w]+\)")
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|Users|tmp|mnt|work|var)/\w|[A-Za-z]:\\+Users")


def refuse_leaks(folder: Path, sources: dict[str, NotebookNode], answers: Answers) -> None:
    """Raises CourseError if the bundle holds anything that students must not see.

    `sources`: lecture -> the notebook that nbgrader was given.
    """
    refuse(leaks(folder, sources, answers))


def refuse(problems: Iterator[str]) -> None:
    """Raises CourseError with the first problem, if there is one."""
    for problem in problems:
        message = _("nothing was released: {problem}")
        raise CourseError(message.format(problem=problem))


def leaks(folder: Path, sources: dict[str, NotebookNode], answers: Answers) -> Iterator[str]:
    """What is wrong with the bundle, one line each; nothing if all is well."""
    for lecture, source in sources.items():
        notebook = nbformat.read(folder / f"{lecture}.ipynb", as_version=4)
        for problem in changes(notebook, source):
            yield f"{lecture}.ipynb: {problem}"
    yield from told(folder, {FILE_NAME, *(f"{lecture}.ipynb" for lecture in sources)}, answers)


def told(folder: Path, wanted: set[str], answers: Answers) -> Iterator[str]:
    """What the files in the folder tell, if only these files are wanted in it."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in wanted:
            yield _("{file} does not belong to it").format(file=name)
        elif path.suffix == ".ipynb":
            notebook = nbformat.read(path, as_version=4)
            yield from (f"{name}: {problem}" for problem in tales(notebook, answers))
        else:
            yield from (f"{name}: {p}" for p in tales_of_text(read_text(path), answers))


def changes(notebook: NotebookNode, source: NotebookNode) -> Iterator[str]:
    """Is it the instructor's notebook, less what must go, and nothing more?"""
    yield from extras(notebook.metadata, OF_NOTEBOOK, _("the notebook"))
    if [cell.id for cell in notebook.cells] != [cell.id for cell in source.cells]:
        yield _("its cells are not those of the source")
        return
    for cell, original in zip(notebook.cells, source.cells, strict=True):
        where = _("cell {id}").format(id=cell.id)
        if cell.source != without_answers(original.source):
            yield _("{where} says something else than the source").format(where=where)
        if cell.get("outputs") or cell.get("execution_count"):
            yield _("{where} has an output or a count of its runs").format(where=where)
        if cell.get("attachments", {}) != original.get("attachments", {}):
            yield _("{where} has an attachment that the source has not").format(where=where)
        yield from extras(cell.metadata, OF_CELL, where)


def without_answers(source: str) -> str:
    """What students get of a cell: told here once more, not asked of nbgrader."""
    return HIDDEN.sub("", SOLUTION.sub(STUB, source))


def extras(metadata: dict[str, Any], allowed: dict[str, set[str]], where: str) -> Iterator[str]:
    """Metadata that are not expected: who wrote it, when it ran, where."""
    for name, value in metadata.items():
        inside = set(value) if isinstance(value, dict) else set()
        if name not in allowed or not inside <= allowed[name]:
            words = _("{where} has metadata of its own: {name}")
            yield words.format(where=where, name=name)


def tales(notebook: NotebookNode, answers: Answers) -> Iterator[str]:
    """Any text in the notebook that tells an answer, a hidden test, or whose machine it was."""
    parts = [(notebook.metadata, _("the notebook"))]
    parts += [(cell, _("cell {id}").format(id=cell.id)) for cell in notebook.cells]
    for place, text in (found for part, where in parts for found in texts_in(part, where)):
        for form in forms_of(text):
            if HIDDEN_CALL.search(squeezed(form)):
                yield _("{place}: a hidden test").format(place=place)
        for problem in tales_of_text(text, answers):
            yield f"{place}: {problem}"


def tales_of_text(text: str, answers: Answers) -> Iterator[str]:
    """The same for one text, in whatever way it is quoted or encoded."""
    for form in forms_of(text):
        flat = squeezed(form)
        for line, exercise in answers.lines.items():
            if line in flat:
                yield _("a line of an answer to {exercise}").format(exercise=exercise)
        for code in code_in(form):
            for body in bodies_in(code, answers.sizes):
                if body in answers.bodies:
                    yield _("an answer to {name}").format(name=answers.bodies[body])
        if MARKS.search(re.sub(r"[\W_]+", "", form)):
            yield _("marks of a solution or of a hidden test")
        if MACHINE_PATH.search(form) or str(PROJECT) in form:
            yield _("a path of this machine")
