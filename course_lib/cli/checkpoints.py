"""`course checkpoints`: the trained models that come with the course, and how they were made."""

from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor

from course_lib.cli.checkpoint_recipes import RECIPES, Material, Recipe
from course_lib.cli.model_kinds import KINDS
from course_lib.data import manifest, riverbank
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models import checkpoints
from course_lib.models.model_file import ModelFile, save_model

TOLERANCE = 0.01  # bits per word: what another processor's rounding may come to in a whole run

checkpoints_app = typer.Typer(
    add_completion=False, no_args_is_help=True, help=_("the trained models of data/checkpoints")
)


@checkpoints_app.callback()
def _checkpoints() -> None:
    """The trained models of data/checkpoints."""


@checkpoints_app.command("list")
def show_checkpoints() -> None:
    """What there is, and how near the floor it came."""
    table = Table(_("model"), _("parameters"), _("bits per word"), _("above the floor"))
    for column in table.columns[1:]:
        column.justify = "right"
    floor = riverbank.floor(riverbank.load("dev")).bits_per_word
    for name in checkpoints.names():
        shipped = checkpoints.load(name)
        size = sum(weight.numel() for weight in shipped.model.parameters())
        predicts_next = hasattr(shipped.model, "log_probs")  # the floor is that of such models
        gap = f"{shipped.bits_per_word / floor - 1:.1%}" if predicts_next else "-"
        table.add_row(name, f"{size:,}", f"{shipped.bits_per_word:.3f}", gap)
    Console().print(table)


@checkpoints_app.command("build")
def build(
    name: Annotated[str, typer.Argument(help=", ".join(RECIPES))],
    check: Annotated[
        bool, typer.Option("--check", help=_("train, and compare with the file; write nothing"))
    ] = False,
    steps: Annotated[
        int | None, typer.Option(min=1, help=_("train for so many steps, not as long as planned"))
    ] = None,
    folder: Annotated[
        Path, typer.Option(help=_("where the file is, or is to be"), show_default=False)
    ] = checkpoints.FOLDER,
) -> None:
    """Train a model anew, in some minutes, and write its file, or compare with it."""
    if name not in RECIPES:
        message = _("there is no model {name!r}; choose one of: {names}")
        raise CourseError(message.format(name=name, names=", ".join(RECIPES)))
    recipe = RECIPES[name] if steps is None else RECIPES[name]._replace(n_steps=steps)
    expected = checkpoints.load(name, folder).bits_per_word if check else None
    with Console(stderr=True).status(_("reading ...")):
        material = recipe.material(recipe.n_texts)
    model = train(recipe, material)
    if expected is None:
        bits = write(name, model, material, folder)
        typer.echo(_("{name}: {bits:.4f} bits per word").format(name=name, bits=bits))
    else:
        compare(name, recipe.score(model, material), expected)


def train(recipe: Recipe, material: Material) -> Any:
    """A model made by the recipe, on one thread: there more would mostly wait for each other."""
    with Console(stderr=True).status(_("training ...")) as status:

        def show(step: int, _loss: Tensor) -> None:
            message = _("training: step {step} of {n}")
            status.update(message.format(step=step + 1, n=recipe.n_steps))

        steps = {"n_steps": recipe.n_steps, "on_step": show}
        rng = torch.Generator().manual_seed(0)
        vocab = material.tokenizer.vocab
        return recipe.train(material.train, vocab, rng, **steps, **recipe.settings)


def write(name: str, model: Any, material: Material, folder: Path) -> float:
    """Write the model's file and enter it in the manifest; returns its bits per word."""
    recipe, path = RECIPES[name], folder / f"{name}.safetensors"
    tensors, sizes = KINDS[recipe.kind].take_apart(model)
    halves = {key: tensor.half() for key, tensor in tensors.items()}
    rounded = KINDS[recipe.kind].put_together(
        {key: half.float() for key, half in halves.items()}, sizes
    )
    tokenizer = material.tokenizer.to_settings()
    tokenizer.pop("pieces", None)  # the words of the vocabulary, which has its own place
    bits = recipe.score(rounded, material)
    settings = {"tokenizer": tokenizer, "unit": "line", "model": sizes, "bits_per_word": bits}
    folder.mkdir(parents=True, exist_ok=True)
    save_model(ModelFile(recipe.kind, halves, material.tokenizer.vocab, settings), path)
    if folder == checkpoints.FOLDER:
        manifest.record(folder.parent, [path])
    return bits


def compare(name: str, bits: float, expected: float) -> None:
    """Raise CourseError if a model trained anew is not as good as the file says, or better."""
    found = _("{name}: {bits:.4f} bits per word, the file says {expected:.4f}")
    line = found.format(name=name, bits=bits, expected=expected)
    if abs(bits - expected) > TOLERANCE:
        raise CourseError(line)
    typer.echo(line)
