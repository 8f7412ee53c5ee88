"""One run of `course train` for a neural language model: from text files to a model file."""

import copy
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import torch
import typer
from rich.console import Console
from torch import Tensor

from course_lib.cli import model_kinds
from course_lib.cli.devices import find_device
from course_lib.cli.model_kinds import Trained
from course_lib.cli.texts import TextFiles, check_writable, choice
from course_lib.data.batching import window_batches
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.modern_gpt import ModernGPT
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.models.rnn import RecurrentLM
from course_lib.text.fast import train_bpe
from course_lib.text.packed import PackedTexts
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import CharacterTokenizer, WordTokenizer
from course_lib.training.checkpoint import Checkpoints, read_checkpoint
from course_lib.training.config import PRECISIONS
from course_lib.training.loop import LossFn, TrainConfig, train
from course_lib.training.objectives import next_token_loss
from course_lib.training.progress import progress
from course_lib.training.recipes import target_counts

TOKENIZERS = ("bpe", "words", "characters")
N_TIMED = 12  # steps that are timed to find how many fit into the minutes

Network = RecurrentLM | ModernGPT | PretrainingBERT | ModernTranslator


class Material(NamedTuple):
    """What a model learns from: a loss, and endless batches, the same ones at each call."""

    loss_fn: LossFn
    batches: Callable[[], Iterator[Any]]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user asked for; the names are those of the command's options."""

    kind: str  # a key of model_kinds.KINDS
    texts: list[Path]
    out: Path
    tokenizer: str
    vocab_size: int
    unit: str
    context: int
    batch_tokens: int
    steps: int | None
    minutes: float | None
    lr: float
    seed: int
    device: str
    precision: str
    compile: bool
    resume: bool
    checkpoint_every: int

    @classmethod
    def of(cls, values: Mapping[str, Any], **others: Any) -> "Options":
        """From the arguments of a command, those that are the model's own left out."""
        names = {field.name for field in fields(cls)}
        return cls(**{**{k: v for k, v in values.items() if k in names}, **others})

    @property
    def checkpoint(self) -> Path:
        return self.out.with_suffix(".checkpoint")

    @property
    def record(self) -> Path:
        return self.out.with_suffix(".losses.csv")


def run(make: Callable[[int, torch.Generator], RecurrentLM | ModernGPT], options: Options) -> None:
    """Read, train, write. `make` builds the model for a number of tokens.

    Raises CourseError for whatever the user can mend.
    """
    check(options)
    texts = TextFiles(options.texts, options.unit)
    with Console(stderr=True).status(_("reading ...")):
        tokenizer = make_tokenizer(texts, options.tokenizer, options.vocab_size)
        ids = texts.encode(tokenizer)
    device, rng = find_device(options.device), torch.Generator().manual_seed(options.seed)
    model = make(len(tokenizer), rng)
    model.set_unigram(target_counts(ids, len(tokenizer)))
    model.to(device)
    material = Material(next_token_loss, lambda: batches(ids, options))
    train_and_save(model, material, tokenizer, options)
    message = _("{n} texts, {tokens} tokens of {types} kinds, {weights} weights -> {out}")
    n_weights = sum(weight.numel() for weight in model.parameters())
    sizes = {"n": len(ids), "tokens": len(ids.words), "types": len(tokenizer)}
    typer.echo(message.format(weights=n_weights, out=options.out, **sizes))


def train_and_save(
    model: Network, material: Material, tokenizer: Tokenizer, options: Options
) -> None:
    """For as many steps as were asked for, or fit into the minutes."""
    cfg = settings(options, n_steps(options, model, material))
    learn(model, material, tokenizer, cfg, options)
    finished: Any = model.cpu().eval()  # a language model, or one of model_kinds.OTHERS
    model_kinds.save(options.kind, Trained(finished, tokenizer, options.unit), options.out)
    options.checkpoint.unlink(missing_ok=True)


def check(options: Options) -> None:
    """Refuse, before any work, what cannot go well."""
    check_writable(options.out)
    choice(options.tokenizer, TOKENIZERS, _("tokenizer"))
    choice(options.precision, PRECISIONS, _("precision"))
    if options.steps is not None and options.minutes is not None:
        raise CourseError(_("give either --steps or --minutes, not both"))
    if options.minutes is not None and options.minutes <= 0:
        raise CourseError(_("--minutes must be more than 0"))
    if options.checkpoint.exists() and not options.resume:
        message = _("{path} is of a run that was not finished: add --resume, or delete it")
        raise CourseError(message.format(path=options.checkpoint))


