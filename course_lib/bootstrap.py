"""A fresh clone becomes a working course: go on in a Python that has the pinned libraries.

The Python that was called is used if it has every pin of the requirement files and this folder's
course_lib (as in a conda environment, on Binder, in a container). Otherwise the project's own
`.venv` is used, and made or completed first. Standard library only.
"""

import os
import subprocess
import sys
from pathlib import Path

from course_lib import venv
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.pins import missing
from course_lib.storage import PROJECT

JUST_SET_UP = "COURSE_JUST_SET_UP"  # set for the Python we go on in: no going round in circles


def ensure(needs: str, args: list[str]) -> None:
    """Return if this Python has the requirement set `needs`; else start `args` again in `.venv`.

    In the second case it does not return. Raises CourseError if `.venv` cannot be made.
    """
    just_set_up = os.environ.pop(JUST_SET_UP, None)
    inside = Path(sys.prefix).resolve() == venv.VENV.resolve()
    lacking = missing(needs, sys.path)
    if not lacking and not (inside and venv.UNFINISHED.exists()):
        return
    if just_set_up:
        message = _(
            "setup has ended, but these cannot be found: {names}; delete .venv and start again"
        )
        raise CourseError(message.format(names=", ".join(lacking)))
    if inside:
        _leave(args)
    venv.make_ready(needs)
    os.environ[JUST_SET_UP] = "1"
    _become([str(venv.PYTHON), "-m", "course_lib", *args])


def _leave(args: list[str]) -> None:
    """Start again in the Python that `.venv` was made from: `.venv` cannot replace itself."""
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); "
        "from course_lib.__main__ import main; main()"
    )
    _become([sys._base_executable, "-c", code, str(PROJECT), *args])  # type: ignore[attr-defined]


def _become(command: list[str]) -> None:
    sys.stdout.flush()
    if os.name == "nt":  # there, exec would give the prompt back before the work is done
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)
