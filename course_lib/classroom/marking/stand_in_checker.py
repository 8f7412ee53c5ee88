"""What a notebook imports as `course_lib.classroom.checker` where it is marked.

The real checker would bring the reference answers with it. Nothing is checked in the sandbox; a
notebook that asks for checks and hints, as all of them do, just goes on.
"""

from typing import Any


def check(*_args: Any, **_kwargs: Any) -> bool:
    """Nothing: the judge asks the function itself, later. A cell may `assert` it and go on."""
    return True


def hint(*_args: Any, **_kwargs: Any) -> None:
    """Nothing."""
