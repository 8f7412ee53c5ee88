"""`course checkpoints`: the trained models that come with the course, and how they were made."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor

from course_lib.cli.model_kinds import KINDS, words_of
from course_lib.data import manifest, riverbank
from course_lib.errors import CourseError
from course_lib.evaluation.metrics import bits_per_word
from course_lib.i18n import _
from course_lib.models import checkpoints
from course_lib.models.model_file import ModelFile, save_model
from course_lib.text.vocab import Vocab
from course_lib.training.recipes import gpt_riverbank, lstm_riverbank

TOLERANCE = 0.01  # bits per word: what another processor's rounding may come to in a whole run

checkpoints_app = typer.Typer(
    add_completion=False, no_args_is_help=True, help=_("the trained models of data/checkpoints")
)


class Recipe(NamedTuple):
    """How a model is made: train(texts, vocab_size, rng, n_steps=..., on_step=...)."""

    kind: str  # a key of model_kinds.KINDS
    train: Callable[..., Any]
    n_steps: int
    n_stories: int  # fresh ones, beside which the train part is small
    settings: dict[str, int]


RECIPES = {
    "gpt_riverbank": Recipe("gpt", gpt_riverbank, 10_000, 100_000, {"d_model": 128}),
    "lstm_riverbank": Recipe("recurrent", lstm_riverbank, 2_400, 20_000, {}),
}
SEED = 100  # of the stories; the first weights and the order of the stories have seed 0


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
        gap = shipped.bits_per_word / floor - 1
        table.add_row(name, f"{size:,}", f"{shipped.bits_per_word:.3f}", f"{gap:.1%}")
    Console().print(table)


@checkpoints_app.command("build")
def build(
    name: Annotated[str, typer.Argument(help=", ".join(RECIPES))],
    check: Annotated[
        bool, typer.Option("--check", help=_("train, and compare with the file; write nothing"))
    ] = False,
    folder: Annotated[Path, typer.Option(hidden=True)] = checkpoints.FOLDER,
) -> None:
    """Train a model anew, in some minutes, and write its file, or compare with it."""
    if name not in RECIPES:
        message = _("there is no model {name!r}; choose one of: {names}")
        raise CourseError(message.format(name=name, names=", ".join(RECIPES)))
    expected = checkpoints.load(name, folder).bits_per_word if check else None
    vocab, model = train(RECIPES[name])
    if expected is None:
        bits = write(name, model, vocab, folder)
        typer.echo(_("{name}: {bits:.4f} bits per word").format(name=name, bits=bits))
    else:
        compare(name, score(model, vocab), expected)


def train(recipe: Recipe) -> tuple[Vocab, Any]:
    """A model made by the recipe, on one thread: there more would mostly wait for each other."""
    vocab = Vocab(riverbank.vocabulary())
    texts = [vocab.encode(story.words) for story in riverbank.sample(recipe.n_stories, SEED)]
    with Console(stderr=True).status(_("training ...")) as status:

        def show(step: int, _loss: Tensor) -> None:
            message = _("training: step {step} of {n}")
            status.update(message.format(step=step + 1, n=recipe.n_steps))

        rng = torch.Generator().manual_seed(0)
        model = recipe.train(
            texts, len(vocab), rng, n_steps=recipe.n_steps, on_step=show, **recipe.settings
        )
    return vocab, model


def write(name: str, model: Any, vocab: Vocab, folder: Path) -> float:
    """Write the model's file and enter it in the manifest; returns its bits per word."""
    recipe, path = RECIPES[name], folder / f"{name}.safetensors"
    tensors, sizes = KINDS[recipe.kind].take_apart(model)
    halves = {key: tensor.half() for key, tensor in tensors.items()}
    rounded = KINDS[recipe.kind].put_together(
        {key: half.float() for key, half in halves.items()}, sizes
    )
    tokenizer = words_of(vocab, "spaces").to_settings()
    tokenizer.pop("pieces")  # the words of the vocabulary, which has its own place
    bits = score(rounded, vocab)
    settings = {"tokenizer": tokenizer, "unit": "line", "model": sizes, "bits_per_word": bits}
    folder.mkdir(parents=True, exist_ok=True)
    save_model(ModelFile(recipe.kind, halves, vocab, settings), path)
    if folder == checkpoints.FOLDER:
        manifest.record(folder.parent, [path])
    return bits


def score(model: Any, vocab: Vocab) -> float:
    """Bits per word on Riverbank's dev part."""
    texts = [vocab.encode(story.words) for story in riverbank.load("dev")]
    return bits_per_word(model.log_probs(texts)).value


def compare(name: str, bits: float, expected: float) -> None:
    """Raise CourseError if a model trained anew is not as good as the file says, or better."""
    found = _("{name}: {bits:.4f} bits per word, the file says {expected:.4f}")
    line = found.format(name=name, bits=bits, expected=expected)
    if abs(bits - expected) > TOLERANCE:
        raise CourseError(line)
    typer.echo(line)
