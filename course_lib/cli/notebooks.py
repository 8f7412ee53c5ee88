"""`course run` and `course calibrate`: execute the lectures, measure what they must reach."""

import functools
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from course_lib.cli.calibration import DEFAULT_COSTS, calibrated
from course_lib.cli.environment import open_loopback
from course_lib.cli.execution import Run, Setting, execute, write_notebook
from course_lib.cli.report import passed, print_table, run_table
from course_lib.errors import CourseError
from course_lib.evaluation.expected import read_expected, write_expected
from course_lib.i18n import _
from course_lib.storage import PROJECT

Profile = StrEnum("Profile", ["quick", "real"])

Lectures = Annotated[
    list[str] | None, typer.Argument(metavar="[NN]...", help=_("01 or 01_ngrams; all if none"))
]
ProfileOption = Annotated[
    Profile, typer.Option(envvar="COURSE_PROFILE", help=_("quick: offline; real: on real texts"))
]
Folder = Annotated[Path, typer.Option("--notebooks", help=_("the folder with the lectures"))]
Threads = Annotated[int, typer.Option(min=0, help=_("of each kernel; 0: one per core"))]


def run(
    lectures: Lectures = None,
    profile: ProfileOption = Profile.quick,
    write: Annotated[
        bool, typer.Option("--write", help=_("also put the outputs into the lectures themselves"))
    ] = False,
    out: Annotated[Path, typer.Option(help=_("where the executed notebooks go"))] = PROJECT
    / "build"
    / "notebooks",
    strict: Annotated[
        bool, typer.Option("--strict", help=_("a lecture slower than it declares has failed too"))
    ] = False,
    seed: Annotated[int, typer.Option(min=0, envvar="COURSE_SEED")] = 0,
    notebooks: Folder = PROJECT / "notebooks",
    threads: Threads = 0,
) -> int:
    """Execute the lectures and check what they reach; exit status 1 if one fails."""
    if write and profile is Profile.real:
        raise CourseError(_("--write is for the quick profile: it is what readers see first"))
    paths = find_lectures(lectures or [], notebooks)
    expected = notebooks / "expected.toml"
    known = read_expected(expected)
    sections = {name: known[name][profile] for name in known if profile in known[name]}
    setting = Setting(
        profile=profile, expected=expected.resolve(), n_threads=threads or cores(), seed=seed
    )
    runs = []
    for done in execute_all(paths, [setting]):
        name = f"{done.lecture}.ipynb"
        write_notebook(done.notebook, out / name)
        if write and done.met:
            write_notebook(done.notebook, notebooks / name)
        runs.append(done)
    print_table(run_table(runs, sections))
    print(_("executed notebooks: {folder}").format(folder=out))
    return 0 if all(passed(done, sections.get(done.lecture), strict) for done in runs) else 1


def calibrate(
    lectures: Lectures = None,
    seeds: Annotated[int, typer.Option(min=2, help=_("runs of each lecture"))] = 5,
    profile: ProfileOption = Profile.quick,
    seconds: Annotated[
        float | None, typer.Option(min=1, help=_("declare how long a lecture may take"))
    ] = None,
    memory: Annotated[
        float | None, typer.Option(min=1, help=_("declare how many MiB a lecture may hold"))
    ] = None,
    notebooks: Folder = PROJECT / "notebooks",
    threads: Threads = 0,
) -> int:
    """Run lectures with several seeds and write what they reach to expected.toml."""
    path = notebooks / "expected.toml"
    first = Setting(
        profile=profile, expected=path.resolve(), n_threads=threads or cores(), calibrating=True
    )
    settings = [replace(first, seed=seed) for seed in range(seeds)]
    runs: dict[str, list[Run]] = {}
    for done in execute_all(find_lectures(lectures or [], notebooks), settings):
        runs.setdefault(done.lecture, []).append(done)
    known, failed = read_expected(path), 0
    for lecture, its_runs in runs.items():
        old = known.get(lecture, {}).get(profile)
        costs = (old.declared_seconds, old.declared_mib) if old else DEFAULT_COSTS[profile]
        try:
            section = calibrated(its_runs, seconds or costs[0], memory or costs[1])
        except CourseError as error:
            say(f"{lecture}: {error}")
            failed += 1
        else:
            known.setdefault(lecture, {})[profile] = section
    if failed < len(runs):
        write_expected(known, path)
    return 1 if failed else 0


def find_lectures(names: Sequence[str], folder: Path) -> list[Path]:
    """The notebooks of the lectures named, as "01" or "01_ngrams"; all of them if none is named.

    Raises CourseError, with the lectures there are, for a name that is none of them.
    """
    there = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not there:
        raise CourseError(_("no lecture (NN_name.ipynb) in {folder}").format(folder=folder))
    known = {path.stem: path for path in there} | {path.stem[:2]: path for path in there}
    for name in names:
        if name not in known:
            message = _("there is no lecture {name}; there are: {all}")
            raise CourseError(message.format(name=name, all=", ".join(p.stem for p in there)))
    wanted = {known[name] for name in names}
    return [path for path in there if path in wanted] if names else there


def cores() -> int:
    """OMP_NUM_THREADS if the user has set it, else the cores this process may use."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted)
    allowed = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def execute_all(paths: Sequence[Path], settings: Sequence[Setting]) -> Iterator[Run]:
    """Execute every lecture in every setting, one at a time, showing how far it is."""
    open_loopback()
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for path, setting in itertools.product(paths, settings):
            name = f"{path.stem}, seed {setting.seed}" if setting.calibrating else path.stem
            bar = progress.add_task(name, total=None)
            done = execute(path, setting, functools.partial(_advance, progress, bar))
            progress.remove_task(bar)
            line = _("{name}: {seconds:.1f} s, {mib:,.0f} MiB")
            text = line.format(name=name, seconds=done.seconds, mib=done.mib)
            say(text + (f": {done.error}" if done.error else ""), console)
            yield done


def _advance(progress: Progress, bar: TaskID, n_done: int, n_cells: int) -> None:
    progress.update(bar, completed=n_done, total=n_cells)


def say(line: str, console: Console | None = None) -> None:
    """One line on stderr, as it is: not wrapped, not coloured."""
    console = console or Console(stderr=True)
    console.print(line, markup=False, highlight=False, soft_wrap=True)
