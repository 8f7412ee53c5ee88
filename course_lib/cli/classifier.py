"""A classifier of a user's own texts: trained, used, measured. It may give numbers for labels."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.cli.labelled_files import Columns, Row, as_number
from course_lib.cli.task_models import TaskModel
from course_lib.cli.task_run import TaskOptions, learn, notice, start
from course_lib.data.task_batches import Example
from course_lib.errors import CourseError
from course_lib.evaluation.baselines import majority
from course_lib.evaluation.classification import macro_f1
from course_lib.evaluation.confidence import bootstrap, wilson
from course_lib.evaluation.metrics import spearman
from course_lib.evaluation.regression import r_squared, root_mean_square
from course_lib.i18n import _
from course_lib.inference.classifying import predict_numbers, probabilities
from course_lib.models.heads import ClassifierWithNumbers, Pooling, SentenceClassifier
from course_lib.training.fine_tuning import classification_loss, regression_loss
from course_lib.training.numbers import NumberScaler
from course_lib.training.task_examples import label_list, label_targets, shortened_examples

TARGETS = ("auto", "labels", "numbers")


class Said(NamedTuple):
    """What the model says of a text: a label and how likely it is, or a number."""

    label: str
    probability: float | None = None


def has_numbers(rows: Sequence[Row], target: str) -> bool:
    """Whether the labels are numbers to be predicted, rather than names of kinds.

    "auto": if all are numbers, and not just two whole ones, such as 0 and 1. Raises CourseError if
    numbers are asked for, and a label is none.
    """
    values = [as_number(row.label) for row in rows]
    if target == "numbers" and None in values:
        row = rows[values.index(None)]
        message = _("{place}: the label {label!r} is no number")
        raise CourseError(message.format(place=row.place, label=row.label))
    if target != "auto":
        return target == "numbers"
    two_kinds = len(set(values)) <= 2 and all(v is not None and v.is_integer() for v in values)
    return None not in values and not two_kinds


def train_classifier(
    rows: Sequence[Row], columns: Columns, is_number: bool, options: TaskOptions
) -> TaskModel:
    """Learn from labelled rows. Raises CourseError if all labels are the same."""
    rng = torch.Generator().manual_seed(options.seed)
    labels = [] if is_number else label_list(str(row.label) for row in rows)
    scale = target_scale(rows) if is_number else (0.0, 1.0)
    numbers = [row.numbers for row in rows]
    scaler = NumberScaler.fit(numbers) if columns.numbers else None
    encoder, tokenizer = start(options, texts_of(rows), rng)
    pooling: Pooling = "mean" if options.pooling == "mean" else "class_token"
    n_outputs = len(labels) or 1
    model: SentenceClassifier | ClassifierWithNumbers
    if scaler is None:
        model = SentenceClassifier(encoder, n_outputs, pooling, rng)
    else:
        model = ClassifierWithNumbers(encoder, n_outputs, scaler.n_columns, pooling, rng)
    task = TaskModel("classifier", model, tokenizer, labels, columns, scaler, scale)
    examples = examples_of(task, rows, targets_of(rows, labels, scale))
    learn(model, examples, regression_loss if is_number else classification_loss, options, rng)
    return task


def target_scale(rows: Sequence[Row]) -> tuple[float, float]:
    """Mean and standard deviation of the labels. Raises CourseError if they are all the same."""
    values = torch.tensor([float(str(row.label)) for row in rows], dtype=torch.float64)
    if values.min() == values.max():
        message = _("all labels are {value:g}: there is nothing to learn")
        raise CourseError(message.format(value=values[0].item()))
    return values.mean().item(), values.std(correction=0).item()


def targets_of(
    rows: Sequence[Row], labels: Sequence[str], scale: tuple[float, float]
) -> list[Tensor]:
    """() each: the label's number, or the number itself, made to have mean 0 and spread 1."""
    if labels:
        return label_targets([str(row.label) for row in rows], labels)
    mean, spread = scale
    return [torch.tensor((float(str(row.label)) - mean) / spread) for row in rows]


