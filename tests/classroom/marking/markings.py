"""Markings made by hand, for tests of the grade book and of what is made from it."""

import hashlib

from course_lib.classroom.marking.assignment import Assignment, of_lectures
from course_lib.classroom.marking.mark import Mark, Marking, Status

ASSIGNMENT = of_lectures("week1", ["01"])
SMALL = Assignment("small", ("chain_rule_log_prob", "add_k_probs"))  # of 2 and of 4 points


def mark(exercise: str, status: Status, most: float, **more: object) -> Mark:
    right = status == "right"
    values = {"n_passed": 3 if right else 1, "n_cases": 3, "points": most if right else 0.0}
    return Mark(exercise=exercise, status=status, max_points=most, **{**values, **more})


def marking(student: str, *statuses: Status, content: str = "", **more: object) -> Marking:
    """A marking of SMALL. `content` stands for what is in the file."""
    points = (record.points for record in SMALL.records())
    named = zip(SMALL.exercises, statuses, points, strict=True) if statuses else ()
    values = {
        "path": f"{student}/week1.ipynb",
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
        "marks": tuple(mark(exercise, status, most) for exercise, status, most in named),
    }
    return Marking(student=student, **{**values, **more})
