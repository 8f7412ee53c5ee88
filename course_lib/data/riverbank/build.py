"""`course data build`: writes the splits of Riverbank, reproducible to the byte."""

import tempfile
from pathlib import Path

from course_lib.data import manifest
from course_lib.data.riverbank.splits import draw_splits
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT, writing

DATA = PROJECT / "data"


def build(folder: Path = DATA) -> list[Path]:
    """Write folder/riverbank/*.txt and enter them in folder/manifest.json; returns the files."""
    files = []
    for split, stories in draw_splits().items():
        files.append(folder / "riverbank" / f"{split}.txt")
        with writing(files[-1]) as file:
            for story in stories:
                file.write(f"{story.topic}\t{' '.join(story.words)}\n")
    manifest.record(folder, files)
    return files


def check(folder: Path = DATA) -> None:
    """Raise CourseError unless the files are, byte for byte, what `build` writes."""
    manifest.verify(folder)
    with tempfile.TemporaryDirectory() as fresh:
        files = [file.relative_to(fresh) for file in build(Path(fresh))]
        wrong = [
            str(file)
            for file in files
            if not (folder / file).is_file()
            or (folder / file).read_bytes() != (Path(fresh) / file).read_bytes()
        ]
    if wrong:
        message = _("{folder}: not what the grammar writes: {files}; run: course data build")
        raise CourseError(message.format(folder=folder, files=", ".join(wrong)))
