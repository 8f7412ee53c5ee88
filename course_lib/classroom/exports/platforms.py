"""Marks in the form that Canvas, Moodle and Blackboard read, or as a plain CSV file.

Each platform is given back its own list of students (its export, the *roster*) with the points
filled in, in the same encoding and with the same delimiter; without a roster, a list that it can
map by the name of the student's folder. Who handed in nothing is left empty, or gets 0.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from course_lib.classroom.exports.outcomes import Outcomes
from course_lib.classroom.exports.table import UTF_16, Table, columns, number
from course_lib.errors import CourseError
from course_lib.i18n import _

GRADE = ("Grade", "評点", "評定")  # a worksheet's heading: it has those of the user's language


@dataclass(frozen=True)
class Wish:
    """How the instructor wants it. scale: to the points of the platform's own assignment."""

    scale: bool = False
    absent_gets_zero: bool = False


@dataclass(frozen=True)
class Listed:
    """A roster, and which of its rows belongs to which student."""

    table: Table
    rows: dict[str, int]

    def students(self) -> dict[int, str]:
        return {row: student for student, row in self.rows.items()}


def canvas(outcomes: Outcomes, listed: Listed | None, wish: Wish) -> Table:
    """Canvas: the student columns of its gradebook export and one assignment's column.

    A column called "Title (id)" is that assignment's, any other title makes a new assignment; the
    second row has the points possible. Source: github.com/instructure/canvas-lms,
    lib/gradebook_exporter.rb and gradebook_importer.rb.
    """
    if listed is None:
        header = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
        rows = tuple((student, "", "", student, "") for student in outcomes.of)
        listed = Listed(Table(header, rows), {student: i for i, student in enumerate(outcomes.of)})
    section = listed.table.column("Section")
    if section is None:
        raise CourseError(_("the roster has no column Section: export the gradebook from Canvas"))
    found = _titled(listed.table, rf"{re.escape(outcomes.name)}( \(\d+\))?")
    possible = "    Points Possible"
    others = [i for i, row in enumerate(listed.table.rows) if "Points Possible" in row[0]]
    most = _float(listed.table.rows[others[0]][found]) if others and found is not None else None
    outcomes = outcomes.out_of(most, wish.scale)
    # Rows without a name say which assignments are muted or posted by hand.
    others += [i for i, row in enumerate(listed.table.rows) if not row[0].strip()]
    people = columns(listed.table, range(section + 1))
    title = outcomes.name if found is None else listed.table.header[found]
    first = (possible, *[""] * section, number(outcomes.max_points))
    points = _points(outcomes, listed, wish)
    rest = ((*row, points[i]) for i, row in enumerate(people.rows) if i not in others)
    return Table((*people.header, title), (first, *rest), people.delimiter, people.encoding)


def moodle(outcomes: Outcomes, listed: Listed | None, wish: Wish) -> Table:
    """Moodle: the assignment's grading worksheet, or columns to map under Grades > Import.

    The worksheet must keep all its columns; comments are HTML. Sources: docs.moodle.org, "Grade
    import"; github.com/moodle/moodle, mod/assign/feedback/offline/importgradeslib.php.
    """
    new = (outcomes.name, "Feedback comments")
    if listed is None:
        marks = ((s, number(o.points), comment(o.lines)) for s, o in outcomes.of.items())
        return Table(("Username", *new), tuple(marks))
    table, grade = listed.table, listed.table.column(*GRADE)
    if grade is not None and table.column("Identifier", "ID") is not None:
        return _worksheet(outcomes, listed, wish, grade)
    points, comments = _points(outcomes, listed, wish), _comments(outcomes, listed)
    rows = tuple((*row, points[i], comments[i]) for i, row in enumerate(table.rows))
    return Table((*table.header, *new), rows, table.delimiter, table.encoding)


def _worksheet(outcomes: Outcomes, listed: Listed, wish: Wish, grade: int) -> Table:
    """Moodle's grading worksheet with points in column number `grade`, and comments."""
    table, most = listed.table, listed.table.column("Maximum Grade", "最大評点")
    said = table.column("Feedback comments", "フィードバックコメント")
    mosts = [_float(row[most]) for row in table.rows] if most is not None else []
    outcomes = outcomes.out_of(next(iter(mosts), None), wish.scale)
    values = {grade: _points(outcomes, listed, wish)}
    if said is not None:
        values[said] = _comments(outcomes, listed)
    return _filled(table, values)


def blackboard(outcomes: Outcomes, listed: Listed | None, wish: Wish) -> Table:
    """Blackboard: who the students are, and one column, tab-separated UTF-16 as it exports.

    A column called "Title [Total Pts: 10 Score] |12345" is an existing one; any other title makes
    a new column of text. Source: help.blackboard.com, "Work offline with grade data".
    """
    if listed is None:
        marks = tuple((student, number(o.points)) for student, o in outcomes.of.items())
        return Table(("Username", outcomes.name), marks, "\t", UTF_16)
    table = listed.table
    found = _titled(table, rf"{re.escape(outcomes.name)}\s*\[.*\]\s*\|\d+")
    title = outcomes.name if found is None else table.header[found]
    total = re.search(r"Total Pts: (?:up to )?([\d.,]+)", title)
    outcomes = outcomes.out_of(_float(total[1]) if total else None, wish.scale)
    names = ("Last Name", "First Name", "Username", "Student ID")
    people = columns(table, [i for name in names if (i := table.column(name)) is not None])
    points = _points(outcomes, listed, wish)
    rows = tuple((*row, points[i]) for i, row in enumerate(people.rows))
    return Table((*people.header, title), rows, table.delimiter, table.encoding)


PLATFORMS: dict[str, Callable[[Outcomes, Listed | None, Wish], Table]] = {
    "canvas": canvas,
    "moodle": moodle,
    "blackboard": blackboard,
}


def comment(lines: tuple[str, ...]) -> str:
    """Lines as HTML: a hint may well speak of `<pad>`."""
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def _points(outcomes: Outcomes, listed: Listed, wish: Wish) -> list[str]:
    """For each row of the roster its points."""
    students, absent = listed.students(), "0" if wish.absent_gets_zero else ""
    found = (students.get(i) for i in range(len(listed.table.rows)))
    return [number(outcomes.of[s].points) if s is not None else absent for s in found]


def _comments(outcomes: Outcomes, listed: Listed) -> list[str]:
    students = listed.students()
    found = (students.get(i) for i in range(len(listed.table.rows)))
    return [comment(outcomes.of[s].lines) if s is not None else "" for s in found]


def _filled(table: Table, values: dict[int, list[str]]) -> Table:
    """The table with new cells in some columns; an empty one leaves what was there."""
    rows = []
    for number_, row in enumerate(table.rows):
        new = list(row)
        for column, cells in values.items():
            new[column] = cells[number_] or row[column]
        rows.append(tuple(new))
    return replace(table, rows=tuple(rows))


def _titled(table: Table, pattern: str) -> int | None:
    """Number of the column whose whole title fits the pattern."""
    found = (i for i, title in enumerate(table.header) if re.fullmatch(pattern, title.strip()))
    return next(found, None)


def _float(text: str) -> float | None:
    """A number with a point or a comma; None if the cell holds no number."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
