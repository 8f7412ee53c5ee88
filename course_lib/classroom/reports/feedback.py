"""A page for each student: what was right, which idea is missing, and what to do next.

A page shows what stands in the student's own marks. There is no hidden case in those.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exports.table import Table, write_table
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.grade_book_entries import Keep, Override
from course_lib.classroom.marking.mark import Mark, Marking
from course_lib.classroom.reports import words
from course_lib.classroom.reports.pages import number, page
from course_lib.interop.whole_folder import writing_folder
from course_lib.storage import writing

PAGES, INDEX, TABLE = "pages", "index.html", "index.csv"
MADE_BY = 'name="generator" content="course feedback index"'  # in the index that we wrote


@dataclass(frozen=True)
class Part:
    """One exercise on a student's page."""

    mark: Mark
    exercise: Exercise
    override: Override | None

    @property
    def happened(self) -> list[str]:
        """What happened, in sentences; what the hidden cases say stands last."""
        sentences = [words.what_happened(self.mark, self.exercise), words.how_far(self.mark)]
        if words.only_hidden_cases_fail(self.mark):
            sentences.append(words.why_only_hidden())
        return [sentence for sentence in sentences if sentence]

    @property
    def heading_of_hint(self) -> str:
        return words.heading_of_hint(self.mark)

    @property
    def steps(self) -> list[str]:
        return words.next_steps(self.mark, self.exercise)


def write_feedback(
    book: GradeBook, folder: str | Path, keep: Keep = "last", key: bytes | None = None
) -> int:
    """Write `folder`: `pages/`, to be handed out; index.html and index.csv, for the instructor.

    Args:
        folder: a new one, or one that this function wrote, which is replaced as a whole.
        key: makes the names of the pages unguessable to all who do not have it; the same key
            gives the same names.

    Returns how many pages there are. Raises CourseError if the folder holds other files, or
    cannot be written.
    """
    assignment, rows = book.assignment, []
    with writing_folder(folder, is_feedback) as new:
        (new / PAGES).mkdir()
        for marking in book.iter_current(keep):
            name = page_name(marking.student, key)
            content = student_page(marking, assignment, book.overrides(marking.student), book.kind)
            with writing(new / PAGES / name) as file:
                file.write(content)
            rows.append((marking, f"{PAGES}/{name}"))
        with writing(new / INDEX) as file:
            file.write(page("feedback_index.html", assignment=assignment, rows=rows))
        write_table(index_table(rows), new / TABLE)
    return len(rows)


def index_table(rows: Sequence[tuple[Marking, str]]) -> Table:
    """Whose page is which: for a program that sends them out."""
    lines = ((marking.student, path, number(marking.points)) for marking, path in rows)
    return Table(("student", "page", "points"), tuple(lines), encoding="utf-8-sig")


def is_feedback(folder: Path) -> bool:
    """Was this folder written by `write_feedback`, and was nothing put beside it since?"""
    index = folder / INDEX
    known = {path.name for path in folder.iterdir()} == {PAGES, INDEX, TABLE}
    return known and index.is_file() and MADE_BY in index.read_text("utf-8", "replace")


def student_page(
    marking: Marking,
    assignment: Assignment,
    overrides: Sequence[Override] = (),
    kind: str = "marks",
) -> str:
    """The page of one student, as HTML. `overrides` of other students are left out."""
    own = {o.exercise: o for o in overrides if o.student == marking.student}
    records = {record.name: record for record in assignment.records()}
    unread = marking.problem and all(mark.status == "missing" for mark in marking.marks)
    shown = () if unread and not own else marking.marks  # "not found" nine times says nothing
    parts = [Part(m, records[m.exercise], own.get(m.exercise)) for m in shown]
    n_right = sum(mark.status == "right" for mark in marking.marks)
    return page(
        "feedback.html",
        marking=marking,
        assignment=assignment,
        parts=parts,
        n_right=n_right,
        rehearsal=kind == "rehearsal",
    )


def page_name(student: str, key: bytes | None = None) -> str:
    """A file name for a student's page: safe everywhere, and no two students have the same.

    With a key it tells nothing of the student.
    """
    identity = student.encode("utf-8", "backslashreplace")
    if key is not None:
        secret = hashlib.sha256(b"names of feedback pages\0" + key).digest()
        return f"{hmac.new(secret, identity, 'sha256').hexdigest()[:32]}.html"
    readable = re.sub(r"[^\w-]+", "_", student).strip("_")[:40]  # 120 bytes at most, or 160
    return f"{readable or 'student'}-{hashlib.sha256(identity).hexdigest()[:16]}.html"
