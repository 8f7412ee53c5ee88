"""What is exported of each student: points, and what is said about them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.grade_book_entries import Keep, Override
from course_lib.classroom.marking.mark import Mark, Marking
from course_lib.errors import CourseError
from course_lib.i18n import _


@dataclass(frozen=True)
class Outcome:
    """A student's points, and lines about each exercise: nothing of a hidden case."""

    student: str
    points: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Outcomes:
    """All students' outcomes in an assignment, with the most points there are."""

    name: str
    max_points: float
    of: dict[str, Outcome]

    def out_of(self, most: float | None, scale: bool) -> "Outcomes":
        """With points as a platform wants them, where the most is `most`; None means that it
        does not say.

        Raises CourseError if that is another number than ours, unless `scale`.
        """
        if most is None or most == self.max_points:
            return self
        if not scale or most <= 0:
            message = _(
                "there are {mine:g} points, but {theirs:g} in the roster: change that, or --scale"
            )
            raise CourseError(message.format(mine=self.max_points, theirs=most))
        factor = most / self.max_points
        scaled = {s: replace(o, points=o.points * factor) for s, o in self.of.items()}
        return replace(self, max_points=most, of=scaled)

    def only(self, students: set[str]) -> "Outcomes":
        return replace(self, of={s: o for s, o in self.of.items() if s in students})


def collect(book: GradeBook, keep: Keep) -> Outcomes:
    """Raises CourseError for a rehearsal: what it holds are no marks."""
    refuse_rehearsal(book)
    assignment = book.assignment
    found = {
        m.student: Outcome(m.student, m.points, tuple(lines(book, m)))
        for m in book.iter_current(keep)
    }
    return Outcomes(assignment.name, assignment.max_points, found)


def refuse_rehearsal(book: GradeBook) -> None:
    if book.kind != "marks":
        message = _("{path} is a rehearsal and holds no marks: grade without --warm")
        raise CourseError(message.format(path=book.path))


def lines(book: GradeBook, marking: Marking) -> Iterator[str]:
    """A line for each exercise, for the student to read."""
    if marking.problem:
        yield marking.problem
    overrides = {override.exercise: override for override in book.overrides(marking.student)}
    for mark in marking.marks:
        words = _("{exercise}: {points:g} / {most:g}")
        line = words.format(exercise=mark.exercise, points=mark.points, most=mark.max_points)
        why = reason(mark, overrides.get(mark.exercise))
        yield f"{line}. {why}" if why else line


def reason(mark: Mark, override: Override | None) -> str:
    """Why these points: the instructor's words, or the idea that is missing."""
    if override is not None:
        return override.reason
    words = {
        "raises": _("Your function stopped with an error."),
        "stub": _("Not written yet."),
        "missing": _("There is no function of that name."),
        "time": _("Your function took too long."),
        "memory": _("Your function needed too much memory."),
        "died": _("Python ended while your function ran."),
        "protocol": _("Your function did not return a plain value."),
    }
    return " ".join(part for part in (words.get(mark.status, ""), mark.hint) if part)
