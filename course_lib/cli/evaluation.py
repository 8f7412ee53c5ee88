"""`course evaluate`: how well a trained language model predicts a user's own text."""

import math
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from torch import nn

from course_lib.cli import model_kinds
from course_lib.cli.devices import Device, find_device
from course_lib.cli.model_kinds import Trained
from course_lib.cli.texts import TextFiles, choice
from course_lib.cli.training import Texts
from course_lib.errors import CourseError
from course_lib.evaluation.metrics import Estimate, bits_from_totals
from course_lib.i18n import _
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import WordTokenizer, words_of
from course_lib.text.words import SPLITTERS

N_AT_ONCE = 200_000  # tokens scored at a time

ModelPath = Annotated[Path, typer.Argument(help=_("a file of `course train`, or an .arpa file"))]
Split = Annotated[
    str | None,
    typer.Option(help=_("words, characters or spaces; without it, as the model was trained")),
]


def load_for(model: Path, split: str | None, device: str) -> Trained:
    """The model with its tokenizer, on the device; words are found in another way if one is given.

    Raises CourseError if the model has no words to find, but pieces of its own.
    """
    trained = model_kinds.load(model)
    if isinstance(trained.model, nn.Module):
        trained.model.to(find_device(device))
    if split is None:
        return trained
    choice(split, tuple(SPLITTERS), _("way to split texts"))
    if not isinstance(trained.tokenizer, WordTokenizer):
        raise CourseError(_("{path} has a tokenizer of its own: no --split").format(path=model))
    return trained._replace(tokenizer=words_of(trained.vocab, split))


def evaluate(model: ModelPath, texts: Texts, split: Split = None, device: Device = "auto") -> None:
    """Bits per token and per character on text files; the end of a text counts as either."""
    trained = load_for(model, split, device)
    files = TextFiles(texts, trained.unit)
    ids = files.encode(trained.tokenizer)
    nats: list[float] = []
    with Console(stderr=True).status(_("scoring {n} texts ...").format(n=len(ids))):
        for batch in ids.batches(N_AT_ONCE):
            nats += [-log_probs.sum().item() for log_probs in trained.model.log_probs(batch)]
    bits = bits_from_totals(nats, (ids.lengths + 1).tolist())
    n_unknown = int((ids.words == Vocab.unk_id).sum())
    typer.echo(_("texts               {n}").format(n=len(ids)))
    typer.echo(_("tokens              {n}").format(n=len(ids.words)))
    typer.echo(_("unknown tokens      {share:.2%}").format(share=n_unknown / len(ids.words)))
    typer.echo(_("bits per token      {bits}").format(bits=bits))
    typer.echo(_("bits per character  {bits:.3f}").format(bits=_per_character(nats, files)))
    typer.echo(_("perplexity          {perplexity:.2f}").format(perplexity=_perplexity(bits)))
    if bits.value == float("inf"):
        typer.echo(_("The text has something that the model holds for impossible."))


def _per_character(nats: list[float], files: TextFiles) -> float:
    return sum(nats) / math.log(2) / files.n_characters()


def _perplexity(bits: Estimate) -> float:
    """Infinite from about 1,000 bits per token."""
    return float(2**bits.value) if bits.value < 1000 else math.inf