def make_tokenizer(
    texts: Iterable[str], name: str, vocab_size: int, special: Sequence[str] = ()
) -> Tokenizer:
    """Learn a tokenizer from the texts; `name`: one of TOKENIZERS."""
    if name == "characters":
        return CharacterTokenizer.train(texts, special)
    if name == "words":
        return WordTokenizer.train(texts, vocab_size, special, False, "words")
    return train_bpe(texts, vocab_size, special)


def settings(options: Options, n_steps: int) -> TrainConfig:
    """Muon for the matrices of Transformers; AdamW for all else."""
    muon = options.kind in ("gpt", "bert", "translator")
    return TrainConfig(
        n_steps=n_steps,
        lr=options.lr,
        lr_matrices=options.lr,
        n_warmup=n_steps // 50,
        optimizer="muon" if muon else "adamw",
        weight_decay=0.1 if options.kind == "gpt" else 0.01,
        betas=(0.9, 0.99),
        precision=options.precision,
        compile=options.compile,
    )


def batches(ids: PackedTexts, options: Options) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless; the seed alone decides their order, whatever else is random."""
    rng = torch.Generator().manual_seed(options.seed)
    start, end = Vocab.start_id, Vocab.end_id
    return window_batches(ids, options.context, options.batch_tokens, rng, start, end)


def n_steps(options: Options, model: Network, material: Material) -> int:
    """As asked for; for --minutes, as many as fit, found by timing a few on a copy of the model.

    A resumed run keeps the number it began with.
    """
    if options.minutes is None:
        return options.steps or 1000
    if options.checkpoint.exists():
        return int(read_checkpoint(options.checkpoint).settings["n_steps"])
    times: list[float] = []

    def on_step(_step: int, loss: Tensor) -> None:
        loss.item()  # so that a GPU has done the step
        times.append(time.monotonic())

    cfg, trial = settings(options, N_TIMED), copy.deepcopy(model)
    train(trial, material.loss_fn, material.batches(), cfg, on_step)
    n_first = N_TIMED // 3  # slower than the rest: memory is fetched, operations are compiled
    seconds = (times[-1] - times[n_first]) / (N_TIMED - 1 - n_first)
    found = max(1, int(options.minutes * 60 / seconds))
    typer.echo(_("{n} steps fit into {m:g} minutes").format(n=found, m=options.minutes), err=True)
    return found


def learn(
    model: Network, material: Material, tokenizer: Tokenizer, cfg: TrainConfig, options: Options
) -> None:
    """Train, with checkpoints; Ctrl-C ends the command and says how to go on."""
    facts = {
        "kind": options.kind,
        "texts": fingerprint(TextFiles(options.texts, options.unit)),
        "tokenizer": fingerprint([json.dumps(tokenizer.to_settings())]),
        **asdict(model.cfg),
        "seed": options.seed,
        "context": options.context,
        "batch_tokens": options.batch_tokens,
    }
    saved = Checkpoints(path=options.checkpoint, every=options.checkpoint_every, settings=facts)
    torch.manual_seed(options.seed)  # dropout's
    rows = material.batches()
    try:
        with progress(cfg.n_steps) as on_step:
            record = options.record
            loss_fn = material.loss_fn
            train(model, loss_fn, rows, cfg, on_step, checkpoints=saved, record=record)
    except KeyboardInterrupt:
        typer.echo(how_to_go_on(options), err=True)
        raise typer.Exit(130) from None


def how_to_go_on(options: Options) -> str:
    """What Ctrl-C leaves behind."""
    if not options.checkpoint.exists():
        return _("stopped before the first checkpoint: nothing is kept")
    n_done = read_checkpoint(options.checkpoint).n_done
    message = _(
        "stopped; the first {n} steps are in {path}: the same command with --resume goes on"
    )
    return message.format(n=n_done, path=options.checkpoint)


def fingerprint(texts: Iterable[str]) -> str:
    """A short name for these texts in this order; other texts have another one."""
    found = hashlib.sha256()
    for text in texts:
        found.update(text.encode() + b"\n\n")
    return found.hexdigest()[:16]
