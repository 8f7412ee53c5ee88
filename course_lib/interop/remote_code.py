"""Folders with code of their own: how `transformers` opens models that it has no class for.

config.json names, for each Auto class, a class of a module that lies in the folder ("auto_map").
Who opens it says trust_remote_code=True, because that code is then run.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_lib.storage import read_text, writing

CODE = Path(__file__).parent / "remote"


def auto_map(module: str, config: str, models: Mapping[str, str]) -> dict[str, Any]:
    """What config.json says of the code. models: Auto class -> class of the module."""
    names = {"AutoConfig": config, **models}
    return {"auto_map": {auto: f"{module}.{name}" for auto, name in names.items()}}


def write_code(module: str, folder: str | Path) -> None:
    """Put the module into the folder. Raises CourseError if the disk refuses."""
    with writing(Path(folder) / f"{module}.py") as file:
        file.write(read_text(CODE / f"{module}.py") + "\n")
