"""The project's own Python environment, `.venv`: made, completed or repaired with pip.

While pip works, a file in `.venv` says so. A start that finds it knows that an earlier one was cut
short, and builds `.venv` anew. Standard library only.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.pins import REQUIREMENTS, SETS, missing, pins
from course_lib.storage import PROJECT

VENV = PROJECT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
UNFINISHED = VENV / "setup-unfinished"
LOG = PROJECT / "build" / "setup.log"
NO_NETWORK = ("connection broken", "NewConnectionError", "Failed to establish a new connection")


def make_ready(needs: str) -> None:
    """See to it that `.venv` has the requirement set `needs` and course_lib.

    Touches neither network nor disk if it has. Raises CourseError if pip fails.
    """
    if not _ready(needs):
        with _one_at_a_time():
            if not _ready(needs):  # the one we waited for may have done it
                _build(needs)


def _ready(needs: str) -> bool:
    whole = PYTHON.exists() and not UNFINISHED.exists()
    return whole and not missing(needs, [str(folder) for folder in _site_packages()])


def _site_packages() -> list[Path]:
    folders = [*VENV.glob("lib/python3.*/site-packages"), VENV / "Lib" / "site-packages"]
    return [folder for folder in folders if folder.is_dir()]


def _build(needs: str) -> None:
    if UNFINISHED.exists() or not PYTHON.exists():
        _create()
    constraints = ["-c", str(REQUIREMENTS / "constraints.txt")]
    torch = f"torch=={pins('student')['torch']}"
    _pip(_("PyTorch, the largest part"), [torch, *constraints])
    files = [f"-r{REQUIREMENTS / name}.txt" for name in SETS[needs]]
    _pip(_("the other libraries"), [*files, *constraints])
    if needs == "dev":
        _try_optional(constraints)
    # Not isolated and without dependencies: all it needs is there, so this asks no network.
    _pip("course_lib", ["--no-build-isolation", "--no-deps", "-e", str(PROJECT)])


def _create() -> None:
    say(_("Making a Python environment in .venv (once; this needs a network)."))
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    UNFINISHED.touch()
    failure = _("Python could not make .venv (Debian and Ubuntu: first apt install python3-venv)")
    _call([sys.executable, "-m", "venv", str(VENV)], failure)
    UNFINISHED.unlink()


def _try_optional(constraints: list[str]) -> None:
    """What must be compiled here and is only compared with: the course does without it."""
    try:
        _pip(_("optional parts"), [f"-r{REQUIREMENTS / 'optional.txt'}", *constraints])
    except CourseError:
        say(_("An optional part could not be built: the tests that need it will be skipped."))


def _pip(what: str, arguments: list[str]) -> None:
    """`pip install` in `.venv`. Raises CourseError if pip fails."""
    say(_("Installing {what} ...").format(what=what))
    before = _listing()
    UNFINISHED.touch()
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", *arguments]
    try:
        _call(command, _("pip could not install {what}").format(what=what))
    except CourseError:
        if _listing() == before:  # nothing was changed, so what is there is whole
            UNFINISHED.unlink()
        raise
    UNFINISHED.unlink()


def _listing() -> list[str]:
    return sorted(path.name for folder in _site_packages() for path in folder.iterdir())


def _call(command: list[str], failure: str) -> None:
    """Run `command`: its output goes to the terminal if there is one, its errors to the log."""
    LOG.parent.mkdir(exist_ok=True)
    calm = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"}
    with LOG.open("w", encoding="utf-8") as log:
        output = None if sys.stdout.isatty() else log
        status = subprocess.run(
            command, stdout=output, stderr=log, env=os.environ | calm, check=False
        ).returncode
    if status:
        message = _("{failure}: {why} (everything pip said is in {log})")
        log_name = LOG.relative_to(PROJECT)
        raise CourseError(message.format(failure=failure, why=_reason(), log=log_name))


def _reason() -> str:
    """The last failure's reason, from the log: pip names a missing network a version conflict."""
    text = LOG.read_text("utf-8", errors="replace")
    if any(sign in text for sign in NO_NETWORK):
        return _("the package index cannot be reached; connect to a network and start again")
    errors = [line.strip() for line in text.splitlines() if "error:" in line.lower()]
    return errors[0] if errors else _("no reason was given")


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the project's lock; the system frees it even if this process is killed."""
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "setup.lock").open("a") as file:
        if not _lock(file.fileno(), wait=False):
            say(_("Another start is setting up the course; waiting for it."))
            while not _lock(file.fileno(), wait=True):
                pass
        yield


def _lock(descriptor: int, wait: bool) -> bool:
    """Take the lock, at once or (on Windows for at most ten seconds) when it is free."""
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


def say(line: str) -> None:
    """A line of progress; on stderr, so that a command's own output can be piped."""
    print(line, file=sys.stderr, flush=True)
