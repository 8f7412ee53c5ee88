"""Writing a folder whole or not at all."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _


@contextlib.contextmanager
def writing_folder(folder: str | Path, written_before: Callable[[Path], bool]) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its place if the block succeeds.

    A folder that is there already may be empty, or one that was `written_before` and may be lost.
    Raises CourseError for any other, and if the disk refuses; then the old one stays as it was.
    """
    folder = Path(folder).resolve()
    temporary = None
    try:
        _check_replaceable(folder, written_before)
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        yield temporary
        temporary.chmod(0o755)
        _put_in_place(temporary, folder)
    except OSError as error:
        why = error.strerror or error
        raise CourseError(_("cannot write {path}: {why}").format(path=folder, why=why)) from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _check_replaceable(folder: Path, written_before: Callable[[Path], bool]) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        message = _("{folder} is a file; give the name of a new folder")
        raise CourseError(message.format(folder=folder))
    if any(folder.iterdir()) and not written_before(folder):
        message = _("{folder} holds files that are no export; give the name of a new folder")
        raise CourseError(message.format(folder=folder))


def _put_in_place(temporary: Path, folder: Path) -> None:
    """Rename; what was there is kept aside until the new folder stands in its place."""
    if not folder.exists():
        temporary.replace(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.replace(aside / "old")
    try:
        temporary.replace(folder)
    except OSError:
        (aside / "old").replace(folder)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
