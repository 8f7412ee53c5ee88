"""Blocks of a class, marked by both graders in turns."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.marking import nbgrader_course, our_course
from benchmarks.marking.measure import Cost, cost
from benchmarks.marking.students import Student, exercises, hand_in

Points = dict[tuple[str, str], float | None]  # by student and exercise


@dataclass(frozen=True)
class Block:
    """What some students' submissions cost each grader."""

    n_students: int
    ours: Cost
    theirs: Cost


def in_blocks(
    lecture: str,
    students: list[Student],
    size: int,
    folder: Path,
    n_jobs: int,
    on_block: Callable[[int, Block], None] = lambda _number, _block: None,
) -> tuple[list[Block], tuple[Points, Points]]:
    """The cost of each block, and the points that ours and the peer give in the end."""
    here, there = folder / "ours", folder / "theirs"
    here.mkdir()
    our_course.prepare(here)
    nbgrader_course.prepare(there, lecture)
    blocks = []
    for number, start in enumerate(range(0, len(students), size)):
        chosen = students[start : start + size]
        submissions = here / f"block-{number}"
        hand_in(lecture, chosen, submissions)
        nbgrader_course.submit(lecture, chosen, there)
        environment = nbgrader_course.environment()
        works = [
            (our_course.command(submissions, lecture, n_jobs), here),
            (nbgrader_course.command(), there),
        ]
        order = (0, 1) if number % 2 == 0 else (1, 0)
        found = {which: cost(*works[which], environment) for which in order}
        blocks.append(Block(len(chosen), found[0], found[1]))
        on_block(number, blocks[-1])
    return blocks, (our_course.points(here), nbgrader_course.points(there))


def disagreements(
    lecture: str, students: list[Student], ours: Points, theirs: Points
) -> tuple[Counter[str], Counter[str]]:
    """By what was handed in: marks of ours that are not what the answer is worth, and the peer's.

    A mark that is missing, or None, is a wrong one.
    """
    mine: Counter[str] = Counter()
    peers: Counter[str] = Counter()
    for student in students:
        for exercise in exercises(lecture):
            key, worth = (student.name, exercise.name), student.earned(exercise)
            kind = student.kinds[exercise.name]
            mine[kind] += ours.get(key) != worth
            peers[kind] += theirs.get(key) != worth
    return mine, peers
