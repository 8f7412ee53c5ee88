"""`course classify`, `course tag` and `course answer`: trained models on a user's own texts."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli import answerer, classifier, tagger, task_models
from course_lib.cli.asked_files import read_questions
from course_lib.cli.devices import Device, find_device
from course_lib.cli.labelled_files import Row, is_table, plain_rows, read_rows
from course_lib.cli.tagged_files import Sentence, has_tags, split_sentences
from course_lib.cli.task_models import TaskModel
from course_lib.cli.texts import STDIN, lines_of
from course_lib.data.corpora.records import Question
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines, read_text
from course_lib.text.words import words

ModelPath = Annotated[Path, typer.Argument(help=_("a file of `course train`"))]
Texts = Annotated[
    list[Path] | None, typer.Argument(help=_("files (UTF-8); standard input if none is named"))
]


def classify(model: ModelPath, texts: Texts = None, device: Device = "auto") -> None:
    """Label texts: of each, the label, how likely it is, and the text.

    CSV, TSV and JSONL files have columns as in training; in other files each line is a text, or a
    pair with a tab between. If the file has labels, the measures follow on standard error.
    """
    task = _load(model, "classifier", device)
    rows = _rows(task, texts or [])
    found = classifier.classify(task, rows)
    for row, said in zip(rows, found, strict=True):
        parts = (
            [said.label] if said.probability is None else [said.label, f"{said.probability:.3f}"]
        )
        shown = [" ".join(part.split()) for part in (row.text, row.second) if part is not None]
        typer.echo("\t".join([*parts, *shown]))
    if all(row.label is not None for row in rows):
        if not task.labels:
            classifier.has_numbers(rows, "numbers")
        _measures(classifier.report(task, rows, found))


def tag(model: ModelPath, texts: Texts = None, device: Device = "auto") -> None:
    """Tag words: each with its tag on a line, blank lines between sentences.

    .conll files have one word in each line; in other files each line is a text, whose words are
    found as in English. If a .conll file has tags, the measures follow on standard error.
    """
    task = _load(model, "tagger", device)
    sentences = [sentence for path in texts or [Path(STDIN)] for sentence in _sentences(path)]
    if not sentences:
        raise CourseError(_("there are no words to tag"))
    found = tagger.tag(task, [sentence.words for sentence in sentences])
    for sentence, tags in zip(sentences, found, strict=True):
        for word, tag_of_it in zip(sentence.words, tags, strict=True):
            typer.echo(f"{word}\t{tag_of_it}")
        typer.echo("")
    if all(len(s.tags) == len(s.words) for s in sentences):
        _measures(tagger.report(task, sentences, found))


def answer(
    model: ModelPath,
    texts: Texts = None,
    question: Annotated[
        str | None, typer.Option("--question", "-q", help=_("ask this of each text"))
    ] = None,
    device: Device = "auto",
) -> None:
    """Answer questions by a piece of a passage: one answer in each line, empty if there is none.

    Files are as in training; with --question they are passages. If they hold answers, the measures
    follow on standard error.
    """
    task = _load(model, "answerer", device)
    if question is not None:
        passages = [_text(path) for path in texts or [Path(STDIN)]]
        questions = [Question(question, passage, (), "") for passage in passages]
    elif texts:
        questions = read_questions(texts, answered=False)
    else:
        raise CourseError(_("name a file of questions, or ask one: --question"))
    said = answerer.answer(task, questions)
    for piece in said:
        typer.echo(" ".join(piece.split()))
    if any(q.answers for q in questions):
        _measures(answerer.report(task, questions, said))


def _load(path: Path, kind: str, device: str) -> TaskModel:
    task = task_models.load(path, kind)
    task.model.to(find_device(device))
    return task


def _rows(task: TaskModel, paths: list[Path]) -> list[Row]:
    """The texts to classify. Raises CourseError if the model needs numbers, and has none."""
    if paths and all(is_table(path) for path in paths):
        return read_rows(paths, task.columns, labelled=False)
    if task.columns.numbers:
        message = _("the model reads numbers, too: give a CSV or JSONL file with {names}")
        raise CourseError(message.format(names=", ".join(task.columns.numbers)))
    rows = [row for path in paths or [Path(STDIN)] for row in plain_rows(lines_of(path), str(path))]
    if not rows:
        raise CourseError(_("there is no text to classify"))
    return rows


def _sentences(path: Path) -> Iterator[Sentence]:
    if path.suffix.lower() in (".conll", ".conllu", ".bio"):
        yield from split_sentences(read_lines(path), str(path), has_tags(path))
        return
    for line in lines_of(path):
        if found := words(line, lower=False):
            yield Sentence(found, [])


def _text(path: Path) -> str:
    return sys.stdin.read() if str(path) == STDIN else read_text(path)


def _measures(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line, err=True)
