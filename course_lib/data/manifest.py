"""manifest.json: the size and SHA-256 of every file that the project generates into data/."""

import json
from collections.abc import Iterable
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_text, sha256, writing

NAME = "manifest.json"
Entries = dict[str, dict[str, int | str]]


def record(folder: Path, files: Iterable[Path]) -> None:
    """Enter `files`, which lie in `folder`, into its manifest; other entries stay as they are."""
    entries = read(folder) if (folder / NAME).exists() else {}
    for file in files:
        entries[file.relative_to(folder).as_posix()] = describe(file)
    with writing(folder / NAME) as manifest:
        json.dump(dict(sorted(entries.items())), manifest, indent=1)
        manifest.write("\n")


def read(folder: Path) -> Entries:
    """The manifest of `folder`. Raises CourseError if it is missing or not what it should be."""
    try:
        entries: Entries = json.loads(read_text(folder / NAME))
    except json.JSONDecodeError as error:
        message = _("{path}: line {line} is not JSON; run: course data build")
        raise CourseError(message.format(path=folder / NAME, line=error.lineno)) from None
    return entries


def verify(folder: Path) -> None:
    """Raise CourseError unless every file of the manifest is there and has its bytes."""
    wrong = [
        name
        for name, entry in read(folder).items()
        if not (folder / name).is_file() or describe(folder / name) != entry
    ]
    if wrong:
        message = _("{folder}: missing or altered: {files}; run: course data build")
        raise CourseError(message.format(folder=folder, files=", ".join(wrong)))


def describe(file: Path) -> dict[str, int | str]:
    return {"bytes": file.stat().st_size, "sha256": sha256(file)}
