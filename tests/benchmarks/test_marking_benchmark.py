"""The made-up class of `course bench marking`, what is counted, and a class of two by both."""

import contextlib
import io
import math
import os
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from benchmarks.marking import LECTURE, answers, result
from benchmarks.marking.alone import WITHOUT_TORCH, peak_mb, seconds_each
from benchmarks.marking.blocks import Block, disagreements, in_blocks
from benchmarks.marking.measure import CommandError, Cost, cores, cost
from benchmarks.marking.nbgrader_course import environment
from benchmarks.marking.students import EARNS, SHARES, exercises, grade_id, make_class
from course_lib.classroom.checker import examine
from course_lib.classroom.exercise import Exercise
from course_lib.classroom.marking.engines import this_machine

BOTH = [*exercises(LECTURE), *exercises(WITHOUT_TORCH)]


def passes(exercise: Exercise, source: str) -> bool:
    """Does an answer pass the practice cases, in a namespace of its own?"""
    names: dict = {}
    exec(source, names)
    with contextlib.redirect_stderr(io.StringIO()):
        return examine(exercise, names[exercise.name], "a seed").failure is None


@pytest.mark.parametrize("exercise", BOTH, ids=lambda e: e.name)
def test_every_answer_of_a_record_becomes_source_and_stays_right_or_wrong(exercise: Exercise):
    right, wrong = answers.right_answers(exercise), answers.wrong_answers(exercise)
    assert len(right) == len(exercise.right_variants)
    assert len(wrong) == len(exercise.wrong_answers)
    assert "course_lib" not in "".join([*right, *wrong])
    assert all(passes(exercise, source) for source in right)
    assert not any(passes(exercise, source) for source in wrong)
    assert not passes(exercise, answers.crash(exercise))


def cells_of(notebook: str) -> list[str]:
    cells = nbformat.reads(notebook, 4).cells
    return [c.source for c in cells if c.cell_type == "code" and not grade_id(c).endswith("_check")]


def test_a_class_is_what_it_says_it_is():
    students = make_class(LECTURE, 12, seed=3)
    for student in students:
        names: dict = {}
        with contextlib.redirect_stderr(io.StringIO()) as noise:
            for cell in cells_of(student.notebook):
                exec(cell, names)
            for exercise in exercises(LECTURE):
                right = examine(exercise, names[exercise.name], "b").failure is None
                assert right == (student.kinds[exercise.name] in EARNS)
                assert student.earned(exercise) == (exercise.points if right else 0)
        assert bool(noise.getvalue()) == ("noisy" in student.kinds.values())
        assert "HIDDEN" not in student.notebook
        assert "SOLUTION" not in student.notebook


def test_the_same_seed_makes_the_same_class_in_the_shares_that_are_named():
    students = make_class(LECTURE, 200, seed=3)
    assert students[:5] == make_class(LECTURE, 5, seed=3)
    assert students[:5] != make_class(LECTURE, 5, seed=4)
    kinds = Counter(kind for student in students for kind in student.kinds.values())
    n = sum(kinds.values())
    for kind, share in SHARES.items():
        p = share / sum(SHARES.values())
        assert abs(kinds[kind] / n - p) < 4 * math.sqrt(p * (1 - p) / n)


def test_marks_that_are_not_what_an_answer_is_worth_are_counted():
    students = make_class(LECTURE, 3, seed=3)
    points = {(s.name, e.name): s.earned(e) for s in students for e in exercises(LECTURE)}
    kinds = [(key, s.kinds[key[1]]) for s in students for key in points if key[0] == s.name]
    (lost, its_kind), (none, other_kind) = kinds[0], kinds[7]
    theirs = {key: value for key, value in points.items() if key != lost} | {none: None}
    mine, peers = disagreements(LECTURE, students, points, theirs)
    assert mine.total() == 0
    assert peers == Counter([its_kind, other_kind]) + Counter()
    assert peers.total() == 2


def test_the_ratio_is_of_all_blocks_and_its_spread_of_each():
    blocks = [Block(3, Cost(10, 1, 1), Cost(40, 1, 1)), Block(1, Cost(10, 1, 1), Cost(20, 1, 1))]
    found = result(blocks)
    assert (found.ours, found.peer) == (3600 * 4 / 20, 3600 * 4 / 60)
    assert (found.ratio, found.spread, found.target) == (3, (2, 4), 3)
    assert found.met


def test_what_a_command_costs(tmp_path: Path):
    code = "x = b'1' * 150_000_000; import time; end = time.process_time() + 0.6\n"
    code += "while time.process_time() < end: pass"
    found = cost([sys.executable, "-c", code], tmp_path, dict(os.environ))
    assert found.peak_mb > 150_000_000 / 2**20
    assert found.seconds > 0.6
    assert found.cpu >= 0.5  # of the machine, in ticks of a hundredth
    with pytest.raises(CommandError, match="no such answer"):
        cost([sys.executable, "-c", "raise SystemExit('no such answer')"], tmp_path, {})


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_cores_are_given_back():
    before = os.sched_getaffinity(0)
    with cores(1):
        assert len(os.sched_getaffinity(0)) == 1
        with cores(2):
            assert len(os.sched_getaffinity(0)) == min(2, os.cpu_count() or 1)
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


@pytest.mark.usefixtures("sandbox")
def test_both_mark_a_class_of_three(tmp_path: Path):
    students = make_class(WITHOUT_TORCH, 3, seed=5)
    seen = []
    blocks, points = in_blocks(
        WITHOUT_TORCH, students, 3, tmp_path, 2, lambda number, block: seen.append(number)
    )
    assert [block.n_students for block in blocks] == [3]
    assert seen == [0]
    mine, peers = disagreements(WITHOUT_TORCH, students, *points)
    assert mine.total() == 0
    assert set(+peers) <= {"noisy"}  # nbgrader gives nothing for a right answer that warns
    with this_machine(1) as engine:
        assert seconds_each(WITHOUT_TORCH, students, engine) > 0
    assert peak_mb(2, tmp_path, environment(), 2) > 50
