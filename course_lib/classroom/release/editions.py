"""The languages in which exercises can be released."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT, read_text

NOTEBOOKS = PROJECT / "notebooks"
SOURCE_LANGUAGE = "en"  # the other editions are made from it: the code is the same in all


@dataclass(frozen=True)
class Edition:
    """The exercise notebooks of one language: `folder`/NN_name/NN_name.ipynb.

    English is `notebooks/exercises/`; any other language is `notebooks/LANGUAGE/exercises/`.
    """

    language: str
    folder: Path

    def read(self, lecture: str) -> NotebookNode:
        """A lecture's notebook, solutions and all. Raises CourseError if it cannot be read."""
        path = self.folder / lecture / f"{lecture}.ipynb"
        text = read_text(path)
        try:
            notebook: NotebookNode = nbformat.reads(text, as_version=4)
        except Exception as error:  # nbformat's errors have no common type
            message = _("{path} is not a notebook: {why}")
            why = str(error).partition("\n")[0]
            raise CourseError(message.format(path=path, why=why)) from None
        return notebook


def find_edition(language: str, notebooks: Path = NOTEBOOKS) -> Edition:
    """Raises CourseError, with the languages there are, if there are no exercises in this one."""
    found = editions(notebooks)
    if language not in found:
        message = _("there are no exercises in the language {language!r} yet; there are: {known}")
        raise CourseError(message.format(language=language, known=", ".join(found)))
    return found[language]


def editions(notebooks: Path = NOTEBOOKS) -> dict[str, Edition]:
    """Language -> edition; English first."""
    folders = {SOURCE_LANGUAGE: notebooks / "exercises"}
    folders |= {path.parent.name: path for path in sorted(notebooks.glob("*/exercises"))}
    return {language: Edition(language, folder) for language, folder in folders.items()}


def read_lecture(edition: Edition, lecture: str, notebooks: Path = NOTEBOOKS) -> NotebookNode:
    """A lecture's notebook in this edition.

    Raises CourseError if its code differs from the English one's: the marks would not be the same.
    """
    notebook = edition.read(lecture)
    original = find_edition(SOURCE_LANGUAGE, notebooks).read(lecture)
    if code_of(notebook) != code_of(original):
        message = _("{lecture}: the code cells of the {language!r} edition differ from {source!r}")
        names = {"language": edition.language, "source": SOURCE_LANGUAGE}
        raise CourseError(message.format(lecture=lecture, **names))
    return notebook


def code_of(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let `_` answer in this language for a while."""
    before = os.environ.get("COURSE_LANG")
    os.environ["COURSE_LANG"] = language
    try:
        yield
    finally:
        del os.environ["COURSE_LANG"]
        if before is not None:
            os.environ["COURSE_LANG"] = before
