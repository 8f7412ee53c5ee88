"""The grade book: every attempt of every student, for good, in one SQLite file."""

import contextlib
import getpass
import hashlib
import json
from collections.abc import Iterator
from dataclasses import astuple, fields, replace
from pathlib import Path
from typing import Any

from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book_entries import (
    Attempt,
    Keep,
    Kind,
    Override,
    lasting,
    now,
    overridden,
    storable,
)
from course_lib.classroom.marking.grade_book_file import in_plain_words, open_file, transaction
from course_lib.classroom.marking.mark import Mark, Marking
from course_lib.errors import CourseError
from course_lib.i18n import _

MARK_COLUMNS = tuple(field.name for field in fields(Mark))
ATTEMPT_COLUMNS = ("student", "path", "sha256", "seconds", "peak_mb", "problem")


class GradeBook:
    """Use it in a `with` block. Two processes may write to one book at the same time.

    A file counts with its newest judgement: after a record was mended and the submissions were
    marked again, the older judgement stays in the book and no longer counts. Of a student's files
    the last one counts, or the best one.

    Raises CourseError wherever the file cannot be read or written, or is no grade book.
    """

    def __init__(self, path: str | Path, create: bool = False) -> None:
        self.path = Path(path)
        self._db = open_file(self.path, create)

    def __enter__(self) -> "GradeBook":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def begin(self, assignment: Assignment, secret_fingerprint: str, kind: Kind = "marks") -> None:
        """Say what this book is about, or make sure that it is about just that.

        Raises CourseError if it holds another assignment, marks of another secret seed, or a
        rehearsal where marks are to be added, or the other way round.
        """
        row = (kind, assignment.name, json.dumps(assignment.exercises), secret_fingerprint)
        with self._writing():
            self._db.execute("INSERT OR IGNORE INTO book VALUES (1, ?, ?, ?, ?, ?)", (*row, now()))
            found = self._about()
        for name, mine, theirs in zip(_about_words(), row, found, strict=True):
            if mine != theirs:
                message = _("the grade book {path} holds {what}; grade into a new book")
                raise CourseError(message.format(path=self.path, what=name))

    def _about(self) -> tuple[str, str, str, str]:
        query = "SELECT kind, assignment, exercises, secret_fingerprint FROM book"
        row = self._db.execute(query).fetchone()
        if row is None:
            message = _("the grade book {path} is empty: nothing was marked into it yet")
            raise CourseError(message.format(path=self.path))
        return row  # type: ignore[no-any-return]

    @property
    def assignment(self) -> Assignment:
        """What was marked. Raises CourseError if the book is empty."""
        with in_plain_words(self.path):
            __, name, exercises, __ = self._about()
        return Assignment(name, tuple(json.loads(exercises)))

    @property
    def kind(self) -> str:
        """ "marks", or "rehearsal": those were made without a sandbox for each submission."""
        with in_plain_words(self.path):
            return self._about()[0]

    def has(self, student: str, sha256: str, fingerprint: str) -> bool:
        """Was this file of this student judged already, by just these records?"""
        with in_plain_words(self.path):
            return self._find(student, sha256, fingerprint) is not None

    def seen(self, student: str, sha256: str, fingerprint: str) -> bool:
        """As `has`; and if so, this is the student's last file again.

        For a file that needs no marking: the student may have gone back to an earlier version.
        """
        with self._writing():
            attempt = self._find(student, sha256, fingerprint)
            if attempt is not None:
                self._sight(attempt, storable(student))
        return attempt is not None

    def add(self, marking: Marking, fingerprint: str) -> None:
        """Add an attempt and its marks, all or nothing. Adding it once more changes nothing.

        `fingerprint` stands for everything that judged it. Raises ValueError for a mark that is
        none: of an exercise the assignment does not have, or more points than there are.
        """
        with self._writing():
            foreign = {mark.exercise for mark in marking.marks} - set(json.loads(self._about()[2]))
            if foreign:
                raise ValueError(f"not of this assignment: {sorted(foreign)}")
            attempt = self._find(marking.student, marking.sha256, fingerprint)
            if attempt is None:
                attempt = self._insert(marking, fingerprint)
            self._sight(attempt, storable(marking.student))

    def _find(self, student: str, sha256: str, fingerprint: str) -> int | None:
        query = "SELECT id FROM attempts WHERE (student, sha256, fingerprint) = (?, ?, ?)"
        row = self._db.execute(query, (storable(student), sha256, fingerprint)).fetchone()
        return row and int(row[0])

    def _insert(self, marking: Marking, fingerprint: str) -> int:
        values = [storable(getattr(marking, name)) for name in ATTEMPT_COLUMNS]
        columns = ", ".join((*ATTEMPT_COLUMNS, "fingerprint", "at"))
        query = f"INSERT INTO attempts ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
        attempt = int(self._db.execute(query, (*values, fingerprint, now())).fetchone()[0])
        for position, mark in enumerate(marking.marks):
            row = (attempt, position, *map(storable, astuple(mark)))
            marks = ", ".join("?" * len(row))
            self._db.execute(f"INSERT INTO marks VALUES ({marks})", row)
        return attempt

    def _sight(self, attempt: int, student: str) -> None:
        """Note that it was met, unless it is the one of this student that was met last."""
        candidates = self._newest(student)
        if not candidates or candidates[-1] != attempt:
            query = "INSERT INTO sightings (attempt, at) VALUES (?, ?)"
            self._db.execute(query, (attempt, now()))

    def _newest(self, student: str) -> list[int]:
        """Of each file of the student, the newest judgement; the file met last comes last."""
        # With max(), SQLite takes the bare columns from the row that has the maximum.
        query = """SELECT attempts.id, max(sightings.id) AS seen FROM attempts
            JOIN sightings ON sightings.attempt = attempts.id
            WHERE student = ? GROUP BY sha256 ORDER BY seen"""
        return [attempt for attempt, __ in self._db.execute(query, (student,))]

    def students(self) -> Iterator[str]:
        """Everybody of whom there is an attempt, in order."""
        # One by one, not one long reading: nobody who writes has to wait.
        query = "SELECT student FROM attempts WHERE student > ? ORDER BY student LIMIT 1"
        row = ("",)
        while True:
            with in_plain_words(self.path):
                row = self._db.execute(query, row).fetchone()
            if row is None:
                return
            yield row[0]

    def iter_current(self, keep: Keep = "last") -> Iterator[Marking]:
        """What counts of each student, with the overrides' points; students in order.

        Never holds more than one student in memory.
        """
        for student in self.students():
            overrides = {o.exercise: o.points for o in self.overrides(student)}
            with in_plain_words(self.path):
                found = self._newest(student)
                chosen = found[-1:] if keep == "last" else found
                markings = [overridden(self._marking(a), overrides) for a in reversed(chosen)]
            yield max(markings, key=lambda marking: marking.points)  # of equal ones the last file

    def current(self, keep: Keep = "last") -> list[Marking]:
        """What counts of each student, with the overrides' points; students in order."""
        return list(self.iter_current(keep))

    def attempts(self, student: str) -> list[Attempt]:
        """All of a student, in the order they were marked."""
        with in_plain_words(self.path):
            newest = self._newest(storable(student))
            query = "SELECT id, fingerprint, at FROM attempts WHERE student = ? ORDER BY id"
            rows = self._db.execute(query, (storable(student),)).fetchall()
            return [
                Attempt(self._marking(id_), fingerprint, at, id_ in newest, id_ == newest[-1])
                for id_, fingerprint, at in rows
            ]

    def _marking(self, attempt: int) -> Marking:
        query = f"SELECT {', '.join(ATTEMPT_COLUMNS)} FROM attempts WHERE id = ?"
        row = self._db.execute(query, (attempt,)).fetchone()
        values: dict[str, Any] = dict(zip(ATTEMPT_COLUMNS, row, strict=True))
        query = f"SELECT {', '.join(MARK_COLUMNS)} FROM marks WHERE attempt = ? ORDER BY position"
        marks = self._db.execute(query, (attempt,))
        named = (dict(zip(MARK_COLUMNS, mark, strict=True)) for mark in marks)
        return Marking(marks=tuple(Mark(**mark) for mark in named), **values)

    def override(
        self, student: str, exercise: str, points: float, reason: str, who: str = ""
    ) -> None:
        """Set the points of a student for an exercise, whatever was or will be marked.

        `who` is the user of this computer if it is left out. Raises CourseError for a student or
        an exercise the book does not have, for points the exercise does not have, or no reason.
        """
        record = {record.name: record for record in self.assignment.records()}.get(exercise)
        if record is None:
            message = _("{exercise} is not in assignment {name}, which has: {exercises}")
            names = {
                "name": self.assignment.name,
                "exercises": ", ".join(self.assignment.exercises),
            }
            raise CourseError(message.format(exercise=exercise, **names))
        if not 0 <= points <= record.points:
            message = _("{exercise} has 0 to {most} points; {points} is outside")
            raise CourseError(message.format(exercise=exercise, most=record.points, points=points))
        if not reason.strip():
            raise CourseError(_("an override needs a reason: the student will read it"))
        row = (storable(student), exercise, float(points), storable(reason.strip()))
        with self._writing():
            if not self._newest(row[0]):
                message = _("the grade book {path} has no attempt of {student}")
                raise CourseError(message.format(path=self.path, student=student))
            columns = "student, exercise, points, reason, who, at"
            query = f"INSERT INTO overrides ({columns}) VALUES (?, ?, ?, ?, ?, ?)"
            self._db.execute(query, (*row, storable(who) or getpass.getuser(), now()))

    def overrides(self, student: str | None = None) -> list[Override]:
        """Those that count, of one student or of all, by student and exercise."""
        query = """SELECT student, exercise, points, reason, who, at, max(id) FROM overrides
            WHERE ? IN (student, '') GROUP BY student, exercise ORDER BY student, exercise"""
        with in_plain_words(self.path):
            rows = self._db.execute(query, (storable(student or ""),)).fetchall()
        return [Override(*row[:-1]) for row in rows]

    def digest(self) -> str:
        """The same for two books that say the same about every student.

        Left out is what differs from run to run: when and in which order the submissions were
        marked, how long it took and how much memory.
        """
        sha = hashlib.sha256()
        with in_plain_words(self.path):
            sha.update(repr(self._about()).encode())
        for student in self.students():
            attempts = sorted(
                self.attempts(student), key=lambda a: (a.fingerprint, a.marking.sha256)
            )
            for attempt in attempts:
                sha.update(repr(lasting(attempt)).encode())
            for override in self.overrides(student):
                sha.update(repr(replace(override, at="")).encode())
        return sha.hexdigest()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with in_plain_words(self.path), transaction(self._db):
            yield


def _about_words() -> tuple[str, str, str, str]:
    """What differs if a field of `book` does."""
    return (
        _("a rehearsal, or is to hold one, and that is not mixed with marks"),
        _("another assignment"),
        _("another choice of exercises"),
        _("marks of another secret seed"),
    )
