"""`course transfer`: what pre-training is worth, task by task and label by label.

Beside each other, on the same labelled rows: the commonest answer, a linear model of words, an
encoder trained from scratch, and the shipped encoder with its weights frozen and fine-tuned.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console

from course_lib.cli.transfer_kinds import Reader, Row
from course_lib.cli.transfer_runs import Run, curves, line, read, summary, write
from course_lib.cli.transfer_tasks import TASKS, TransferTask
from course_lib.display.style import save, use_style
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models import checkpoints
from course_lib.models.encoder import Encoder
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.threads import one_thread
from course_lib.text.encoding import piece_encoding
from course_lib.training.fine_tuning import fine_tune, freeze

METHODS = ("scratch", "frozen", "fine-tuned")
N_TEST = 1000  # rows of test, drawn once
MAX_LENGTH = 128  # tokens of a text
DRAW = 12345  # the seed by which those rows are drawn


def transfer(
    names: Annotated[list[str] | None, typer.Argument(help=", ".join(TASKS))] = None,
    labels: Annotated[
        list[int] | None, typer.Option(help=_("how many labelled rows; 0 means all [100, 1000]"))
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help=_("how often, each with other rows"))] = 3,
    steps: Annotated[
        int | None, typer.Option(min=1, help=_("of training; by the number of rows if not given"))
    ] = None,
    folder: Annotated[
        Path, typer.Option("--from", help=_("the folder of the pre-trained encoders"))
    ] = checkpoints.FOLDER,
    minutes: Annotated[
        float, typer.Option(help=_("how long they were pre-trained: a note for the table"))
    ] = 0.0,
    only: Annotated[
        list[str] | None, typer.Option("--method", help=_("leave the other methods out"))
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=_("a CSV file; what it has is kept"))
    ] = None,
    draw: Annotated[
        Path | None, typer.Option(help=_("only draw what --out holds: a file .svg or .png"))
    ] = None,
) -> None:
    """Learn tasks from a few labels, with and without pre-training, and compare."""
    chosen = names or list(TASKS)
    for name in chosen:
        if name not in TASKS:
            message = _("there is no task {name!r}; choose one of: {names}")
            raise CourseError(message.format(name=name, names=", ".join(TASKS)))
    console, runs = Console(), read(out)
    if draw is not None:
        use_style()
        save(curves([run for run in runs if not names or run.task in names]), draw)
        return
    with one_thread():
        for name in chosen:
            study = Study(name, TASKS[name], folder, minutes, steps)
            for run in study.runs(labels or [100, 1000], range(seeds), only or METHODS):
                runs.append(run)
                console.print(line(run))
                if out is not None:
                    write(runs, out)
    console.print(summary(runs))


class Study:
    """One task, read once; every method learns from the same rows and is tested on the same."""

    def __init__(
        self, name: str, task: TransferTask, folder: Path, minutes: float, steps: int | None
    ) -> None:
        self.name, self.task, self.folder = name, task, folder
        self.minutes, self.steps = minutes, steps
        tokenizer = checkpoints.load_tokenizer(task.encoder, folder)
        self.reader = Reader(tokenizer, piece_encoding(tokenizer, MAX_LENGTH, task.space))
        self.train, test = task.load()
        self.test = drawn(test, N_TEST, DRAW)

    def runs(
        self, n_labels: Sequence[int], seeds: Sequence[int], methods: Sequence[str]
    ) -> Iterator[Run]:
        """Baselines first, then each method, for each number of labels and each seed."""
        for n in n_labels:
            for seed in seeds:
                rows = drawn(self.train, n or len(self.train), seed)
                for method in methods:
                    started = time.process_time()
                    score = self.learn(method, rows, seed)
                    seconds = time.process_time() - started
                    yield self.run(method, len(rows), seed, score, seconds)
                if "scratch" in methods:
                    yield from self.baselines(rows, seed)

    def baselines(self, rows: Sequence[Row], seed: int) -> Iterator[Run]:
        started = time.process_time()
        found = self.task.kind.baselines(rows, self.test, self.task.split)
        for method, score in found.items():
            yield self.run(method, len(rows), seed, score, time.process_time() - started)

    def run(self, method: str, n_labels: int, seed: int, score: float, seconds: float) -> Run:
        minutes = self.minutes if method in ("frozen", "fine-tuned") else 0.0
        measure = self.task.kind.measure
        return Run(self.name, method, n_labels, seed, minutes, measure, score, seconds)

    def learn(self, method: str, rows: Sequence[Row], seed: int) -> float:
        """Train a model on the rows and return its score on the test rows."""
        rng = torch.Generator().manual_seed(seed)
        kind = self.task.kind
        torch.manual_seed(seed)  # of dropout
        encoder = self.encoder(method, rng)
        model = kind.head(encoder, rows, rng)
        examples = kind.examples(rows, rows, self.reader)
        steps = self.steps or n_steps(len(rows))
        # A frozen encoder leaves only the head to learn, which may go faster.
        rate = 3e-3 if method == "frozen" else 1e-3
        fine_tune(model, examples, kind.loss, rng, steps, rate)
        return kind.score(model, self.test, rows, self.reader)

    def encoder(self, method: str, rng: torch.Generator) -> Encoder:
        """The shipped one, or one of the same size that has read nothing."""
        shipped: ModernBERT = checkpoints.load(self.task.encoder, self.folder).model.encoder
        if method == "scratch":
            return ModernBERT(shipped.cfg, rotary_base=shipped.rotary_base, rng=rng)
        if method == "frozen":
            freeze(shipped, "all")
        return shipped


def n_steps(n_rows: int) -> int:
    """Few rows are read some thirty times, many a few times."""
    return min(1500, max(100, 3 * n_rows // 10))


def drawn(rows: Sequence[Row], n: int, seed: int) -> list[Row]:
    """`n` of the rows, or all if there are fewer, in an order that the seed decides."""
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
    return [rows[i] for i in order[:n].tolist()]
