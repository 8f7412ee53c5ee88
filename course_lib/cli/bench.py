"""`course bench`: the course beside its peers on this machine, as ratios."""

import importlib
import os
import pkgutil
import sys
from typing import Annotated

import typer
from rich.console import Console

from course_lib.cli.environment import THREADS
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT

FOLDER = PROJECT / "benchmarks"


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(help=_("which benchmarks; all if none is named"))
    ] = None,
) -> int:
    """Measure the course and its peers in one run on one core; 1 if a promised ratio is missed."""
    sys.path.insert(0, str(PROJECT))
    chosen = names or available()
    for name in chosen:
        if name not in available():
            message = _("there is no benchmark {name!r}; there are: {names}")
            raise CourseError(message.format(name=name, names=", ".join(available())))
    _use_one_core()
    report = importlib.import_module("benchmarks.report")
    console, results = Console(), []
    for name in chosen:
        with console.status(_("measuring {name} ...").format(name=name)):
            results += importlib.import_module(f"benchmarks.{name}").run()
    console.print(report.table(results))
    return 0 if all(result.met for result in results) else 1


def available() -> list[str]:
    """The benchmarks: every module of the folder but `report`, which holds their common table."""
    return sorted(m.name for m in pkgutil.iter_modules([str(FOLDER)]) if m.name != "report")


def _use_one_core() -> None:
    """Before NumPy or PyTorch is imported, which read the variables once."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
