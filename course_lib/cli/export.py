"""`course export`: a trained model as a folder that Hugging Face's libraries open."""

import copy
from pathlib import Path
from typing import Annotated, NamedTuple

import torch
import typer
from torch import nn

from course_lib.cli import model_kinds, task_models, translator
from course_lib.cli.task_models import COMMANDS, PRETRAINED, TaskModel
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.export import export, export_shipped
from course_lib.interop.model_card import Card
from course_lib.models import checkpoints
from course_lib.models.heads import ClassifierWithNumbers, SentenceClassifier
from course_lib.models.model_file import load_model
from course_lib.models.network_file import bert_from_tensors
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.tokenizer_file import from_settings_and_vocab

WITHOUT_FORM = ("ngram", "hmm")  # kinds that `transformers` has nothing like


class Part(NamedTuple):
    """What is exported, and what its card says."""

    model: nn.Module
    tokenizer: Tokenizer
    card: Card
    labels: list[str] | None = None
    prefix: str = ""


def export_model(
    model: Annotated[
        str, typer.Argument(help=_("a file of `course train`, or a model of `course checkpoints`"))
    ],
    folder: Annotated[Path, typer.Argument(help=_("the folder to be written: a new name"))],
) -> None:
    """Write model, tokenizer and model card as one folder that `transformers` opens.

    A folder that was written this way before is replaced; any other that holds files is refused.
    """
    if model in checkpoints.names():
        export_shipped(model, folder)
    else:
        part = _read(Path(model))
        export(part.model, part.tokenizer, folder, part.labels, part.card, part.prefix)
    typer.echo(_("{folder} is written; its README.md says how to open it").format(folder=folder))


def _read(path: Path) -> Part:
    """The model of a file. Raises CourseError if it has no form there, or is no such file."""
    if not path.exists():
        message = _("there is no file {path}, and no model of that name; there are: {names}")
        known = ", ".join(checkpoints.names())
        raise CourseError(message.format(path=path, names=known))
    content = load_model(path)
    card = Card(path.stem, "", "", "")
    if content.kind in WITHOUT_FORM:
        message = _(
            "{path} holds a model of the kind {kind}, which `transformers` has nothing like"
        )
        raise CourseError(message.format(path=path, kind=content.kind))
    if content.kind in COMMANDS:
        return _task_part(task_models.load(path, content.kind), card)
    if content.kind == translator.KIND:
        found = translator.load(path)
        return Part(found.model, found.tokenizer, card)
    if content.kind == PRETRAINED:
        task_models.load_pretrained(path)  # says so if the file is damaged
        encoder = bert_from_tensors(content.tensors, content.settings["model"])
        tokenizer = from_settings_and_vocab(content.settings["tokenizer"], content.vocab)
        return Part(encoder, tokenizer, card)
    trained = model_kinds.load(path)
    assert isinstance(trained.model, nn.Module)
    return Part(trained.model, trained.tokenizer, card)


def _task_part(task: TaskModel, card: Card) -> Part:
    """A model with a head. One that says a number says it as it is in the user's files."""
    limits = card.limits
    says_number = task.kind == "classifier" and not task.labels
    model = _unscaled(task) if says_number else task.model
    if task.scaler is not None:
        message = _("It is given {names} with each text, each less its mean {mean}, by {spread}.")
        limits = message.format(
            names=", ".join(task.columns.numbers),
            mean=[f"{x:.6g}" for x in task.scaler.mean.tolist()],
            spread=[f"{x:.6g}" for x in task.scaler.spread.tolist()],
        )
    labels = list(task.labels) or None
    prefix = task.space if task.kind == "tagger" else ""
    return Part(model, task.tokenizer, card._replace(limits=limits), labels, prefix)


def _unscaled(task: TaskModel) -> nn.Module:
    """The same model, its answers not standardised: the last layer multiplies and adds."""
    model = copy.deepcopy(task.model)
    assert isinstance(model, SentenceClassifier | ClassifierWithNumbers)
    mean, spread = task.target
    with torch.no_grad():
        model.output.weight.mul_(spread)
        model.output.bias.mul_(spread).add_(mean)
    return model
