"""The scores of `course transfer`: one by one, as a file, as a table and as curves."""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure
from rich.table import Table

from course_lib.cli import score_table
from course_lib.display.style import figure_of, panels
from course_lib.display.transfer import score_by_minutes
from course_lib.errors import CourseError
from course_lib.i18n import _

N_KEYS = 5  # the first fields, which tell runs apart
TRAINED = ("scratch", "fine-tuned")  # the same model, after 0 and after some minutes


class Run(NamedTuple):
    """One score. `minutes` of pre-training: 0 without; seconds of CPU time to learn the task."""

    task: str
    method: str
    n_labels: int
    seed: int
    minutes: float
    measure: str
    score: float
    seconds: float


def line(run: Run) -> str:
    return (
        f"{run.task:22} {run.method:10} {run.n_labels:6} {run.seed}  "
        f"{run.measure:9} {run.score:.3f}  {run.seconds:.0f} s"
    )


def read(path: Path | None) -> list[Run]:
    """The runs of a file, none if there is no such file. Raises CourseError if it is another."""
    return score_table.read(path, Run, "course transfer")


def write(runs: Sequence[Run], path: Path) -> None:
    """All runs in order; of the same run twice, the later."""
    score_table.write(runs, path, N_KEYS, {"score": 4, "seconds": 1})


def grouped(runs: Sequence[Run]) -> dict[tuple[str, str, int, float], list[float]]:
    """(task, method, labels, minutes) -> the scores of its seeds."""
    found = defaultdict(list)
    for run in {run[:N_KEYS]: run for run in runs}.values():
        found[run.task, run.method, run.n_labels, run.minutes].append(run.score)
    return dict(sorted(found.items()))


def summary(runs: Sequence[Run]) -> Table:
    """One line per method: mean and standard deviation over the seeds."""
    table = Table(_("task"), _("method"), _("labels"), _("minutes"), _("score"))
    for column in table.columns[2:]:
        column.justify = "right"
    for (task, method, n_labels, minutes), scores in grouped(runs).items():
        spread = statistics.stdev(scores) if len(scores) > 1 else math.nan
        score = f"{statistics.mean(scores):.3f} ± {spread:.3f}"
        table.add_row(task, method, str(n_labels), f"{minutes:g}", score)
    return table


def curves(runs: Sequence[Run]) -> Figure:
    """For each task the score against the minutes of pre-training, and the linear model's.

    Raises CourseError if there are no runs.
    """
    tasks = sorted({run.task for run in runs})
    if not tasks:
        raise CourseError(
            _("there are no runs to draw: name a table of `course transfer` as --out")
        )
    scores = grouped(runs)
    axes = panels(len(tasks), width=4.2 * len(tasks), height=3.2)
    for task, ax in zip(tasks, axes, strict=True):
        of_labels: dict[str, dict[float, list[float]]] = defaultdict(dict)
        linear = {}
        for (its_task, method, n_labels, minutes), found in scores.items():
            if its_task == task and method in TRAINED:
                of_labels[_("{n} labels").format(n=n_labels)][minutes] = found
            if its_task == task and method == "words":
                linear[_("linear, {n}").format(n=n_labels)] = statistics.mean(found)
        measure = next(run.measure for run in runs if run.task == task)
        score_by_minutes(of_labels, measure, task, linear, ax)
    for ax in axes[:-1]:
        if (legend := ax.get_legend()) is not None:
            legend.remove()  # all have the same
    return figure_of(axes[0])
