"""Fetch files over the network with pooch: verified, with progress, whole or not at all."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pooch
import requests
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from course_lib.data.corpora.registry import DataFile
from course_lib.errors import CourseError
from course_lib.i18n import _

TIMEOUT = 30  # seconds without a byte from the server
CHUNK = 1 << 16  # bytes


class Bar:
    """The part of a progress bar that pooch calls, drawn by rich.

    `total` is what the server announces; compressed in transit it is too small, so it is ignored.
    """

    total = 0

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self.progress, self.task, self.ended = progress, task, False

    def update(self, n_bytes: int) -> None:
        if not self.ended:
            self.progress.advance(self.task, n_bytes)

    def reset(self) -> None:
        self.ended = True  # pooch now repeats the whole amount; `download` sets the true one

    def close(self) -> None:
        self.ended = True


def download(name: str, files: Sequence[DataFile], temporary: Path, home: Path) -> None:
    """Fetch `files` into `temporary`; move each, once verified, to its place below `home`.

    No output unless stderr is a terminal. Raises CourseError if the network or the bytes fail,
    OSError if the disk refuses.
    """
    pooch.get_logger().setLevel(logging.WARNING)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=sum(file.bytes for file in files))
        done = 0
        for file in files:
            _download_one(name, file, temporary, home, Bar(progress, task))
            done += file.bytes
            progress.update(task, completed=done)


def _download_one(name: str, file: DataFile, temporary: Path, home: Path, bar: Bar) -> None:
    downloader = pooch.HTTPDownloader(bar, chunk_size=CHUNK, timeout=TIMEOUT)
    target = home / file.file
    try:
        got = pooch.retrieve(
            file.url, f"sha256:{file.sha256}", target.name, temporary, downloader=downloader
        )
    except requests.RequestException as error:  # before OSError, of which it is a kind
        message = _(
            "data set {name}: cannot download {url} ({why}); nothing was left in {home}; connect"
            " to the network and repeat `course data fetch {name}`, or set COURSE_DATA_HOME to a"
            " folder that holds the data"
        )
        raise CourseError(
            message.format(name=name, url=file.url, why=_why(error), home=home)
        ) from None
    except ValueError:  # pooch's word for another SHA-256
        message = _(
            "data set {name}: {url} does not send the published bytes (SHA-256 differs); nothing"
            " was left in {home}; repeat `course data fetch {name}` later or on another network"
        )
        raise CourseError(message.format(name=name, url=file.url, home=home)) from None
    target.parent.mkdir(parents=True, exist_ok=True)
    Path(got).chmod(0o644)  # a temporary file is private, but a class may share the folder
    Path(got).replace(target)  # atomic: another process sees the old file or the new one


def _why(error: requests.RequestException) -> str:
    """The cause in a few words; the library's own message fills a screen."""
    if error.response is not None:
        return f"HTTP {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return _("no answer within {seconds} s").format(seconds=TIMEOUT)
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return _("the connection broke off")
    return _("no connection")
