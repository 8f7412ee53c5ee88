"""`course lab`: JupyterLab on the lectures."""

import subprocess
import sys

import typer

from course_lib.cli.environment import kernel_environment, open_loopback
from course_lib.i18n import _
from course_lib.storage import PROJECT

app = typer.Typer(add_completion=False)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    help=_("Open JupyterLab on the lectures; options go to JupyterLab, such as --no-browser."),
)
def lab(context: typer.Context) -> int:
    """Run JupyterLab until it is closed; its exit status."""
    import psutil

    open_loopback()
    cores = psutil.cpu_count(logical=False) or 1
    command = [sys.executable, "-m", "jupyterlab", *context.args]
    return subprocess.run(
        command, cwd=PROJECT / "notebooks", env=kernel_environment(cores), check=False
    ).returncode
