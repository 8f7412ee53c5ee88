"""Who is who: the students of the grade book, found in the list a learning platform exported.

The grade book knows a student by the name of a folder or a file. That must be an id, a login or an
e-mail address of the list, or the name that a platform gives to what it lets one download:

    Moodle      Full Name_12345_assignsubmission_file_     12345 as in "Participant 12345"
    Canvas      leeann_LATE_12345_67890_week1              12345 as in column ID
    Blackboard  Week 1_annlee_attempt_2026-04-01-...       annlee as in column Username

Sources: Moodle's mod/assign/locallib.php, Canvas's lib/content_zipper.rb,
help.blackboard.com, "Download assignments".
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from course_lib.classroom.exports.table import Table
from course_lib.errors import CourseError
from course_lib.i18n import _

IDENTIFYING = (
    *("id", "sis user id", "sis login id", "integration id", "student id", "id number"),
    *("username", "user name", "login", "email address", "email", "identifier", "student"),
    *("ユーザ名", "メールアドレス", "学籍番号", "学生番号", "idナンバー"),
)
MOST_NAMED = 8  # students in an error's one line


def match(
    students: Iterable[str], roster: Table, path: Path, strict: bool = True
) -> dict[str, int]:
    """Student -> row of the roster, which was read from `path`.

    Raises CourseError if one student has no row (unless not `strict`) or several, or two students
    have the same row.
    """
    rows = _rows_by_key(roster, path)
    found: dict[str, int] = {}
    lost = []
    for student in students:
        candidates = {row for key in keys(student) for row in rows.get(key, ())}
        if len(candidates) > 1:
            message = _("{student} may be any of {n} students in {path}; rename the folder")
            raise CourseError(message.format(student=student, n=len(candidates), path=path))
        if not candidates:
            lost.append(student)
        else:
            found[student] = candidates.pop()
    if lost and strict:
        message = _("{path} has no id, login or e-mail address of {n} student(s): {names}")
        names = ", ".join(lost[:MOST_NAMED]) + (" …" if len(lost) > MOST_NAMED else "")
        raise CourseError(message.format(path=path, n=len(lost), names=names))
    _refuse_twins(found, path)
    return found


def _refuse_twins(found: dict[str, int], path: Path) -> None:
    students = defaultdict(list)
    for student, row in found.items():
        students[row].append(student)
    twins = next((names for names in students.values() if len(names) > 1), None)
    if twins:
        message = _("{names} are one student in {path}: which of them counts? put them together")
        raise CourseError(message.format(names=", ".join(twins), path=path))


def _rows_by_key(roster: Table, path: Path) -> dict[str, set[int]]:
    """Raises CourseError if no column says who is who."""
    chosen = [i for i, name in enumerate(roster.header) if plain(name) in IDENTIFYING]
    if not chosen:
        message = _("{path} has no column with ids, logins or e-mail addresses")
        raise CourseError(message.format(path=path))
    rows = defaultdict(set)
    for number, row in enumerate(roster.rows):
        for i in chosen:
            value, column = plain(row[i]), plain(roster.header[i])
            if value:
                rows[value].add(number)
                rows[f"{column}: {value}"].add(number)
            if column in ("identifier", "id") and (named := re.fullmatch(r"\D+(\d+)", value)):
                rows[f"participant: {named[1]}"].add(number)
    return rows


def keys(student: str) -> Iterator[str]:
    """What may stand in the roster for the student of this folder or file."""
    yield plain(student)
    if moodle := re.match(r".+_(\d+)_assignsubmission_", student):
        yield f"participant: {moodle[1]}"
    if canvas := re.match(r"[^_]+(?:_LATE)?_(\d+)_\d+_", student):
        yield f"id: {canvas[1]}"
    if blackboard := re.match(r"(.+)_attempt_\d{4}-", student):
        parts = blackboard[1].split("_")  # a login may have a _ in it
        for i in range(1, len(parts)):
            yield f"username: {plain('_'.join(parts[i:]))}"


def plain(text: str) -> str:
    """For comparing: full-width letters, capitals and spaces around make no difference."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
