"""`course train translator`: from a user's own pairs of texts."""

from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli.devices import Device
from course_lib.cli.network_run import Options
from course_lib.cli.networks import (
    BatchTokens,
    Compile,
    Context,
    Dropout,
    Every,
    Layers,
    Minutes,
    PrecisionName,
    Rate,
    Resume,
    Size,
    Steps,
    TokenizerName,
    VocabSize,
)
from course_lib.cli.tasks import Dev, DevShare, train
from course_lib.cli.training import Seed
from course_lib.cli.translator_run import run_translator
from course_lib.i18n import _

__all__ = ["train"]

Pairs = Annotated[
    list[Path], typer.Argument(help=_("files (UTF-8): in each line a text, a tab, its translation"))
]


@train.command("translator")
def train_translator(
    pairs: Pairs,
    out: Annotated[
        Path, typer.Option("--out", "-o", help=_("the file to write the model to"))
    ] = Path("translator.safetensors"),
    dev: Dev = None,
    dev_share: DevShare = 0.05,
    tokenizer: TokenizerName = "bpe",
    vocab_size: VocabSize = 4000,
    size: Size = 128,
    layers: Layers = 2,
    heads: Annotated[int, typer.Option(min=1, help=_("attention heads in each layer"))] = 4,
    dropout: Dropout = 0.1,
    label_smoothing: Annotated[
        float, typer.Option(min=0.0, max=0.99, help=_("share of certainty given to all tokens"))
    ] = 0.1,
    context: Context = 128,
    batch_tokens: BatchTokens = 1024,
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
    """Learn to translate, or to write whatever stands behind the tab: a summary, an answer.

    Both sides share their subwords. At the end the model is measured on pairs that were set aside:
    BLEU and chrF, as sacrebleu has them.
    """
    options = Options.of(locals(), kind="translator", texts=pairs, unit="line")
    sizes = {"d_model": size, "n_heads": heads, "n_layers": layers, "context_length": context}
    run_translator(sizes, dropout, label_smoothing, dev, dev_share, options)
