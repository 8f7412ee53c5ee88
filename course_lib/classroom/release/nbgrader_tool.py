"""nbgrader's release tool: it takes out solutions and hidden tests, and locks what it must."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError
from course_lib.i18n import _

CONFIG = "nbgrader_config.py"


def generate(root: Path, name: str) -> Path:
    """Make release/NAME from source/NAME in a course folder without a database; its folder.

    Raises CourseError if nbgrader will not.
    """
    from traitlets.config import Config

    config = Config()
    config.SaveCells.enabled = False
    config.GenerateAssignment.no_database = True
    return run(root, name, config)


def generate_in_course(root: Path, name: str) -> Path:
    """The same in an instructor's course folder, with its settings and its database."""
    return run(root, name, settings(root))


def settings(root: Path) -> Any:
    """What the course folder's `nbgrader_config.py` says, if there is one."""
    from traitlets.config import Config, PyFileConfigLoader

    if not (root / CONFIG).exists():
        return Config()
    try:
        return PyFileConfigLoader(CONFIG, path=str(root)).load_config()
    except (Exception, SystemExit) as error:  # it is a program: anything may happen
        message = _("{path} cannot be used: {kind}: {why}")
        path, kind = root / CONFIG, type(error).__name__
        raise CourseError(message.format(path=path, kind=kind, why=error)) from None


def run(root: Path, name: str, config: Any) -> Path:
    """Call nbgrader as its own pages do."""
    from nbgrader.apps import NbGraderAPI

    config.CourseDirectory.root = str(root.resolve())
    with quiet(), programs_found():
        done = NbGraderAPI(config=config).generate_assignment(name)
    if not done["success"]:
        message = _("nbgrader cannot release {name}: {why}")
        raise CourseError(message.format(name=name, why=reason(done)))
    return folder(root, name, "release_directory", config)


def folder(root: Path, name: str, step: str, config: Any = None) -> Path:
    """Where a course folder keeps an assignment; step: source_directory or release_directory."""
    from nbgrader.coursedir import CourseDirectory

    course = CourseDirectory(config=settings(root) if config is None else config)
    course.root = str(root.resolve())
    return Path(course.format_path(getattr(course, step), ".", name)).resolve()


def reason(done: dict[str, str]) -> str:
    """The first error that nbgrader noted: those after it only say that there was one."""
    lines = [line.strip() for key in ("log", "error") for line in done.get(key, "").splitlines()]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception): ", line)]
    return next(iter(errors or lines[-1:]), _("it does not say why"))


@contextlib.contextmanager
def programs_found() -> Iterator[None]:
    """nbgrader calls `alembic` by name: it lies beside the Python that runs."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """nbgrader's log is in its answer; what it prints besides is not for our readers."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield
