"""`course exercises release`: the students' bundle of an assignment."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib import bootstrap
from course_lib.classroom.exercise import Exercise
from course_lib.classroom.marking.assignment import Assignment, of_lectures
from course_lib.classroom.registry import find
from course_lib.classroom.release import bundle
from course_lib.classroom.release.ai_policy import CHOICES, policy
from course_lib.classroom.release.course_folder import release_in_course
from course_lib.classroom.release.editions import speaking
from course_lib.classroom.release.instructions import Terms, duration
from course_lib.errors import CourseError
from course_lib.i18n import _

NAMES = ", ".join(CHOICES)


def release_exercises(
    lectures: Annotated[
        list[str] | None, typer.Argument(help=_("07, 08_gpt, …"), metavar="LECTURE")
    ] = None,
    out: Annotated[Path | None, typer.Option(help=_("folder for the bundle"))] = None,
    course_dir: Annotated[Path | None, typer.Option(help=_("your nbgrader course folder"))] = None,
    name: Annotated[str, typer.Option(help=_("of the assignment and its folder"))] = "",
    exercises: Annotated[str, typer.Option(help=_("only these: attend,shift"))] = "",
    due: Annotated[str, typer.Option(help=_("when to hand in, in your words"))] = "",
    ai_policy: Annotated[
        str, typer.Option(help=_("on AI tools: {names}, or a text file").format(names=NAMES))
    ] = "assist",
    install: Annotated[str, typer.Option(help=_("how students get course_lib, a sentence"))] = "",
    lang: Annotated[str, typer.Option(help=_("language of notebooks and instructions"))] = "en",
    zipped: Annotated[bool, typer.Option("--zip", help=_("the bundle as one file, too"))] = False,
    force: Annotated[bool, typer.Option("--force", help=_("replace an older one"))] = False,
) -> None:
    """Make the students' bundle: notebooks without solutions, and INSTRUCTIONS.md.

    NAME.assignment.toml beside it is yours: `course exercises grade` reads it.
    """
    if out is None and course_dir is None:
        raise CourseError(_("where to? give --out FOLDER or, for nbgrader, --course-dir FOLDER"))
    assignment = choose(lectures or [], wanted(exercises), name)
    terms = terms_of(ai_policy, install, due, lang)
    bootstrap.ensure("grading", sys.argv[1:])
    material = bundle.gather(assignment, terms, lang)
    for exercise, others in material.missing.items():
        words = _("note: the task of {exercise} speaks of {others}, which is not handed out")
        typer.echo(words.format(exercise=exercise, others=", ".join(others)), err=True)
    if out is not None:
        typer.echo(summary(assignment, bundle.release(material, out, zipped, force)))
    if course_dir is not None:
        typer.echo(summary(assignment, release_in_course(material, course_dir, force)))


def terms_of(ai_policy: str, install: str, due: str, language: str) -> Terms:
    """What students are told besides, in their language."""
    with speaking(language):
        ask = _("Whoever gave you this assignment can tell you how to install it.")
        return Terms(policy(ai_policy), " ".join(install.split()) or ask, due)


def wanted(exercises: str) -> list[str]:
    """ "attend, shift" -> ["attend", "shift"]."""
    return [name.strip() for name in exercises.split(",") if name.strip()]


def choose(lectures: list[str], exercises: list[str], name: str) -> Assignment:
    """The assignment: these exercises, or all of these lectures, in teaching order.

    Raises CourseError for what does not exist, and for an exercise of another lecture.
    """
    if not lectures and not exercises:
        raise CourseError(_("which? name lectures, for example 07, or --exercises attend,shift"))
    asked = [find(exercise) for exercise in exercises]
    every = of_lectures("all", lectures or [record.lecture for record in asked])
    for record in asked:
        if record.name not in every.exercises:
            message = _("{exercise} belongs to lecture {lecture}, which you did not name")
            raise CourseError(message.format(exercise=record.name, lecture=record.lecture))
    records = [e for e in every.records() if e.name in (exercises or every.exercises)]
    return Assignment(name or default_name(records), tuple(record.name for record in records))


def default_name(records: list[Exercise]) -> str:
    """The lecture's own name; if there are several, their numbers."""
    lectures = list(dict.fromkeys(record.lecture for record in records))
    if len(lectures) == 1:
        return lectures[0]
    return "-".join(["exercises", *(lecture.partition("_")[0] for lecture in lectures)])


def summary(assignment: Assignment, folder: Path) -> str:
    records = assignment.records()
    words = _("{folder}: {n} exercises, {points} points, about {time}")
    time = duration(sum(record.minutes for record in records))
    return words.format(folder=folder, n=len(records), points=assignment.max_points, time=time)
