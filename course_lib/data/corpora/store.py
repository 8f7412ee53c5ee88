"""Where the data lie: the folder, what is in it, and making sure that it is what was published.

Every file's SHA-256 is compared once per process when it is first read. All 83 MB take 0.3 s, the
largest file (14 MB) 0.05 s, a few per cent of parsing it: too cheap to trust a size instead.
"""

import functools
import os
import tempfile
from enum import Enum
from pathlib import Path

from course_lib.data.corpora.registry import DataFile, data_set
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import sha256


class State(Enum):
    """What the data folder holds of one file."""

    RIGHT = "right"
    MISSING = "missing"
    ALTERED = "altered"


def data_home() -> Path:
    """The folder of all data sets: COURSE_DATA_HOME if that is set, else the user's cache."""
    if chosen := os.environ.get("COURSE_DATA_HOME"):
        return Path(chosen).expanduser()
    import pooch  # 0.1 s, and only needed to know the system's cache folder

    return Path(pooch.os_cache("language-model-course"))


def state(file: DataFile) -> State:
    """Whether the data folder holds these very bytes. Raises CourseError if it cannot be read."""
    path = data_home() / file.file
    try:
        status = path.stat()
        if status.st_size != file.bytes:
            return State.ALTERED
        same = _digest(path, status.st_size, status.st_mtime_ns) == file.sha256
    except (FileNotFoundError, NotADirectoryError):
        return State.MISSING
    except OSError as error:
        message = _("cannot read {path}: {why}; make it readable or set COURSE_DATA_HOME")
        raise CourseError(message.format(path=path, why=error.strerror)) from None
    return State.RIGHT if same else State.ALTERED


@functools.cache
def _digest(path: Path, size: int, mtime_ns: int) -> str:
    """SHA-256 of a file; size and time are part of the key, so a changed file is read anew."""
    del size, mtime_ns
    return sha256(path)


def verify(name: str) -> dict[str, State]:
    """The state of every file of a data set. Raises CourseError for an unknown name."""
    return {file.file: state(file) for file in data_set(name).files}


def ensure(name: str) -> Path:
    """The folder of a data set, complete and unaltered; what is missing is fetched.

    A file with other bytes is reported and never replaced here, since it may be the user's own.
    Raises CourseError that names the data set, the folder and the next step.
    """
    states = verify(name)
    for file, found in states.items():
        if found is State.ALTERED:
            message = _(
                "data set {name}: {file} in {home} is not the published file (its SHA-256 differs);"
                " `course data fetch {name}` replaces it"
            )
            raise CourseError(message.format(name=name, file=file, home=data_home()))
    if State.MISSING in states.values():
        fetch(name)
    return data_home() / name


def fetch(name: str) -> int:
    """Download what is missing or altered of a data set; return the number of files fetched.

    Each file appears whole and verified or not at all, so several processes may fetch at once.
    Raises CourseError that names the data set, the folder and the next step.
    """
    wanted = [file for file in data_set(name).files if state(file) is not State.RIGHT]
    if wanted:
        # Imported only here: downloading needs libraries that take 0.2 s to load.
        from course_lib.data.corpora.download import download

        home = data_home()
        try:
            home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=home, prefix=".fetch-") as temporary:
                download(name, wanted, Path(temporary), home)
        except OSError as error:
            message = _(
                "data set {name}: cannot write to {home} ({why}); make room there or set"
                " COURSE_DATA_HOME to a folder you can write to, then `course data fetch {name}`"
            )
            why = error.strerror or error
            raise CourseError(message.format(name=name, home=home, why=why)) from None
    return len(wanted)
