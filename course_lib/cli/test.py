"""`course test`: the checks of the source, then all tests and every notebook in one pytest run."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from course_lib.cli.environment import kernel_environment, open_loopback
from course_lib.i18n import _
from course_lib.storage import PROJECT

MOST_JOBS = 4  # each worker holds PyTorch and perhaps a kernel with it: about 1 GB
CELL_SECONDS = 600

CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
}


def run_tests(
    quick: Annotated[bool, typer.Option("--quick", help=_("leave the notebooks out"))] = False,
    jobs: Annotated[
        int, typer.Option(min=1, help=_("processes at once, each with one thread"))
    ] = min(MOST_JOBS, os.cpu_count() or 1),
) -> int:
    """Check the source, then run all tests and every notebook, with the network switched off."""
    open_loopback()
    environment = kernel_environment(n_threads=1, network=False)
    failed = [name for name, command in CHECKS.items() if _run(name, command, environment)]
    status = _run("pytest", pytest_arguments(quick, jobs), environment)
    if failed:
        print(_("These checks failed: {names}").format(names=", ".join(failed)), file=sys.stderr)
    return 1 if failed or status else 0


def pytest_arguments(quick: bool, jobs: int) -> list[str]:
    """One pytest run for everything, so that its last line counts all that passed or was skipped.

    `--dist loadfile` keeps the cells of a notebook, which need each other, in one process.
    """
    notebooks = [
        "notebooks",
        "--nbval-lax",
        "--nbval-current-env",
        f"--nbval-cell-timeout={CELL_SECONDS}",
    ]
    arguments = ["-m", "pytest", "-rs", "-n", str(jobs), "--dist", "loadfile", "tests"]
    return arguments if quick else arguments + notebooks


def _run(name: str, arguments: list[str], environment: dict[str, str]) -> int:
    print(f"== {name}", flush=True)
    return subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, env=environment, check=False
    ).returncode
