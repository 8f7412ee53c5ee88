"""What data sets there are: their names, licences, sources, and the SHA-256 of every file."""

import difflib
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from course_lib.errors import CourseError
from course_lib.i18n import _

MANIFEST = Path(__file__).with_name("manifest.json")

T = TypeVar("T")


@dataclass(frozen=True)
class DataFile:
    """One file as published: `file` is its place below the data folder, "names/names.txt"."""

    file: str
    bytes: int
    sha256: str
    url: str


@dataclass(frozen=True)
class DataSet:
    """One data set and everything a reader should know before using it."""

    name: str
    task: str
    language: str  # "en", "ja" or "en,ja"
    description: str
    license: str
    license_stated_in: str
    citation: str
    rows: str
    splits: str
    canonical_url: str
    notes: str
    files: tuple[DataFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def data_sets() -> dict[str, DataSet]:
    """Every known data set by its name."""
    return _read(MANIFEST)


@functools.cache
def _read(manifest: Path) -> dict[str, DataSet]:
    records = json.loads(manifest.read_text(encoding="utf-8"))["datasets"]
    return {r["name"]: DataSet(**r | {"files": _files(r["files"])}) for r in records}


def _files(records: list[dict]) -> tuple[DataFile, ...]:
    return tuple(DataFile(**record) for record in records)


def data_set(name: str) -> DataSet:
    """The data set called `name`. Raises CourseError if there is none."""
    known = data_sets()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        message = _("there is no data set called {name!r}; did you mean {near!r}?")
        raise CourseError(message.format(name=name, near=near[0]))
    message = _("there is no data set called {name!r}; `course data list` shows all of them")
    raise CourseError(message.format(name=name))


def choose(name: str, kind: str, readers: Mapping[str, Callable[[], T]]) -> T:
    """Call the reader of `name`. Raises CourseError if the set is unknown or of another kind."""
    if name not in readers:
        data_set(name)  # an unknown name has its own message
        message = _("data set {name} is not for {kind}(); these are: {names}")
        raise CourseError(message.format(name=name, kind=kind, names=", ".join(readers)))
    return readers[name]()
