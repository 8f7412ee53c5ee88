"""`course lab` hands over to JupyterLab, in the lectures' folder and with the kernels' settings."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from course_lib import cli
from course_lib.cli import app
from course_lib.storage import PROJECT


def test_options_reach_jupyterlab_untouched(monkeypatch: pytest.MonkeyPatch):
    calls = []

    def fake(command: list[str], **settings: object) -> SimpleNamespace:
        calls.append((command, settings))
        return SimpleNamespace(returncode=3)

    monkeypatch.setattr(subprocess, "run", fake)
    options = ["--no-browser", "--port", "9999", "01_ngrams.ipynb"]
    assert app.call(cli.find("lab"), options) == 3
    command, settings = calls[0]
    assert command == [sys.executable, "-m", "jupyterlab", *options]
    assert settings["cwd"] == PROJECT / "notebooks"
    assert int(settings["env"]["OMP_NUM_THREADS"]) >= 1
    assert "MALLOC_TRIM_THRESHOLD_" in settings["env"]


def test_jupyterlab_is_there():
    done = subprocess.run(
        [sys.executable, "-m", "course_lib", "lab", "--version"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip()[0].isdigit()
