"""A fresh clone becomes a working course: find a Python that has the pinned libraries, or make one.

Only the standard library is used here, because nothing else is there yet. The rules:

- The Python that was called is used if it has every pin of the requirement files and this folder's
  course_lib (a conda environment, Binder, a container).
- Otherwise the project's own `.venv` is used, made or completed first.
- While pip works, a file in `.venv` says so. A start that finds it knows that an earlier one was
  cut short, and builds `.venv` anew.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT

REQUIREMENTS = PROJECT / "requirements"
SETS = {
    "student": ("student",),
    "dev": ("student", "dev"),
    "grading": ("student", "grading"),
    "docs": ("student", "docs"),
}
VENV = PROJECT / ".venv"
UNFINISHED = VENV / "setup-unfinished"
LOG = PROJECT / "build" / "setup.log"
JUST_SET_UP = "COURSE_JUST_SET_UP"  # set for the Python we go on in, so that we never go in circles


def ensure(needs: str, args: list[str]) -> None:
    """Return if this Python has the requirement set `needs`; else start `args` again in `.venv`.

    In the second case it does not return. Raises CourseError if `.venv` cannot be made.
    """
    just_set_up = os.environ.pop(JUST_SET_UP, None)
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    lacking = missing(needs, sys.path)
    if not lacking and not (inside and UNFINISHED.exists()):
        return
    if just_set_up:
        names = ", ".join(lacking)
        raise CourseError(_("setup ended, but {names} cannot be found").format(names=names))
    if inside:  # a Python cannot replace itself: the one it was made from does
        _start_again_outside(args)
    if not _ready(needs):
        with _one_at_a_time():
            if not _ready(needs):
                _build(needs)
    os.environ[JUST_SET_UP] = "1"
    _go_on([str(_venv_python()), "-m", "course_lib", *args])


def pins(needs: str) -> dict[str, str]:
    """Name -> exact version of everything in the set, read from its requirement files."""
    lines = []
    for name in SETS[needs]:
        lines += (REQUIREMENTS / f"{name}.txt").read_text("utf-8").splitlines()
    wanted = [line.split("#")[0].strip() for line in lines]
    return dict(line.split("==") for line in wanted if line)


def missing(needs: str, path: list[str]) -> list[str]:
    """Which pins of the set, as `name==version`, and perhaps course_lib, are not on `path`.

    A local version such as 2.13.0+cpu counts as 2.13.0: it is the same release.
    """
    # The project's folder itself holds build leftovers that look like an installed package.
    folders = [p for p in path if Path(p).resolve() != PROJECT]
    lacking = []
    for name, version in pins(needs).items():
        found = next(iter(Distribution.discover(name=name, path=folders)), None)
        if found is None or (found.version or "").split("+")[0] != version:
            lacking.append(f"{name}=={version}")
    if not _has_this_project(folders):
        lacking.append("course-lib")
    return lacking


def _has_this_project(folders: list[str]) -> bool:
    """Is the course_lib installed there the one of this folder, not of another clone?"""
    found = next(iter(Distribution.discover(name="course-lib", path=folders)), None)
    origin = found.read_text("direct_url.json") if found else None
    return origin is not None and json.loads(origin)["url"] == PROJECT.as_uri()


def _venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _site_packages() -> list[str]:
    return [str(p) for p in (*VENV.glob("lib/python3.*/site-packages"), VENV / "Lib/site-packages")]


def _ready(needs: str) -> bool:
    whole = _venv_python().exists() and not UNFINISHED.exists()
    return whole and not missing(needs, _site_packages())


def _build(needs: str) -> None:
    """Make or complete `.venv` for the set `needs`."""
    if UNFINISHED.exists() or not _venv_python().exists():
        if VENV.exists():
            shutil.rmtree(VENV)
        VENV.mkdir()
        UNFINISHED.touch()
        _say(_("Making a Python environment in .venv (once; this needs a network)."))
        _call([sys.executable, "-m", "venv", str(VENV)], _("Python could not make .venv"))
        UNFINISHED.unlink()
    constraints = ["-c", str(REQUIREMENTS / "constraints.txt")]
    torch = f"torch=={pins('student')['torch']}"
    _pip(_("PyTorch, the largest part"), [torch, *constraints])
    files = [f"-r{REQUIREMENTS / name}.txt" for name in SETS[needs]]
    _pip(_("libraries"), [*files, *constraints])
    if needs == "dev":
        _try_optional(constraints)
    # No isolation, no dependencies: setuptools and all the rest are there, so no network is needed.
    _pip("course_lib", ["--no-build-isolation", "--no-deps", "-e", str(PROJECT)])


def _try_optional(constraints: list[str]) -> None:
    """What must be compiled here and is only compared with: the course does without it."""
    try:
        _pip(_("optional parts"), [f"-r{REQUIREMENTS / 'optional.txt'}", *constraints])
    except CourseError:
        _say(_("An optional part could not be built: the tests that need it will be skipped."))


def _pip(what: str, arguments: list[str]) -> None:
    """`pip install` in `.venv`. Raises CourseError if pip fails."""
    _say(_("Installing {what} ...").format(what=what))
    before = _listing()
    UNFINISHED.touch()
    try:
        _call(
            [str(_venv_python()), "-m", "pip", "install", "--no-input", *arguments],
            _("pip could not install {what}").format(what=what),
        )
    except CourseError:
        if _listing() == before:  # for example no network: what was there is still whole
            UNFINISHED.unlink()
        raise
    UNFINISHED.unlink()


def _listing() -> list[str]:
    folders = [Path(folder) for folder in _site_packages()]
    return sorted(p.name for folder in folders if folder.is_dir() for p in folder.iterdir())


def _call(command: list[str], failure: str) -> None:
    """Run; show the output on a terminal, and keep errors (or all) in the log."""
    LOG.parent.mkdir(exist_ok=True)
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"}
    with LOG.open("w", encoding="utf-8") as log:
        output = None if sys.stdout.isatty() else log
        status = subprocess.run(
            command, stdout=output, stderr=log, env=os.environ | quiet, check=False
        ).returncode
    if status:
        lines = LOG.read_text("utf-8", errors="replace").splitlines()
        why = next((line for line in reversed(lines) if "error" in line.lower()), "")
        message = _("{failure}: {why} (is there a network? all of it is in {log})")
        log_name = LOG.relative_to(PROJECT)
        raise CourseError(message.format(failure=failure, why=why.strip(), log=log_name))


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the project's lock; the system frees it even if this process is killed."""
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "setup.lock").open("a") as file:
        if not _lock(file.fileno(), wait=False):
            _say(_("Another start is setting up the course; waiting for it."))
            while not _lock(file.fileno(), wait=True):
                pass
        yield


def _lock(descriptor: int, wait: bool) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def _start_again_outside(args: list[str]) -> None:
    code = "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
    code += "from course_lib.__main__ import main; main()"
    _go_on([sys._base_executable, "-c", code, str(PROJECT), *args])  # type: ignore[attr-defined]


def _go_on(command: list[str]) -> None:
    """Become `command`."""
    sys.stdout.flush()
    if os.name == "nt":  # there, exec would return to the prompt before the work is done
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
