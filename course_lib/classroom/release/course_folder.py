"""The same assignment in an instructor's nbgrader course, where JupyterHub's exchange finds it."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from course_lib.classroom.marking.assignment import write_assignment
from course_lib.classroom.release import nbgrader_tool
from course_lib.classroom.release.bundle import Material, build, write_sources
from course_lib.classroom.release.instructions import FILE_NAME
from course_lib.classroom.release.leaks import refuse, told
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import writing


def release_in_course(material: Material, root: Path, force: bool = False) -> Path:
    """Write source/NAME/ with solutions, release/NAME/ without, and nbgrader's database.

    `nbgrader release_assignment NAME` then hands it out. Returns the released folder. Raises
    CourseError if the assignment is there already, unless `force`, or as `bundle.release` does.
    """
    name = material.assignment.name
    if not root.is_dir():
        message = _("{path} is no course folder; nbgrader makes one: nbgrader quickstart NAME")
        raise CourseError(message.format(path=root))
    source = nbgrader_tool.folder(root, name, "source_directory")
    released = nbgrader_tool.folder(root, name, "release_directory")
    if source.exists() and not force:
        message = _("{path} is there already; choose another --name, or add --force")
        raise CourseError(message.format(path=source))
    with tempfile.TemporaryDirectory() as workshop:  # so that nothing unsound gets into the course
        build(material, Path(workshop), Path(workshop, "bundle"))
    with restored_on_error([source, released]):
        write_sources(material.sources, source)
        with writing(source / FILE_NAME) as file:  # nbgrader hands out what lies beside notebooks
            file.write(material.text)
        nbgrader_tool.generate_in_course(root, name)
        wanted = {FILE_NAME, *(f"{lecture}.ipynb" for lecture in material.sources)}
        refuse(told(released, wanted, material.answers))
        write_assignment(material.assignment, root / f"{name}.assignment.toml")
    return released


@contextlib.contextmanager
def restored_on_error(folders: list[Path]) -> Iterator[None]:
    """Begin without these folders; if the block fails, they are again as they were."""
    with tempfile.TemporaryDirectory() as safe:
        kept = {folder: Path(safe, str(number)) for number, folder in enumerate(folders)}
        for folder, copy in kept.items():
            if folder.exists():
                shutil.copytree(folder, copy)
                shutil.rmtree(folder)
        try:
            yield
        except BaseException:
            for folder, copy in kept.items():
                shutil.rmtree(folder, ignore_errors=True)
                if copy.exists():
                    shutil.copytree(copy, folder)
            raise
