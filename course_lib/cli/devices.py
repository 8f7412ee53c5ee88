"""Where a command computes."""

from typing import Annotated

import torch
import typer

from course_lib.cli.texts import choice
from course_lib.errors import CourseError
from course_lib.i18n import _

DEVICES = ("auto", "cpu", "cuda", "mps")

Device = Annotated[str, typer.Option(help=_("auto, cpu, cuda or mps; auto: the best there is"))]


def find_device(name: str) -> torch.device:
    """The device of that name. Raises CourseError if this machine has no such device."""
    choice(name, DEVICES, _("device"))
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next((device for device, is_there in there.items() if is_there), "cpu"))
    if not there.get(name, True):
        message = _("this machine has no {name} device; leave --device out, or say cpu")
        raise CourseError(message.format(name=name))
    return torch.device(name)
