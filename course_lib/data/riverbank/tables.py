"""Reads the lexicon's tables: sections in brackets, cells between bars, # starts a comment."""

from collections.abc import Iterator
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines


class Table:
    """The rows of one file by section; rows before the first [section] are in section ""."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sections: dict[str, list[list[str]]] = {"": []}
        section = ""
        for line in read_lines(path):
            line = line.partition("#")[0].strip()
            if line.startswith("["):
                section = line.partition("]")[0][1:]
                self.sections[section] = []
            elif line:
                self.sections[section].append([cell.strip() for cell in line.split("|")])

    def rows(self, section: str, width: int) -> Iterator[list[str]]:
        """The section's rows. Raises CourseError if one has not `width` cells."""
        for row in self.sections.get(section, ()):
            if len(row) != width:
                message = _("the row {row} has {n} cells, but [{section}] needs {width}")
                raise self.error(
                    message.format(row=" | ".join(row), n=len(row), section=section, width=width)
                )
            yield row

    def error(self, what: str) -> CourseError:
        """What is wrong, with the name of the file."""
        return CourseError(_("{path}: {what}").format(path=self.path, what=what))
