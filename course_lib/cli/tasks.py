"""`course train classifier | tagger | answerer`: models for a task, from a user's own files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import torch
import typer

from course_lib.cli import answerer, classifier, tagger, task_models
from course_lib.cli.asked_files import read_questions
from course_lib.cli.devices import Device
from course_lib.cli.labelled_files import Columns, check_pairs, read_rows
from course_lib.cli.networks import train
from course_lib.cli.tagged_files import read_sentences
from course_lib.cli.task_models import TaskModel
from course_lib.cli.task_run import NewEncoder, TaskOptions, set_aside
from course_lib.cli.texts import choice
from course_lib.cli.training import Seed
from course_lib.i18n import _

__all__ = ["train"]

NEW = NewEncoder()
Item = TypeVar("Item")

Files = Annotated[list[Path], typer.Argument(help=_("files (UTF-8) to learn from"))]
Out = Annotated[Path | None, typer.Option("--out", "-o", help=_("the file to write the model to"))]
Dev = Annotated[Path | None, typer.Option(help=_("a file to test on, instead of --dev-share"))]
DevShare = Annotated[float, typer.Option(help=_("share of the texts set aside to test on"))]
From = Annotated[
    Path | None, typer.Option("--from", help=_("an encoder of `course train bert` to go on from"))
]
Freeze = Annotated[
    str, typer.Option(help=_("what stays as it is: none, all, or the first so many blocks"))
]
Steps = Annotated[
    int | None, typer.Option(min=1, help=_("steps of training [as many as 10 readings take]"))
]
Rate = Annotated[float, typer.Option("--lr", help=_("the highest learning rate"))]
BatchTokens = Annotated[int, typer.Option(min=1, help=_("tokens in a batch"))]
Tokenizer = Annotated[
    str | None, typer.Option(help=_("what a token is: bpe, words or characters [bpe]"))
]
VocabSize = Annotated[int | None, typer.Option(min=10, help=_("how many tokens, at most [2000]"))]
Size = Annotated[int | None, typer.Option(min=1, help=_("width of the model [128]"))]
Layers = Annotated[int | None, typer.Option(min=1, help=_("how many layers [2]"))]
Heads = Annotated[int | None, typer.Option(min=1, help=_("attention heads in each layer [4]"))]
Context = Annotated[int | None, typer.Option(min=8, help=_("tokens read at once [256]"))]
Dropout = Annotated[float | None, typer.Option(help=_("share of numbers left out [0.1]"))]
ColumnName = Annotated[str, typer.Option(help=_("the name of its column"))]


@train.command("classifier")
def train_classifier(
    files: Files,
    out: Out = None,
    text: ColumnName = "text",
    second: ColumnName = "second",
    label: ColumnName = "label",
    number: Annotated[
        list[str] | None, typer.Option(help=_("a column of numbers to read, too; may be repeated"))
    ] = None,
    target: Annotated[
        str, typer.Option(help=_("what the labels are: labels, numbers, or auto"))
    ] = "auto",
    pooling: Annotated[
        str, typer.Option(help=_("what stands for the text: class_token, or the mean of all"))
    ] = "mean",
    dev: Dev = None,
    dev_share: DevShare = 0.1,
    pretrained: From = None,
    freeze: Freeze = "none",
    tokenizer: Tokenizer = None,
    vocab_size: VocabSize = None,
    size: Size = None,
    layers: Layers = None,
    heads: Heads = None,
    context: Context = None,
    dropout: Dropout = None,
    steps: Steps = None,
    lr: Rate = 1e-3,
    batch_tokens: BatchTokens = 1024,
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    """Learn to label texts, or pairs of texts, from CSV, TSV or JSONL files.

    Columns: text, second (for pairs), label. Labels that are numbers, and not just 0 and 1, are
    predicted as numbers.
    """
    options = TaskOptions.of(locals(), Path("classifier.safetensors"))
    options.check()
    choice(target, classifier.TARGETS, _("target"))
    _classifier(Columns(text, second, label, tuple(number or ())), target, options)


@train.command("tagger")
def train_tagger(
    files: Files,
    out: Out = None,
    dev: Dev = None,
    dev_share: DevShare = 0.1,
    pretrained: From = None,
    freeze: Freeze = "none",
    tokenizer: Tokenizer = None,
    vocab_size: VocabSize = None,
    size: Size = None,
    layers: Layers = None,
    heads: Heads = None,
    context: Context = None,
    dropout: Dropout = None,
    steps: Steps = None,
    lr: Rate = 1e-3,
    batch_tokens: BatchTokens = 1024,
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    """Learn to tag words from CoNLL files: a word and its tag in each line, blank lines between.

    Tags such as B-PERSON, I-PERSON and O are taken for entities.
    """
    options = TaskOptions.of(locals(), Path("tagger.safetensors"))
    options.check()
    sentences = read_sentences(options.files, tagged=True)
    held = None if dev is None else read_sentences([dev], tagged=True)
    learnt, tested = _parts(sentences, held, options)
    task = tagger.train_tagger(learnt, options)
    found = tagger.tag(task, [sentence.words for sentence in tested])
    _finish(task, options, tagger.report(task, tested, found, learnt), len(learnt))


@train.command("answerer")
def train_answerer(
    files: Files,
    out: Out = None,
    dev: Dev = None,
    dev_share: DevShare = 0.1,
    pretrained: From = None,
    freeze: Freeze = "none",
    tokenizer: Tokenizer = None,
    vocab_size: VocabSize = None,
    size: Size = None,
    layers: Layers = None,
    heads: Heads = None,
    context: Context = None,
    dropout: Dropout = None,
    steps: Steps = None,
    lr: Rate = 1e-3,
    batch_tokens: BatchTokens = 1024,
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    """Learn to find answers in passages, from SQuAD's JSON or from JSONL.

    A line of JSONL: {"question": ..., "passage": ..., "answer": a piece of the passage or null}.
    """
    options = TaskOptions.of(locals(), Path("answerer.safetensors"))
    options.check()
    questions = read_questions(options.files, answered=True)
    held = None if dev is None else read_questions([dev], answered=True)
    learnt, tested = _parts(questions, held, options)
    task = answerer.train_answerer(learnt, options)
    said = answerer.answer(task, tested)
    _finish(task, options, answerer.report(task, tested, said, learnt), len(learnt))


def _classifier(columns: Columns, target: str, options: TaskOptions) -> None:
    """Read, learn, write, report."""
    rows = read_rows(options.files, columns, labelled=True)
    is_number = classifier.has_numbers(rows, target)
    if is_number and target == "auto":
        typer.echo(_("the labels are numbers to predict (else say --target labels)"), err=True)
    held = None if options.dev is None else read_rows([options.dev], columns, labelled=True)
    if held:
        check_pairs([rows[0], *held])
    if held and is_number:
        classifier.has_numbers(held, "numbers")
    labels = None if is_number else [str(row.label) for row in rows]
    learnt, tested = _parts(rows, held, options, labels)
    task = classifier.train_classifier(learnt, columns, is_number, options)
    lines = classifier.report(task, tested, classifier.classify(task, tested), learnt)
    _finish(task, options, lines, len(learnt))


def _parts(
    items: Sequence[Item],
    held: Sequence[Item] | None,
    options: TaskOptions,
    labels: Sequence[str] | None = None,
) -> tuple[Sequence[Item], Sequence[Item]]:
    """What to learn from, and what to test on."""
    if held is not None:
        return items, held
    rng = torch.Generator().manual_seed(options.seed)
    learnt, tested = set_aside(len(items), options.dev_share, rng, labels)
    return [items[i] for i in learnt], [items[i] for i in tested]


def _finish(task: TaskModel, options: TaskOptions, lines: Sequence[str], n: int) -> None:
    task_models.save(task, options.out)
    message = _("learnt from       {n} -> {out}")
    typer.echo(message.format(n=n, out=options.out))
    for line in lines:
        typer.echo(line)
