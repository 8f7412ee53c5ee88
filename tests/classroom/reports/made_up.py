"""Grade books made by hand, for tests of the pages that are made from them."""

from pathlib import Path

from course_lib.classroom.checker import examine, report
from course_lib.classroom.exercise import Exercise
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.mark import STATUSES, Mark, Marking

N_CASES = 12
ASSIGNMENT = Assignment("week7", ("attend", "look_mask", "n_weights"))  # of 4, 4 and 2 points


def mark(exercise: Exercise, status: str, **more: object) -> Mark:
    """A mark as the marker makes it; `more` in place of its fields."""
    right = status == "right"
    wrong = exercise.wrong_answers[0]
    values = {
        "n_passed": N_CASES if right else 0 if status in ("stub", "missing") else 5,
        "n_cases": N_CASES,
        "points": exercise.points if right else 0,
        "max_points": exercise.points,
        "hint": wrong.hint if status in ("wrong", "raises") else "",
        "practice": report(exercise, examine(exercise, wrong.answer)) if status == "wrong" else "",
        "seconds": 0.25,
    }
    return Mark(exercise=exercise.name, status=status, **{**values, **more})


def marking(student: str, *statuses: str, **more: object) -> Marking:
    """A marking of ASSIGNMENT; all right if no statuses are given."""
    records = ASSIGNMENT.records()
    pairs = zip(records, statuses or ["right"] * len(records), strict=True)
    values = {
        "path": f"{student}/week7.ipynb",
        "sha256": f"{abs(hash(student)):064x}",
        "marks": tuple(mark(record, status) for record, status in pairs),
        "seconds": 1.5,
        "peak_mb": 250.0,
    }
    return Marking(student=student, **{**values, **more})


def book_of(path: Path, *markings: Marking, kind: str = "marks") -> GradeBook:
    """A new grade book that holds these."""
    book = GradeBook(path, create=True)
    book.begin(ASSIGNMENT, "secret", kind)
    for each in markings:
        book.add(each, "records")
    return book


__all__ = ["ASSIGNMENT", "N_CASES", "STATUSES", "book_of", "mark", "marking"]
