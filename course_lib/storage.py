"""Files: where the project keeps its own; reading text; writing a file whole or not at all."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from course_lib.errors import CourseError
from course_lib.i18n import _

PROJECT = Path(__file__).parents[1]  # the folder with notebooks/, data/ and README.md


def read_lines(path: str | Path, encoding: str = "utf-8") -> Iterator[str]:
    """The lines of a text file, one at a time and without their ends; any size of file will do.

    Accepts Unix, Windows and old Mac line ends and a byte-order mark. Raises CourseError if the
    file cannot be opened, or says on which line the bytes are not in `encoding`.
    """
    path = Path(path)
    number = 0
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(_raw_lines(file), start=1):
                if number == 1 and encoding == "utf-8":
                    raw = raw.removeprefix(b"\xef\xbb\xbf")
                yield raw.decode(encoding)
    except UnicodeDecodeError as error:
        message = _(
            "{path}: line {line}, byte {byte} is not {encoding} text; save the file as {encoding}"
        )
        raise CourseError(
            message.format(path=path, line=number, byte=error.start + 1, encoding=encoding.upper())
        ) from None
    except OSError as error:
        raise CourseError(
            _("cannot read {path}: {why}").format(path=path, why=error.strerror)
        ) from None


def _raw_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines of bytes without \\n, \\r\\n or \\r; never splits a character of UTF-8 or cp932."""
    for line in file:  # splits after \n only
        yield from line.removesuffix(b"\n").removesuffix(b"\r").split(b"\r")


def read_text(path: str | Path, encoding: str = "utf-8") -> str:
    """The whole file, its lines joined by \\n. Raises CourseError as `read_lines` does."""
    return "\n".join(read_lines(path, encoding))


@contextlib.contextmanager
def writing(path: str | Path, mode: str = "w") -> Iterator[IO]:
    """Open `path` for writing; the file appears, complete, only if the block succeeds.

    `mode` is "w" (UTF-8, \\n line ends) or "wb". The text goes to a temporary neighbour first,
    so a full disk or a crash leaves an older file as it was. Raises CourseError if it cannot be
    written.
    """
    path = Path(path)
    encoding, newline = (None, None) if "b" in mode else ("utf-8", "\n")
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            mode,
            dir=path.parent,
            prefix=f".{path.name}.",
            delete=False,
            encoding=encoding,
            newline=newline,
        ) as file:
            temporary = Path(file.name)
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # a temporary file is private; the finished one is ordinary
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise CourseError(
            _("cannot write {path}: {why}").format(path=path, why=error.strerror)
        ) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def sha256(path: str | Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
