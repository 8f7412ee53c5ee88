"""The grade book as a file: its tables, and opening it with everything that can be wrong with it.

It is one SQLite file. A rollback journal, not a write-ahead log: after closing there is nothing
beside it, and it may lie on a network drive. https://sqlite.org/lockingv3.html
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from course_lib.classroom.marking.mark import STATUSES
from course_lib.errors import CourseError
from course_lib.i18n import _

APPLICATION = (
    0x434F5552  # "COUR" in the file's header: it is ours. https://sqlite.org/fileformat.html
)
VERSION = 1  # of the tables below
HEADER = 100  # bytes
PATIENCE = 60.0  # seconds to wait while another process writes

TABLES = f"""
CREATE TABLE book (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    kind TEXT NOT NULL CHECK (kind IN ('marks', 'rehearsal')),
    assignment TEXT NOT NULL,
    exercises TEXT NOT NULL,  -- a JSON list of their names
    secret_fingerprint TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE attempts (  -- one file, as one set of records judged it; never changed
    id INTEGER PRIMARY KEY,
    student TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    seconds REAL NOT NULL,
    peak_mb REAL NOT NULL,
    problem TEXT NOT NULL,
    at TEXT NOT NULL,  -- UTC
    UNIQUE (student, sha256, fingerprint)
) STRICT;

CREATE TABLE marks (
    attempt INTEGER NOT NULL REFERENCES attempts,
    position INTEGER NOT NULL,
    exercise TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN {STATUSES}),
    n_passed INTEGER NOT NULL CHECK (n_passed BETWEEN 0 AND n_cases),
    n_cases INTEGER NOT NULL,
    points REAL NOT NULL CHECK (points BETWEEN 0 AND max_points),
    max_points REAL NOT NULL,
    hint TEXT NOT NULL,
    practice TEXT NOT NULL,
    error TEXT NOT NULL,
    wrong_answer TEXT NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (attempt, position),
    UNIQUE (attempt, exercise)
) STRICT, WITHOUT ROWID;

CREATE TABLE sightings (  -- which attempt was met when: a student may go back to an earlier file
    id INTEGER PRIMARY KEY,
    attempt INTEGER NOT NULL REFERENCES attempts,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX sightings_of_attempt ON sightings (attempt);

CREATE TABLE overrides (  -- the newest of a student and exercise counts
    id INTEGER PRIMARY KEY,
    student TEXT NOT NULL,
    exercise TEXT NOT NULL,
    points REAL NOT NULL CHECK (points >= 0),
    reason TEXT NOT NULL CHECK (reason <> ''),
    who TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX overrides_of_student ON overrides (student, exercise);
"""


def open_file(path: Path, create: bool) -> sqlite3.Connection:
    """A connection to the book, which is made if `create` says so and it is not there.

    Raises CourseError if the file is no grade book, is damaged, or is of a newer course.
    """
    if not (create or path.is_file()):
        message = _("there is no grade book {path}; make one with: course exercises grade")
        raise CourseError(message.format(path=path))
    if path.is_file() and 0 < path.stat().st_size < HEADER:  # SQLite would write over it
        raise CourseError(_not_ours(path))
    with in_plain_words(path):
        mode = "rwc" if create else "rw"
        address = f"{path.absolute().as_uri()}?mode={mode}"
        db = sqlite3.connect(address, timeout=PATIENCE, isolation_level=None, uri=True)
        try:
            db.execute("PRAGMA foreign_keys = ON")
            if create:
                _fill_if_empty(db)
            _accept(db, path)
        except BaseException:
            db.close()
            raise
    return db


def _fill_if_empty(db: sqlite3.Connection) -> None:
    """Make the tables, all or none of them, in a file that holds nothing."""
    with transaction(db):
        if db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            return
        for statement in TABLES.split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {VERSION}")


def _accept(db: sqlite3.Connection, path: Path) -> None:
    """Raises CourseError unless this is a sound grade book of our version."""
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise CourseError(_not_ours(path))
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        message = _("{path} is a grade book of another version of the course; update the course")
        raise CourseError(message.format(path=path))
    if db.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
        raise CourseError(_damaged(path))


def _not_ours(path: Path) -> str:
    return _("{path} is not a grade book of this course").format(path=path)


def _damaged(path: Path) -> str:
    message = _("the grade book {path} is damaged; take a copy of it, or grade into a new one")
    return message.format(path=path)


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of the block or nothing of it; other writers wait for their turn."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


@contextlib.contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """What SQLite reports about the file, as CourseError; values it must not hold, ValueError."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise ValueError(f"the grade book cannot hold this: {error}") from error
    except sqlite3.OperationalError as error:  # locked, read-only, a full disk, no such folder
        message = _("cannot use the grade book {path}: {why}")
        raise CourseError(message.format(path=path, why=error)) from None
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname == "SQLITE_NOTADB":
            raise CourseError(_not_ours(path)) from None
        raise CourseError(_damaged(path)) from None
