"""`course translate` and `course summarise`: plain text in, plain text out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import translator
from course_lib.cli.devices import Device, find_device
from course_lib.cli.texts import STDIN, choice, lines_of, paragraphs
from course_lib.cli.translator import MARKS, TranslatorModel
from course_lib.errors import CourseError
from course_lib.i18n import _

Texts = Annotated[
    list[Path] | None, typer.Argument(help=_("files (UTF-8); standard input if none is named"))
]
Model = Annotated[
    Path | None,
    typer.Option("--model", "-m", help=_("a file of `course train translator` [the course's own]")),
]
Beams = Annotated[int, typer.Option(min=1, help=_("how many beginnings are followed at once"))]
MOST_SHOWN = 10  # unknown words that are named


def translate(
    texts: Texts = None,
    model: Model = None,
    to: Annotated[
        str | None, typer.Option(help=_("ja or en [the language that a line is not in]"))
    ] = None,
    beams: Beams = 5,
    device: Device = "auto",
) -> None:
    """Translate each line; blank lines stay blank.

    Without --model, the course's own small model: English and Japanese about the town of Riverbank.
    """
    task = _load(model, device)
    if to is not None:
        choice(to, tuple(MARKS), _("language"))
        if not task.is_asked:
            raise CourseError(_("this model translates one way only: leave --to out"))
    lines = [line for path in texts or [Path(STDIN)] for line in lines_of(path)]
    if not any(map(str.strip, lines)):
        raise CourseError(_("there is no text to translate"))
    found = translator.translate(task, lines, to, beams)
    _say_what_is_unknown(task, lines)
    for line in found:
        typer.echo(line)


def summarise(
    texts: Texts = None, model: Model = None, beams: Beams = 5, device: Device = "auto"
) -> None:
    """Write a headline for each text; between two texts of a file there is a blank line.

    Without --model, the course's own small model, which has read stories of Riverbank only.
    """
    task = _load(model, device)
    found = [text for path in texts or [Path(STDIN)] for text in paragraphs(lines_of(path))]
    if not found:
        raise CourseError(_("there is no text to sum up"))
    headlines = translator.summarise(task, found, beams)
    _say_what_is_unknown(task, found)
    for headline in headlines:
        typer.echo(headline)


def _load(path: Path | None, device: str) -> TranslatorModel:
    task = translator.load(path)
    task.model.to(find_device(device))
    return task


def _say_what_is_unknown(task: TranslatorModel, texts: Sequence[str]) -> None:
    new = translator.unknown_words(task, texts)
    if new:
        shown = ", ".join(new[:MOST_SHOWN]) + (", ..." if len(new) > MOST_SHOWN else "")
        typer.echo(_("the model does not know: {words}").format(words=shown), err=True)
