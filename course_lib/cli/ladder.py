"""`course ladder`: train the language models on Riverbank and place them above the floor.

With --phenomena also: what each of them has learnt.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor

from course_lib.data import riverbank
from course_lib.data.riverbank import PHENOMENA, minimal_pairs
from course_lib.display.plots import ladder as draw_ladder
from course_lib.display.style import save, use_style
from course_lib.evaluation.ladder import Rung, Scorer, ladder
from course_lib.evaluation.metrics import Estimate
from course_lib.evaluation.phenomena import phenomena_table
from course_lib.i18n import _
from course_lib.models.hmm import HMM
from course_lib.models.ngram import NGramModel
from course_lib.text.vocab import Vocab
from course_lib.training.recipes import gpt_riverbank, lstm_riverbank

Fit = Callable[[list[Tensor], int, torch.Generator], Scorer]


def _ngram(order: int) -> Fit:
    return lambda texts, size, _rng: NGramModel(order, "modified-kneser-ney").fit(texts, size)


def _hmm(n_states: int) -> Fit:
    def fit(texts: list[Tensor], size: int, rng: torch.Generator) -> HMM:
        model = HMM(n_states, size)
        model.fit(texts, n_steps=40, rng=rng, add_k=0.01)
        return model

    return fit


MODELS: dict[str, Fit] = {  # a rung per model, in the order of the lectures
    "unigram": _ngram(1),
    "bigram": _ngram(2),
    "trigram": _ngram(3),
    "5-gram": _ngram(5),
    "HMM, 50 states": _hmm(50),
    "LSTM": lstm_riverbank,
    "GPT": gpt_riverbank,
}
N_PAIRS = 200  # of each phenomenon
FRESH = 100  # the seed of fresh stories


def show_ladder(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help=_("also draw it: a file .svg or .png"))
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help=_("for the models that start at random"))] = 0,
    stories: Annotated[
        int | None, typer.Option(min=1, help=_("train on so many fresh stories instead"))
    ] = None,
    phenomena: Annotated[
        bool, typer.Option("--phenomena", help=_("also show what each model has learnt"))
    ] = False,
) -> None:
    """Train on Riverbank's train part, score on its test part, in bits per word."""
    console = Console()
    vocab = Vocab(riverbank.vocabulary())
    told = riverbank.sample(stories, FRESH) if stories else riverbank.load("train")
    train, test = (
        [vocab.encode(story.words) for story in part] for part in (told, riverbank.load("test"))
    )
    models = {}
    for name, fit in MODELS.items():
        with console.status(_("training: {name}").format(name=name)):
            models[name] = fit(train, len(vocab), torch.Generator().manual_seed(seed))
    with console.status(_("scoring")):
        truth = [torch.tensor(riverbank.log_probs(s.words)) for s in riverbank.load("test")]
        rungs = ladder(models, test, truth)
    console.print(ladder_table(rungs))
    if phenomena:
        with console.status(_("scoring")):
            pairs = {name: minimal_pairs(name, N_PAIRS, seed=0) for name in PHENOMENA}
            console.print(accuracy_table(phenomena_table(models, pairs, vocab)))
    if out is not None:
        use_style()
        save(draw_ladder(rungs), out)
        console.print(_("drawn: {path}").format(path=out))


def accuracy_table(accuracy: Mapping[str, Mapping[str, Estimate]]) -> Table:
    """One line per phenomenon, one column per model: how often the right word is likelier."""
    table = Table(_("phenomenon"), *next(iter(accuracy.values())))
    for column in table.columns[1:]:
        column.justify = "right"
    for name, models in accuracy.items():
        table.add_row(name, *(f"{estimate.value:.2f}" for estimate in models.values()))
    return table


def ladder_table(rungs: list[Rung]) -> Table:
    """One line per rung, with standard errors over the stories."""
    table = Table(_("model"), _("bits per word"), _("above the floor"))
    for column in table.columns[1:]:
        column.justify = "right"
    for rung in rungs:
        gap = "" if rung.gap is None else f"{rung.gap.value:.3f} ± {rung.gap.standard_error:.3f}"
        table.add_row(rung.name, f"{rung.bits_per_word:.3f} ± {rung.standard_error:.3f}", gap)
    return table
