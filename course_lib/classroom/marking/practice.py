"""What `check` says about the functions of a notebook, without running it with one's own rights."""

import functools
import re
from dataclasses import dataclass

from course_lib.classroom.checker import Verdict, report
from course_lib.classroom.exercise import Exercise
from course_lib.classroom.marking.marker import mark_submission
from course_lib.classroom.marking.paper import PRACTICE_SEED, Paper, questions
from course_lib.classroom.marking.session import Opener
from course_lib.classroom.marking.submissions import Handed, code_cells
from course_lib.classroom.registry import all_exercises
from course_lib.classroom.reports.words import what_happened
from course_lib.errors import CourseError
from course_lib.i18n import _

DEFINED = re.compile(r"^\s*def (\w+)\(", re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """What there is to say about one exercise."""

    exercise: Exercise
    passed: bool
    text: str


def practise(content: bytes, open_box: Opener) -> list[Said]:
    """What `check` says about each exercise that a notebook defines, in teaching order.

    Only the practice cases are asked, which anybody may see: nothing here is a mark. Raises
    CourseError if it is no notebook, or defines no exercise.
    """
    defined = {name for cell in code_cells(content) for name in DEFINED.findall(cell)}
    papers = [practice_paper(e) for e in all_exercises() if e.name in defined]
    if not papers:
        raise CourseError(_("the notebook defines no function that is an exercise"))
    marking = mark_submission(Handed("", "", (content,)), papers, open_box)
    found = []
    for paper, mark in zip(papers, marking.marks, strict=True):
        exercise, n_cases = paper.exercise, len(paper.practice)
        if mark.status == "right" and not mark.practice:
            found.append(Said(exercise, True, report(exercise, Verdict(n_cases, n_cases))))
        else:
            found.append(Said(exercise, False, mark.practice or what_happened(mark, exercise)))
    return found


@functools.cache
def practice_paper(exercise: Exercise) -> Paper:
    """The exercise with its practice cases, and no hidden ones."""
    return Paper(exercise, questions(exercise, PRACTICE_SEED), ())
