"""`course train rnn | gru | lstm | gpt | bert`: networks from a user's own text files."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import torch
import typer

from course_lib.cli.bert_run import run_bert, sizes_of
from course_lib.cli.devices import Device
from course_lib.cli.network_run import Options, run
from course_lib.cli.training import Seed, Texts, train
from course_lib.i18n import _
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.rnn import CELLS, RecurrentConfig, RecurrentLM

__all__ = ["train"]

Out = Annotated[Path | None, typer.Option("--out", "-o", help=_("the file to write the model to"))]
TokenizerName = Annotated[
    str, typer.Option("--tokenizer", help=_("what a token is: bpe, words or characters"))
]
VocabSize = Annotated[int, typer.Option(min=5, help=_("how many tokens there are, at most"))]
Unit = Annotated[str, typer.Option(help=_("what one text is: a line or a paragraph"))]
Size = Annotated[int, typer.Option(min=1, help=_("width of the model"))]
Layers = Annotated[int, typer.Option(min=1, help=_("how many layers"))]
Dropout = Annotated[float, typer.Option(help=_("share of numbers left out in training"))]
Context = Annotated[int, typer.Option(min=1, help=_("tokens read at once; longer texts are cut"))]
BatchTokens = Annotated[int, typer.Option(min=1, help=_("tokens in a batch"))]
Steps = Annotated[int | None, typer.Option(min=1, help=_("how many steps of training [1000]"))]
Minutes = Annotated[
    float | None, typer.Option(help=_("instead of --steps: as many as fit into this time"))
]
Rate = Annotated[float, typer.Option("--lr", help=_("the highest learning rate"))]
PrecisionName = Annotated[
    str, typer.Option("--precision", help=_("float32, bfloat16, or float16 on a GPU"))
]
Compile = Annotated[bool, typer.Option("--compile", help=_("let torch.compile make it faster"))]
Resume = Annotated[bool, typer.Option("--resume", help=_("go on from the last checkpoint"))]
Every = Annotated[
    int, typer.Option("--checkpoint-every", min=1, help=_("steps between two checkpoints"))
]


def _train_recurrent(cell: str) -> Callable[..., None]:
    """The command for one kind of cell."""

    def command(
        texts: Texts,
        out: Out = None,
        tokenizer: TokenizerName = "bpe",
        vocab_size: VocabSize = 1000,
        unit: Unit = "line",
        size: Size = 256,
        layers: Layers = 1,
        dropout: Dropout = 0.1,
        context: Context = 128,
        batch_tokens: BatchTokens = 2048,
        steps: Steps = None,
        minutes: Minutes = None,
        lr: Rate = 0.005,
        seed: Seed = 0,
        device: Device = "auto",
        precision: PrecisionName = "float32",
        compile: Compile = False,
        resume: Resume = False,
        checkpoint_every: Every = 200,
    ) -> None:
        options = Options.of(locals(), kind="recurrent", out=out or Path(f"{cell}.safetensors"))

        def make(n_tokens: int, rng: torch.Generator) -> RecurrentLM:
            sizes = {"d_embedding": size, "d_hidden": size, "n_layers": layers}
            cfg = RecurrentConfig(vocab_size=n_tokens, cell=cell, dropout=dropout, **sizes)
            return RecurrentLM(cfg, rng)

        run(make, options)

    return command


for _cell in CELLS:
    train.command(_cell, help=_("Train a recurrent language model of this kind."))(
        _train_recurrent(_cell)
    )


@train.command("gpt")
def train_gpt(
    texts: Texts,
    out: Out = Path("gpt.safetensors"),
    tokenizer: TokenizerName = "bpe",
    vocab_size: VocabSize = 1000,
    unit: Unit = "line",
    size: Size = 128,
    layers: Layers = 2,
    heads: Annotated[int, typer.Option(min=1, help=_("attention heads in each layer"))] = 4,
    dropout: Dropout = 0.1,
    context: Context = 128,
    batch_tokens: BatchTokens = 2048,
    steps: Steps = None,
    minutes: Minutes = None,
    lr: Rate = 0.02,
    seed: Seed = 0,
    device: Device = "auto",
    precision: PrecisionName = "float32",
    compile: Compile = False,
    resume: Resume = False,
    checkpoint_every: Every = 200,
) -> None:
    """Train a GPT, with rotary positions and Muon, on your own text files."""
    options = Options.of(locals(), kind="gpt")

    def make(n_tokens: int, rng: torch.Generator) -> ModernGPT:
        sizes = {"d_model": size, "n_heads": heads, "n_layers": layers, "context_length": context}
        cfg = TransformerConfig(vocab_size=n_tokens, dropout=dropout, **sizes)
        return ModernGPT(cfg, rng=rng)

    run(make, options)


@train.command("bert")
def train_bert(
    texts: Texts,
    out: Out = Path("bert.safetensors"),
    tokenizer: TokenizerName = "bpe",
    vocab_size: VocabSize = 2000,
    unit: Unit = "paragraph",
    size: Size = 128,
    layers: Layers = 3,
    heads: Annotated[int, typer.Option(min=1, help=_("attention heads in each layer"))] = 4,
    dropout: Dropout = 0.0,
    context: Context = 256,
    row: Annotated[
        int, typer.Option(min=8, help=_("tokens in a row of pre-training, at most"))
    ] = 128,
    batch_tokens: BatchTokens = 2048,
    steps: Steps = None,
    minutes: Minutes = None,
    lr: Rate = 0.01,
    seed: Seed = 0,
    device: Device = "auto",
    precision: PrecisionName = "float32",
    compile: Compile = False,
    resume: Resume = False,
    checkpoint_every: Every = 200,
) -> None:
    """Pre-train an encoder on your own text: guess hidden words, and which text follows which.

    `course train classifier`, `tagger` and `answerer` go on from it: --from.
    """
    options = Options.of(locals(), kind="bert")
    sizes = {"d_model": size, "n_heads": heads, "n_layers": layers, "context_length": context}
    run_bert(sizes_of(dropout, **sizes), min(row, context), options)
