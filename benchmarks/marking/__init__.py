"""`course exercises grade` beside `nbgrader autograde`: the same notebooks, in turns, in one run.

A made-up class hands in the five exercises of 07_transformer, which need PyTorch. In blocks, each
grader marks the same students; who begins changes from block to block. Both get the same two
cores: ours marks two submissions at a time, nbgrader works as it does, in one process, one
notebook after the other. Starting each command is part of its time.

`course bench marking` is a small run. The table in docs/marking.csv was made by

    python -m benchmarks.marking --submissions 500 --out docs/marking.csv
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.marking.blocks import Block, in_blocks
from benchmarks.marking.measure import cores
from benchmarks.marking.students import make_class
from benchmarks.report import Result
from course_lib.i18n import _

LECTURE = "07_transformer"
N_CORES = 2
N_SUBMISSIONS, BLOCK_SIZE = 40, 20
TARGET = 3  # at most a third of the time
SEED = 1


def run(n_submissions: int = N_SUBMISSIONS, block_size: int = BLOCK_SIZE) -> list[Result]:
    """Submissions marked per hour."""
    with TemporaryDirectory() as folder, cores(N_CORES):
        students = make_class(LECTURE, n_submissions, SEED)
        blocks, _points = in_blocks(LECTURE, students, block_size, Path(folder), N_CORES)
    return [result(blocks)]


def result(blocks: list[Block]) -> Result:
    """All blocks together; the spread is that of the blocks' ratios."""
    n_students = sum(block.n_students for block in blocks)
    ours = sum(block.ours.seconds for block in blocks)
    theirs = sum(block.theirs.seconds for block in blocks)
    ratios = [block.theirs.seconds / block.ours.seconds for block in blocks]
    name = _("marking {n} submissions beside nbgrader").format(n=n_students)
    rates = (3600 * n_students / ours, 3600 * n_students / theirs)
    return Result(name, *rates, _("an hour"), TARGET, spread=(min(ratios), max(ratios)))