def examples_of(
    task: TaskModel, rows: Sequence[Row], targets: Sequence[Tensor | None]
) -> list[Example]:
    """What the model reads; says how many texts are empty, and how many too long for it."""
    seconds = None if rows[0].second is None else [row.second for row in rows]
    numbers = None if task.scaler is None else task.scaler([row.numbers for row in rows])
    texts, encoding = [row.text for row in rows], task.encoding
    examples, n_long = shortened_examples(texts, targets, encoding, seconds, numbers)
    notice(sum(not row.text.strip() for row in rows), _("{n} texts are empty"))
    message = _("{n} texts have more than {most} tokens: their ends are not read")
    notice(n_long, message.replace("{most}", str(encoding.max_length)))
    return examples


def texts_of(rows: Sequence[Row]) -> list[str]:
    """All texts, those of pairs one after the other."""
    return [text for row in rows for text in (row.text, row.second) if text is not None]


def classify(task: TaskModel, rows: Sequence[Row]) -> list[Said]:
    """What the model says of each row. Raises CourseError if rows and model do not go together."""
    if not rows:
        return []
    examples = examples_of(task, rows, [None] * len(rows))
    if not task.labels:
        mean, spread = task.target
        values = predict_numbers(task.model, examples).double() * spread + mean
        return [Said(f"{value:.6g}") for value in values.tolist()]
    best = probabilities(task.model, examples).max(dim=-1)
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return [Said(task.labels[i], p) for i, p in pairs]


def report(
    task: TaskModel, rows: Sequence[Row], found: Sequence[Said], learnt_from: Sequence[Row] = ()
) -> list[str]:
    """How well the model did on labelled rows, each measure with its interval of 95 %.

    learnt_from: the training rows; beside the model then stands what always gives their commonest
    label, or their mean.
    """
    said = [answer.label for answer in found]
    right = [str(row.label) for row in rows]
    if task.labels:
        return _labels_report(task, said, right, [str(row.label) for row in learnt_from])
    return _numbers_report([float(s) for s in said], [float(r) for r in right], task, learnt_from)


def _labels_report(
    task: TaskModel, said: Sequence[str], right: Sequence[str], known: Sequence[str]
) -> list[str]:
    strange = sorted(set(right) - set(task.labels))
    notice(
        sum(label in strange for label in right),
        _("{n} texts have a label unseen in training, and so count as wrong: {labels}").replace(
            "{labels}", ", ".join(map(repr, strange))
        ),
    )
    n_right = sum(s == r for s, r in zip(said, right, strict=True))
    f1 = bootstrap(macro_f1, [said, right], torch.Generator().manual_seed(0))
    lines = [
        _("tested on         {n} texts").format(n=len(right)),
        _("accuracy          {value}").format(value=wilson(n_right, len(right))),
        _("macro-F1          {value}").format(value=f1),
    ]
    if known:
        label = majority(known)
        share = wilson(sum(r == label for r in right), len(right))
        lines.append(_("always {label!r}: accuracy {value}").format(label=label, value=share))
    return lines


def _numbers_report(
    said: Sequence[float], right: Sequence[float], task: TaskModel, known: Sequence[Row]
) -> list[str]:
    lines = [_("tested on         {n} texts").format(n=len(right))]
    if len(right) > 1:
        rng = torch.Generator().manual_seed(0)
        r2, rank = (bootstrap(measure, [said, right], rng) for measure in (r_squared, spearman))
        lines.append(_("R²                {value}").format(value=r2))
        lines.append(_("Spearman          {value}").format(value=rank))
    error = root_mean_square(said, right)
    lines.append(_("usual error       {value:.4g}").format(value=error))
    if known:
        mean = task.target[0]
        error = root_mean_square([mean] * len(right), right)
        message = _("always the mean, {mean:.4g}: usual error {value:.4g}")
        lines.append(message.format(mean=mean, value=error))
    return lines
