"""`course prompt`: ask a language model in words."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import prompter
from course_lib.cli.pair_files import read_pairs
from course_lib.cli.prompter import Asked
from course_lib.cli.texts import STDIN
from course_lib.errors import CourseError
from course_lib.i18n import _


def prompt(
    text: Annotated[
        str, typer.Argument(metavar="PROMPT", help=_("what you ask; - reads standard input"))
    ] = "",
    template: Annotated[
        str, typer.Option(help=_("words around the prompt: 'Story: {text} Topic:'"))
    ] = "",
    field: Annotated[
        list[str] | None,
        typer.Option(help=_("NAME=TEXT for another field of the template; may be repeated")),
    ] = None,
    shots: Annotated[
        Path | None, typer.Option(help=_("examples: in each line a prompt, a tab, its answer"))
    ] = None,
    choices: Annotated[
        str | None, typer.Option(help=_("answers to choose from, with commas between"))
    ] = None,
    normalise: Annotated[
        bool, typer.Option("--normalise", help=_("compare choices by their mean over words"))
    ] = False,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help=_("subtract how likely each choice is anyway"))
    ] = False,
    max_words: Annotated[int, typer.Option(min=1, help=_("words of an answer, at most"))] = 32,
    model: Annotated[
        Path | None, typer.Option("--model", "-m", help=_("a model file [the course's own]"))
    ] = None,
) -> None:
    """Ask the course's own small model, which knows the town of Riverbank, and only that.

    With --choices: each answer with its share, the best first. Else: the answer it writes. With
    --shots, examples stand before the question, each worded by the same template.
    """
    typed = sys.stdin.read() if text == STDIN else text
    examples = read_pairs([shots]) if shots else []
    asked = Asked(typed, template, dict(map(named, field or [])), examples)
    asked_model = prompter.load(model, with_shots=bool(examples))
    options = None if choices is None else prompter.choices_of(asked_model, choices)
    new = asked_model.unknown(prompter.prompt_of(asked_model, asked))
    if new:
        message = _("the model does not know: {words}")
        typer.echo(message.format(words=", ".join(new)), err=True)
    if options is None:
        typer.echo(prompter.answer(asked_model, asked, max_words))
        return
    for choice in prompter.choose(asked_model, asked, options, normalise, calibrate):
        typer.echo(f"{choice.probability:.3f}\t{choice.answer}")


def named(text: str) -> tuple[str, str]:
    """`premise=Nina swam.` -> its name and its text. Raises CourseError without a name."""
    name, equals, value = text.partition("=")
    if not (equals and name.isidentifier()):
        raise CourseError(_("--field must be NAME=TEXT, not {text!r}").format(text=text))
    return name, value
