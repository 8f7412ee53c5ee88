"""The whole table: `python -m benchmarks.marking --submissions 500 --out docs/marking.csv`.

Run it from the project's folder, in the Python that has the grading set, on a machine that does
nothing else meanwhile.
"""

import argparse
import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.marking import LECTURE, N_CORES, SEED, TARGET, result
from benchmarks.marking.alone import peak_mb, seconds_each
from benchmarks.marking.blocks import Block, disagreements, in_blocks
from benchmarks.marking.measure import cores
from benchmarks.marking.nbgrader_course import environment
from benchmarks.marking.students import EARNS, Student, make_class
from course_lib.classroom.marking.engines import this_machine
from course_lib.classroom.marking.warm import rehearsal
from course_lib.cli.environment import THREADS
from course_lib.storage import writing

HEADINGS = ("measure", "unit", "course", "nbgrader", "ratio")
FEW = 50  # submissions of the smaller of the two runs for memory
N_ALONE = 8
Row = tuple[str, str, str, str, str]


def main() -> int:
    """Measure, write the table, and say whether the promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--block", type=int, default=50, help="submissions of one turn")
    parser.add_argument("--out", type=Path, help="the table, as CSV")
    options = parser.parse_args()
    os.environ.update(dict.fromkeys(THREADS, "1"))
    rows: list[Row] = []
    with TemporaryDirectory() as folder, cores(N_CORES):
        for row in measure(options.submissions, options.block, Path(folder)):
            rows.append(row)
            say(" | ".join(row))
            if options.out:
                write(rows, options.out)
    kept = next(float(row[4]) for row in rows if row[0] == "wall time") >= TARGET
    return 0 if kept else 1


def write(rows: list[Row], path: Path) -> None:
    """The table as far as it is known: a run of an hour should not lose it."""
    with writing(path) as file:
        csv.writer(file, lineterminator="\n").writerows([HEADINGS, *rows])


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def measure(n_submissions: int, block_size: int, folder: Path) -> Iterator[Row]:
    """The rows of the table, as they become known."""
    students = make_class(LECTURE, n_submissions, SEED)
    blocks, points = in_blocks(LECTURE, students, block_size, folder, N_CORES, progress)
    yield from costs(blocks)
    yield from agreement(students, *points)
    for n in sorted({min(FEW, n_submissions), n_submissions}):
        say(f"memory of a run over {n} submissions ...")
        peak = peak_mb(n, folder, environment(), N_CORES)
        yield (f"memory of the grader, {n} submissions", "MB", f"{peak:.0f}", "", "")
    say("one submission at a time ...")
    for name, engine in (("cold", this_machine(1)), ("warm", rehearsal(1))):
        with engine as workers:
            seconds = seconds_each(LECTURE, students[:N_ALONE], workers)
        yield (f"one submission, {name} worker", "s", f"{seconds:.3f}", "", "")


def progress(number: int, block: Block) -> None:
    ours, theirs = block.ours.seconds, block.theirs.seconds
    words = f"block {number + 1}: {block.n_students} submissions, course {ours:.0f} s,"
    say(f"{words} nbgrader {theirs:.0f} s, ratio {theirs / ours:.2f}")


def costs(blocks: list[Block]) -> Iterator[Row]:
    """Time of all blocks together; the spread of the ratio over the blocks."""
    n_students = sum(block.n_students for block in blocks)
    yield ("submissions", "", str(n_students), str(n_students), "")
    for name, attribute in (("wall time", "seconds"), ("CPU time of the machine", "cpu")):
        ours = sum(getattr(block.ours, attribute) for block in blocks)
        theirs = sum(getattr(block.theirs, attribute) for block in blocks)
        ratio = f"{theirs / ours:.2f}"
        yield (name, "s", f"{ours:.0f}", f"{theirs:.0f}", ratio)
        each = f"{ours / n_students:.2f}", f"{theirs / n_students:.2f}"
        yield (f"{name}, a submission", "s", *each, ratio)
    low, high = result(blocks).spread or (0.0, 0.0)
    yield (f"wall time, smallest and largest of {len(blocks)} blocks", "", "", "", f"{low:.2f}")
    yield ("", "", "", "", f"{high:.2f}")


def agreement(students: list[Student], *points: dict) -> Iterator[Row]:
    """Marks that are not what the answer is worth, by what was handed in."""
    mine, peers = disagreements(LECTURE, students, *points)
    handed = [kind for student in students for kind in student.kinds.values()]
    for kind in sorted(set(handed)):
        worth = "full points" if kind in EARNS else "no points"
        name = f"wrong marks of {handed.count(kind)} answers of the kind {kind} ({worth})"
        yield (name, "", str(mine[kind]), str(peers[kind]), "")


if __name__ == "__main__":
    sys.exit(main())
