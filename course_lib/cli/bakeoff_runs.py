"""The scores of `course bakeoff`: one by one, as a file and as a table."""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from course_lib.cli import score_table
from course_lib.i18n import _


class Run(NamedTuple):
    """One translator, trained and measured on the test part. Seconds: CPU time."""

    corpus: str
    model: str
    unit: str  # of the budget: minutes or epochs
    budget: float
    seed: int
    steps: int
    epochs: float  # passes over the pairs
    seconds: float  # to learn
    greedy: float  # BLEU
    beam: float  # BLEU
    chrf: float  # of the beam's translations
    beam_seconds: float  # to translate the test part by beam search


N_KEYS = 5  # the first fields, which tell runs apart
DIGITS = {"epochs": 2, "seconds": 1, "greedy": 2, "beam": 2, "chrf": 2, "beam_seconds": 1}


def line(run: Run) -> str:
    return (
        f"{run.model:12} {run.budget:4g} {run.unit:8} {run.seed}  greedy {run.greedy:5.2f}  "
        f"beam {run.beam:5.2f}  chrF {run.chrf:5.2f}  {run.epochs:.2f} epochs  {run.seconds:.0f} s"
    )


def read(path: Path | None) -> list[Run]:
    """The runs of a file, none if there is no such file. Raises CourseError if it is another."""
    return score_table.read(path, Run, "course bakeoff")


def write(runs: Sequence[Run], path: Path) -> None:
    """All runs in order; of the same run twice, the later."""
    score_table.write(runs, path, N_KEYS, DIGITS)


def summary(runs: Sequence[Run]) -> Table:
    """One line for each model and budget: mean and standard deviation over the seeds."""
    found = defaultdict(list)
    for run in {run[:N_KEYS]: run for run in runs}.values():
        found[run.corpus, run.unit, run.budget, run.model].append(run)
    names = (_("corpus"), _("budget"), _("model"), _("epochs"), _("greedy"), _("beam"), "chrF")
    table = Table(*names)
    for column in table.columns[3:]:
        column.justify = "right"
    for (corpus, unit, budget, model), group in sorted(found.items()):
        epochs = f"{statistics.mean(run.epochs for run in group):.1f}"
        scores = [spread([getattr(run, name) for run in group]) for name in ("greedy", "beam")]
        told = spread([run.chrf for run in group])
        table.add_row(corpus, f"{budget:g} {unit}", model, epochs, *scores, told)
    return table


def spread(scores: Sequence[float]) -> str:
    deviation = statistics.stdev(scores) if len(scores) > 1 else math.nan
    return f"{statistics.mean(scores):.1f} ± {deviation:.1f}"
