"""Calling a command: from its entry in the list to its exit status."""

import importlib

import typer

from course_lib.cli import Command
from course_lib.errors import CourseError
from course_lib.i18n import _


def load(command: Command) -> typer.Typer:
    """The command as a Typer app; a plain function becomes an app of one command."""
    module, attribute = command.target.split(":")
    target = getattr(importlib.import_module(f"course_lib.cli.{module}"), attribute)
    if isinstance(target, typer.Typer):
        return target
    app = typer.Typer(add_completion=False)
    app.command()(target)
    return app


def call(command: Command, args: list[str]) -> int:
    """Run the command with its arguments; its exit status. Raises CourseError if they are wrong."""
    name = f"course {command.name}"
    main = typer.main.get_command(load(command))
    try:
        status = main(args, prog_name=name, standalone_mode=False)
    except typer.TyperException as error:  # an option or argument it cannot accept
        message = _("{problem} (see: {name} --help)")
        raise CourseError(message.format(problem=error.format_message(), name=name)) from None
    return status if type(status) is int else 0
