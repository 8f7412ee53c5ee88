"""Where in the lectures an exercise belongs: the section to read again."""

from functools import cache
from typing import NamedTuple

import nbformat

from course_lib.classroom.exercise import Exercise
from course_lib.storage import PROJECT, read_text


class Place(NamedTuple):
    """A lecture as its first line names it, "07 · The Transformer", and one of its sections."""

    lecture: str
    section: str


def place_of(exercise: Exercise) -> Place:
    """The section of the lecture that first names the exercise; "" if the lecture is not there."""
    section = ""
    title, texts = headings_and_texts(exercise.lecture)
    for heading, text in texts:
        section = heading or section
        if f"`{exercise.name}`" in text:
            return Place(title, section)
    return Place(title, "")


@cache
def headings_and_texts(lecture: str) -> tuple[str, list[tuple[str, str]]]:
    """The lecture's title, and each line of its prose with the heading it is, or "".

    Of a lecture that is not there, its name alone: a wheel of the package has no notebooks.
    """
    path = PROJECT / "notebooks" / f"{lecture}.ipynb"
    if not path.is_file():
        return lecture, []
    cells = nbformat.reads(read_text(path), as_version=4).cells
    lines = [x for c in cells if c.cell_type == "markdown" for x in c.source.splitlines()]
    title = next((x.removeprefix("# ") for x in lines if x.startswith("# ")), lecture)
    return title, [(x[3:].strip() if x.startswith("## ") else "", x) for x in lines]
