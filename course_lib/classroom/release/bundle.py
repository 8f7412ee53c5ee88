"""The students' bundle: a folder that is there in full, checked, or not at all."""

import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.classroom.marking.assignment import Assignment, write_assignment
from course_lib.classroom.registry import all_exercises
from course_lib.classroom.release import nbgrader_tool
from course_lib.classroom.release.answers import Answers, answers_to
from course_lib.classroom.release.editions import NOTEBOOKS, find_edition, read_lecture, speaking
from course_lib.classroom.release.instructions import FILE_NAME, Terms, instructions
from course_lib.classroom.release.leaks import refuse_leaks
from course_lib.classroom.release.sources import mentions, prepared
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import writing

ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can say: the same bytes every time


@dataclass(frozen=True)
class Material:
    """Everything a release is made of. sources: lecture -> notebook, with its solutions.

    text: of INSTRUCTIONS.md.     missing: exercise -> exercises it speaks of, and not handed out.
    """

    assignment: Assignment
    sources: dict[str, NotebookNode]
    text: str
    answers: Answers
    missing: dict[str, list[str]]


def gather(
    assignment: Assignment, terms: Terms, language: str = "en", notebooks: Path = NOTEBOOKS
) -> Material:
    """Read and prepare the notebooks. Raises CourseError if the language has no such exercises."""
    edition = find_edition(language, notebooks)
    lectures = list(dict.fromkeys(record.lecture for record in assignment.records()))
    originals = {lecture: read_lecture(edition, lecture, notebooks) for lecture in lectures}
    chosen = assignment.exercises
    with speaking(language):
        sources = {
            lecture: prepared(notebook, chosen, terms.install)
            for lecture, notebook in originals.items()
        }
        text = instructions(assignment, sources, terms)
    records = [record for record in all_exercises() if record.lecture in lectures]
    missing = {k: v for nb in originals.values() for k, v in mentions(nb, chosen).items()}
    return Material(assignment, sources, text, answers_to(originals.values(), records), missing)


def release(material: Material, out: Path, zipped: bool = False, force: bool = False) -> Path:
    """Write out/NAME/ and, for the instructor alone, out/NAME.assignment.toml; maybe NAME.zip.

    Returns the bundle's folder. Raises CourseError if one of these is there already, unless
    `force`, if it cannot be written, or if the bundle would give anything away.
    """
    name = material.assignment.name
    names = [name, f"{name}.assignment.toml", f"{name}.zip"]
    taken = [out / file for file in names if (out / file).exists()]
    if taken and not force:
        message = _("{path} is there already; choose another --name or --out, or add --force")
        raise CourseError(message.format(path=taken[0]))
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=f".{name}.") as folder:
            made = Path(folder, "made")
            made.mkdir()
            build(material, Path(folder), made / name)
            write_assignment(material.assignment, made / f"{name}.assignment.toml")
            if zipped:
                write_zip(made / name, made / f"{name}.zip")
            move_all(made, out, names, Path(folder, "before"))
    except OSError as error:
        message = _("cannot write to {path}: {why}")
        raise CourseError(message.format(path=out, why=error.strerror or error)) from None
    return out / name


def build(material: Material, workshop: Path, bundle: Path) -> None:
    """Make the bundle in a course folder of its own, and look it through."""
    name = material.assignment.name
    write_sources(material.sources, workshop / "source" / name)
    shutil.copytree(nbgrader_tool.generate(workshop, name), bundle)
    with writing(bundle / FILE_NAME) as file:
        file.write(material.text)
    refuse_leaks(bundle, material.sources, material.answers)


def write_sources(sources: dict[str, NotebookNode], folder: Path) -> None:
    """The instructor's notebooks, as nbgrader wants them."""
    for lecture, notebook in sources.items():
        with writing(folder / f"{lecture}.ipynb") as file:
            file.write(nbformat.writes(notebook) + "\n")


def write_zip(folder: Path, path: Path) -> None:
    """The folder as one file, the same bytes every time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(f"{folder.name}/{file.name}", ZIP_TIME)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())


def move_all(made: Path, out: Path, names: Sequence[str], before: Path) -> None:
    """Put what was made in the place of the old; if that fails half-way, put the old back.

    What is not made anew goes, too: no older archive stays beside a newer folder.
    """
    before.mkdir()
    moved: list[tuple[Path, Path]] = []
    try:
        for name in names:
            for source, target in ((out / name, before / name), (made / name, out / name)):
                if source.exists():
                    source.rename(target)
                    moved.append((source, target))
    except OSError:
        for source, target in reversed(moved):
            target.rename(source)
        raise
