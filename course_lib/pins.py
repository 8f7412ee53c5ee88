"""The pinned requirement sets, and whether the packages on a path satisfy them.

Standard library only: this is read before anything is installed.
"""

import json
from importlib.metadata import Distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from course_lib.storage import PROJECT

REQUIREMENTS = PROJECT / "requirements"
SETS = {
    "student": ("student",),
    "demo": ("student", "demo"),
    "dev": ("student", "dev", "demo", "grading"),
    "grading": ("student", "grading"),
    "docs": ("student", "docs"),
}


def pins(needs: str) -> dict[str, str]:
    """Name -> exact version of everything in a set, from its requirement files.

    Each line of those is `name==version` or a comment, nothing else.
    """
    lines = []
    for name in SETS[needs]:
        lines += (REQUIREMENTS / f"{name}.txt").read_text("utf-8").splitlines()
    wanted = [line.split("#")[0].strip() for line in lines]
    return dict(line.split("==") for line in wanted if line)


def missing(needs: str, path: list[str]) -> list[str]:
    """What of the set, as `name==version`, or of this project, is not installed on `path`.

    A local version such as 2.13.0+cpu counts as 2.13.0: it is the same release.
    """
    # The project's own folder holds build leftovers that look like an installed package.
    folders = [p for p in path if Path(p).resolve() != PROJECT.resolve()]
    lacking = []
    for name, version in pins(needs).items():
        found = _find(name, folders)
        if found is None or (found.version or "").split("+")[0] != version:
            lacking.append(f"{name}=={version}")
    if not _has_this_project(folders):
        lacking.append("course-lib")
    return lacking


def _find(name: str, folders: list[str]) -> Distribution | None:
    return next(iter(Distribution.discover(name=name, path=folders)), None)


def _has_this_project(folders: list[str]) -> bool:
    """Is the course_lib installed there the one of this folder, not of another clone?"""
    found = _find("course-lib", folders)
    origin = found.read_text("direct_url.json") if found else None
    if origin is None:
        return False
    folder = Path(url2pathname(urlsplit(json.loads(origin)["url"]).path))
    return folder.resolve() == PROJECT.resolve()
