"""Setting up, end to end, on a small copy of the project whose libraries are made-up wheels."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
STDLIB_ONLY = ("__init__", "__main__", "bootstrap", "venv", "pins", "storage", "errors", "i18n")

BACKEND = """
from pathlib import Path
from zipfile import ZipFile

METADATA = "Metadata-Version: 2.1\\nName: course-lib\\nVersion: 0.1.0\\n"

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name, info = "course_lib-0.1.0-py3-none-any.whl", "course_lib-0.1.0.dist-info"
    with ZipFile(Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("course.pth", str(Path.cwd()))
        wheel.writestr(f"{info}/METADATA", METADATA)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""
CLI = """
from typing import NamedTuple
class Command(NamedTuple):
    needs: str
def find(name):
    return Command(name)
def overview():
    return "help"
"""
APP = """
import sys
from pathlib import Path
def call(command, args):
    import torch
    print(command.needs, *args, torch.VERSION, Path(sys.prefix).name)
    return 7
"""


def make_wheel(folder: Path, name: str, version: str) -> Path:
    """The smallest wheel that pip accepts; its module knows its VERSION."""
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


class Clone:
    """A fresh clone of a project like ours, whose whole package index is the folder `wheels`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.wheels = folder / "clone", folder / "wheels"
        package, requirements = self.folder / "course_lib", self.folder / "requirements"
        for path in (package / "cli", requirements, self.wheels):
            path.mkdir(parents=True)
        for name in STDLIB_ONLY:
            shutil.copy(PROJECT / "course_lib" / f"{name}.py", package)
        (package / "cli" / "__init__.py").write_text(CLI)
        (package / "cli" / "app.py").write_text(APP)
        (self.folder / "backend.py").write_text(BACKEND)
        (self.folder / "pyproject.toml").write_text(
            "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
        )
        (requirements / "student.txt").write_text("# comment\ntorch==2.0\n")
        (requirements / "dev.txt").write_text("checker==1.0\n")
        for name in ("demo.txt", "grading.txt"):
            (requirements / name).write_text("# nothing\n")
        (requirements / "optional.txt").write_text("needs_a_compiler==1.0\n")
        (requirements / "constraints.txt").write_text("torch==2.0\nchecker==1.0\n")
        make_wheel(self.wheels, "torch", "2.0+cpu")
        self.venv = self.folder / ".venv"
        self.unfinished = self.venv / "setup-unfinished"

    def popen(self, *args: str, python: Path | str = sys.executable) -> subprocess.Popen[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "COURSE_"))}
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        return subprocess.Popen(
            [python, "-m", "course_lib", *args],
            cwd=self.folder,
            env=kept | offline | {"PIP_CONFIG_FILE": os.devnull},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *args: str, python: Path | str = sys.executable) -> tuple[int, str, str]:
        process = self.popen(*args, python=python)
        output, errors = process.communicate(timeout=120)
        return process.returncode, output.strip(), errors.strip()

    @property
    def python(self) -> Path:
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone that has been started once."""
    clone = Clone(tmp_path_factory.mktemp("ready"))
    assert clone.start("student", "a b")[:2] == (7, "student a b 2.0+cpu .venv")
    return clone


def test_a_second_start_asks_nobody_for_anything(ready: Clone):
    hidden = ready.wheels.rename(ready.wheels.with_name("hidden"))
    try:
        assert ready.start("student") == (7, "student 2.0+cpu .venv", "")
        assert ready.start("student", python=ready.python) == (7, "student 2.0+cpu .venv", "")
    finally:
        hidden.rename(ready.wheels)


def test_help_needs_nothing_installed(tmp_path: Path):
    clone = Clone(tmp_path)
    assert clone.start("--help") == (0, "help", "")
    assert not clone.venv.exists()


def test_what_pip_cannot_get_is_one_line_and_breaks_nothing(ready: Clone):
    status, output, errors = ready.start("dev")
    assert (status, output) == (2, "")
    last = errors.splitlines()[-1]
    assert last.startswith("course: pip could not install the other libraries: ")
    assert "checker==1.0" in last
    assert "Traceback" not in errors
    assert ready.start("student") == (7, "student 2.0+cpu .venv", "")  # nothing had to be repaired


def test_optional_parts_may_fail_and_a_larger_set_completes_a_smaller_one(tmp_path: Path):
    clone = Clone(tmp_path)
    make_wheel(clone.wheels, "checker", "1.0")
    status, output, errors = clone.start("dev")
    assert (status, output) == (7, "dev 2.0+cpu .venv")
    assert "could not be built" in errors
    make_wheel(clone.wheels, "torch", "2.1")
    (clone.folder / "requirements" / "student.txt").write_text("torch==2.1\n")
    (clone.folder / "requirements" / "constraints.txt").write_text("torch==2.1\n")
    # Called with the environment's own Python, which then has to be changed from outside.
    assert clone.start("student", python=clone.python)[:2] == (7, "student 2.1 .venv")


def test_an_interrupted_installation_is_repaired(ready: Clone):
    torch = next(ready.venv.rglob("torch.py"))
    torch.write_text("half a fi")
    ready.unfinished.touch()
    assert ready.start("student", python=ready.python)[:2] == (7, "student 2.0+cpu .venv")
    assert not ready.unfinished.exists()


def test_two_starts_at_once_set_up_once(tmp_path: Path):
    clone = Clone(tmp_path)
    both = [clone.popen("student", name) for name in "ab"]
    results = [(*process.communicate(timeout=120), process.returncode) for process in both]
    assert [output.split()[1] for output, _, _ in results] == ["a", "b"]
    assert [status for _, _, status in results] == [7, 7]
    errors = sorted((errors for _, errors, _ in results), key=len)
    assert errors[0].strip() == "Another start is setting up the course; waiting for it."
    assert errors[1].count("Installing course_lib") == 1


def test_a_clone_does_not_use_the_course_lib_of_another(ready: Clone, tmp_path: Path):
    other = Clone(tmp_path)
    assert other.start("student", python=ready.python)[:2] == (7, "student 2.0+cpu .venv")
    assert other.venv.exists()
