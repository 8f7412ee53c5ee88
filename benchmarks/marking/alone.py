"""What one submission costs, one at a time: in a cold worker, and in a warm one."""

import statistics
import time
from pathlib import Path

from benchmarks.marking.measure import cost
from benchmarks.marking.our_course import command, prepare
from benchmarks.marking.students import Student, hand_in, make_class
from course_lib.classroom.marking.assignment import of_lectures
from course_lib.classroom.marking.engines import Engine
from course_lib.classroom.marking.grading import Order
from course_lib.classroom.marking.submissions import Handed

WITHOUT_TORCH = "01_ngrams"


def seconds_each(lecture: str, students: list[Student], engine: Engine) -> float:
    """The median wall time of a submission; the first, which warms up, does not count."""
    order = Order(of_lectures("alone", [lecture]), b"0123456789abcdef")
    seconds = []
    for student in students:
        handed = Handed(student.name, "x.ipynb", (student.notebook.encode(),))
        started = time.perf_counter()
        engine.mark(handed, order)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[1:])


def peak_mb(n_submissions: int, folder: Path, environment: dict[str, str], n_jobs: int) -> float:
    """The largest memory of the grader in one run over so many submissions.

    They are those of a lecture whose sandboxes start without PyTorch: the grader's work is of the
    same kind, and the run is short.
    """
    place = folder / f"memory-{n_submissions}"
    place.mkdir()
    prepare(place)
    students = make_class(WITHOUT_TORCH, n_submissions, seed=2)
    hand_in(WITHOUT_TORCH, students, place / "submissions")
    grade = command(place / "submissions", WITHOUT_TORCH, n_jobs)
    return cost(grade, place, environment).peak_mb
