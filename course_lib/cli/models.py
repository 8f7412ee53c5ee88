"""`course evaluate` and `course generate`: trained language models on a user's own text."""

from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from torch import Tensor

from course_lib.cli import model_kinds
from course_lib.cli.texts import TextFiles, join, splitter
from course_lib.cli.training import Seed, Texts, train
from course_lib.errors import CourseError
from course_lib.evaluation.metrics import bits_from_totals
from course_lib.i18n import _
from course_lib.inference import decoding
from course_lib.text.packed import PackedTexts
from course_lib.text.vocab import Vocab

__all__ = ["evaluate", "generate", "train"]

N_AT_ONCE = 200_000  # words scored at a time

ModelPath = Annotated[Path, typer.Argument(help=_("a file of `course train`, or an .arpa file"))]


Split = Annotated[
    str | None,
    typer.Option(help=_("words, characters or spaces; without it, as the model was trained")),
]


def evaluate(model: ModelPath, texts: Texts, split: Split = None) -> None:
    """Bits per word and perplexity of a trained model on text files; </s> counts as a word."""
    trained = model_kinds.load(model)
    ids = TextFiles(texts, split or trained.splitter).encode(trained.vocab)
    nats: list[float] = []
    with Console(stderr=True).status(_("scoring {n} texts ...").format(n=len(ids))):
        for batch in ids.batches(N_AT_ONCE):
            nats += [-log_probs.sum().item() for log_probs in trained.model.log_probs(batch)]
    bits = bits_from_totals(nats, (ids.lengths + 1).tolist())
    n_unknown = int((ids.words == Vocab.unk_id).sum())
    typer.echo(_("texts            {n}").format(n=len(ids)))
    typer.echo(_("words            {n}").format(n=len(ids.words)))
    typer.echo(_("unknown words    {share:.2%}").format(share=n_unknown / len(ids.words)))
    typer.echo(_("bits per word    {bits}").format(bits=bits))
    typer.echo(_("perplexity       {perplexity:.2f}").format(perplexity=2**bits.value))
    if bits.value == float("inf"):
        typer.echo(_("The text has something that the model holds for impossible."))


def generate(
    model: ModelPath,
    prompt: Annotated[str, typer.Option(help=_("how the text begins"))] = "",
    n: Annotated[int, typer.Option("--n", min=1, help=_("how many texts"))] = 5,
    max_words: Annotated[int, typer.Option(min=1, help=_("words to add at most"))] = 50,
    temperature: Annotated[
        float, typer.Option(help=_("below 1: likelier words; 0: always the likeliest"), min=0.0)
    ] = 1.0,
    top_k: Annotated[int | None, typer.Option(min=1, help=_("only the k likeliest words"))] = None,
    top_p: Annotated[
        float | None, typer.Option(help=_("only the likeliest words that make up this share"))
    ] = None,
    split: Split = None,
    seed: Seed = 0,
) -> None:
    """Let a trained language model write, one text a line."""
    trained = model_kinds.load(model)
    rng = torch.Generator().manual_seed(seed)

    def choose(logits: Tensor) -> Tensor:
        unknown = torch.tensor([Vocab.unk_id], device=logits.device)
        logits = logits.index_fill(1, unknown, -torch.inf)  # nobody wants to read <unk>
        if (logits == -torch.inf).all(dim=-1).any():
            raise CourseError(_("the model knows nothing to follow; begin with other words"))
        if temperature == 0:
            return decoding.greedy(logits)
        logits = decoding.temperature(logits, temperature)
        logits = logits if top_k is None else decoding.keep_top_k(logits, top_k)
        logits = logits if top_p is None else decoding.keep_top_p(logits, top_p)
        return decoding.sample(logits, rng)

    words = splitter(split or trained.splitter)(prompt)
    begin = PackedTexts.encode([words], trained.vocab)[0]
    ids = torch.cat([torch.tensor([Vocab.start_id]), begin]).repeat(n, 1)
    ids = decoding.generate(trained.model, ids, max_words, choose)
    for row in decoding.cut_at_end(ids[:, 1 + len(words) :], Vocab.end_id):
        typer.echo(join([*words, *trained.vocab.decode(row)], split or trained.splitter))
