"""`course bakeoff`: three translators beside each other, on real pairs of sentences.

One vector, attention, Transformer: the same pairs, the same CPU time or the same passes.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from course_lib.cli.bakeoff_runs import Run, line, read, summary, write
from course_lib.cli.bakeoff_study import CORPORA, Budget, Study
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.threads import one_thread
from course_lib.training.parallel_recipes import PLANS


def bakeoff(
    names: Annotated[list[str] | None, typer.Argument(help=", ".join(PLANS))] = None,
    corpus: Annotated[str, typer.Option(help=", ".join(CORPORA))] = "small_parallel_enja",
    minutes: Annotated[
        list[float] | None, typer.Option(help=_("of CPU time to learn in [3]"))
    ] = None,
    epochs: Annotated[
        list[float] | None, typer.Option(help=_("passes over the pairs, instead of minutes"))
    ] = None,
    seeds: Annotated[list[int] | None, typer.Option("--seed", help=_("[0 1 2]"))] = None,
    beams: Annotated[int, typer.Option(min=1)] = 5,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=_("a CSV file; what it has is kept"))
    ] = None,
) -> None:
    """Learn to translate English into Japanese in three ways, and compare by BLEU and chrF."""
    for name in names or ():
        check(name, PLANS)
    check(corpus, CORPORA)
    budgets = [Budget("minutes", n) for n in minutes or ([] if epochs else [3.0])]
    budgets += [Budget("epochs", n) for n in epochs or []]
    if any(budget.amount <= 0 for budget in budgets):
        raise CourseError(_("--minutes and --epochs must be more than 0"))
    console, runs = Console(), read(out)
    study = Study(corpus, beams)
    with one_thread():
        for budget in budgets:
            for seed in seeds or (0, 1, 2):
                for name in names or PLANS:
                    run: Run = study.run(name, budget, seed)
                    runs.append(run)
                    console.print(line(run))
                    if out is not None:
                        write(runs, out)
    console.print(summary(runs))


def check(name: str, known: Collection[str]) -> None:
    """Raises CourseError if the name is not known."""
    if name not in known:
        message = _("there is no {name!r}; choose one of: {names}")
        raise CourseError(message.format(name=name, names=", ".join(known)))
