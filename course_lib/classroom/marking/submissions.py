"""What students handed in: which notebooks lie in a folder, and the code cells in them.

Names and contents are a student's own: nothing is followed, executed or believed here.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _

MOST_BYTES = 16 * 2**20  # of a notebook; its figures are most of it
MOST_CELLS = 1000
DEEPEST = 3  # folders below a student's: STUDENT/ASSIGNMENT/NOTEBOOK.ipynb, and one to spare


class NotebookError(CourseError):
    """A file that cannot be read as a notebook; the message says why."""


@dataclass(frozen=True, order=True)
class Submission:
    """All that one student handed in. `paths`: of the notebooks, in order; there may be none.

    student: name of the student's folder or file.    root: the folder of all submissions.
    """

    student: str
    root: Path
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Handed:
    """A submission as it is marked: the bytes of its notebooks; `problem` is what is wrong with it.

    path: of the one notebook, or else of the student's folder, relative, with `/`.
    """

    student: str
    path: str
    notebooks: tuple[bytes, ...]
    problem: str = ""

    @property
    def sha256(self) -> str:
        """Of the file, or of the list of the files' own hashes where there is not just one."""
        hashes = [hashlib.sha256(content).hexdigest() for content in self.notebooks]
        return (
            hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
        )


def find_submissions(folder: Path, assignment: str = "") -> list[Submission]:
    """STUDENT.ipynb, STUDENT/*.ipynb and nbgrader's STUDENT/ASSIGNMENT/*.ipynb, by student.

    If a student's folder has one with the name of the assignment, only that one counts.
    Raises CourseError if the folder cannot be read or holds none of these.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        message = _("cannot read the submissions in {folder}: {why}")
        raise CourseError(message.format(folder=folder, why=error.strerror)) from None
    found = []
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            own = path / assignment
            inside = own if assignment and own.is_dir() and not own.is_symlink() else path
            found.append(Submission(readable(entry.name), folder, tuple(notebooks_in(inside))))
        elif path.suffix == ".ipynb":
            found.append(Submission(readable(path.stem), folder, (path,)))
    if not found:
        message = _("{folder} holds no submissions: a folder or a notebook per student is expected")
        raise CourseError(message.format(folder=folder))
    return found


def notebooks_in(folder: Path, depth: int = 1) -> Iterator[Path]:
    """Notebooks in a student's folder, in order; folders that are links are not entered."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):  # .ipynb_checkpoints, too
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth < DEEPEST:
                yield from notebooks_in(Path(entry.path), depth + 1)
        elif entry.name.endswith(".ipynb"):
            yield Path(entry.path)


def readable(name: str) -> str:
    """A file's name as text that can be stored: bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")


def take(submission: Submission) -> Handed:
    """Read the notebooks of a submission. Never raises: what is wrong becomes its `problem`."""
    paths = submission.paths
    where = paths[0] if len(paths) == 1 else submission.root / submission.student
    path = readable(where.relative_to(submission.root).as_posix())
    if not paths:
        return Handed(submission.student, path, (), _("no notebook was handed in"))
    try:
        return Handed(submission.student, path, tuple(read_file(path) for path in paths))
    except NotebookError as error:
        return Handed(submission.student, path, (), str(error))


def read_file(path: Path) -> bytes:
    """A student's file. Raises NotebookError for a link, a pipe, or what is too big."""
    try:
        # Neither follow a link out of the folder nor wait for a pipe that nobody writes.
        number = os.open(
            path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        )
    except OSError as error:
        raise NotebookError(_("cannot be read: {why}").format(why=error.strerror)) from None
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise NotebookError(_("not an ordinary file"))
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NotebookError(_("larger than {n} MB").format(n=MOST_BYTES // 2**20))
    return content


def code_cells(content: bytes) -> list[str]:
    """The source of each code cell of a notebook, as any front end saves it.

    Raises NotebookError if it is none.
    """
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        sources = [joined(cell["source"]) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotebookError(_("not a Jupyter notebook (format 4)")) from None
    if len(sources) > MOST_CELLS:
        raise NotebookError(_("more than {n} code cells").format(n=MOST_CELLS))
    return sources


def joined(source: str | list[str]) -> str:
    """A cell's source, which is kept as a string or as a list of lines, with `\\n` line ends."""
    text = source if isinstance(source, str) else "".join(source)
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
