"""`course exercises`: everything about exercises, from the list of them to the grade book."""

import typer

from course_lib.cli import exercises, grade_books, grading, practice, release, reports
from course_lib.i18n import _

exercises_app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help=_("list, release, check and mark the exercises"),
)

exercises_app.command("list")(exercises.list_exercises)
exercises_app.command("release")(release.release_exercises)
exercises_app.command("check")(exercises.check_notebook)
exercises_app.command("serve")(practice.serve)
exercises_app.command("seed")(grading.make_seed)
exercises_app.command("grade")(grading.grade_submissions)
exercises_app.command("feedback")(reports.feedback)
exercises_app.command("report")(reports.report)
exercises_app.command("similar")(reports.similar)
exercises_app.command("override")(grade_books.override_points)
exercises_app.command("export")(grade_books.export_marks)
exercises_app.command("nbgrader-export")(grade_books.nbgrader_export)
exercises_app.command("nbgrader-import")(grade_books.nbgrader_import)
