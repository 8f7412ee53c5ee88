"""What students handed in through nbgrader: their notebooks as `grade` takes them, and a roster.

nbgrader keeps COURSE/submitted/STUDENT/ASSIGNMENT/NOTEBOOK.ipynb with a timestamp.txt beside it,
and names and addresses in COURSE/gradebook.db.
Source: nbgrader.readthedocs.io, "The philosophy and the workflow".
"""

import os
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook

from course_lib.classroom.exports.nbgrader_book import BOOK, nbgrader_book, timestamp
from course_lib.classroom.exports.table import Table
from course_lib.classroom.marking.submissions import NotebookError, read_file, readable
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import writing

ROSTER = ("Username", "First name", "Last name", "Email address", "Submitted")


def handed_in(course: Path, assignment: str) -> list[Path]:
    """The folders SUBMITTED/STUDENT/ASSIGNMENT there are, by student; links are left out.

    Raises CourseError if there is none.
    """
    submitted = course / "submitted"
    try:
        students = sorted(entry.name for entry in os.scandir(submitted) if _is_folder(entry))
    except OSError as error:
        message = _("cannot read {folder}: {why}")
        raise CourseError(message.format(folder=submitted, why=error.strerror)) from None
    folders = [submitted / student / assignment for student in students]
    found = [folder for folder in folders if folder.is_dir() and not folder.is_symlink()]
    if not found:
        message = _("{folder} has nothing of assignment {name}; collect it with: nbgrader collect")
        raise CourseError(message.format(folder=submitted, name=assignment))
    return found


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")


def copy_notebooks(folders: list[Path], out: Path) -> Iterator[str]:
    """Copy each student's notebooks to OUT/STUDENT/; yields a line about each that is left out."""
    for folder in folders:
        student = folder.parent.name
        (out / student).mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.glob("*.ipynb")):
            try:
                content = read_file(path)
            except NotebookError as error:
                name = readable(f"{student}/{path.name}")
                yield _("{name}: {problem}; left out").format(name=name, problem=error)
                continue
            with writing(out / student / path.name, "wb") as file:
                file.write(content)


def roster(course: Path, assignment: str) -> Table:
    """Everybody nbgrader knows, and who handed in the assignment when (UTC, as nbgrader says it).

    Raises CourseError if nbgrader's grade book cannot be read.
    """
    times = {
        folder.parent.name: timestamp(folder / "timestamp.txt") or _("yes")
        for folder in handed_in(course, assignment)
    }
    rows: dict[str, tuple[str, ...]] = {student: (student, "", "", "") for student in times}
    if (course / BOOK).is_file():
        with nbgrader_book(course) as theirs:
            rows |= {row[0]: row for row in _known(theirs)}
    listed = ((*rows[student], times.get(student, "")) for student in sorted(rows))
    return Table(ROSTER, tuple(listed), encoding="utf-8-sig")


def _known(theirs: Gradebook) -> Iterator[tuple[str, ...]]:
    for s in theirs.students:
        yield s.id, s.first_name or "", s.last_name or "", s.email or ""
