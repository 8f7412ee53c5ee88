"""Kinds of tasks for `course transfer`: how rows become examples, a model, a score, a baseline."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from course_lib.data.task_batches import Example
from course_lib.evaluation.baselines import (
    WordClassifier,
    WordFeatures,
    WordRegression,
    majority,
)
from course_lib.evaluation.metrics import accuracy
from course_lib.evaluation.regression import pearson, r_squared
from course_lib.inference.classifying import classify, predict_numbers
from course_lib.models.encoder import Encoder
from course_lib.models.heads import (
    ClassifierWithNumbers,
    SentenceClassifier,
)
from course_lib.text.encoding import Encoding
from course_lib.text.tokenizer import Tokenizer
from course_lib.training.fine_tuning import (
    classification_loss,
    regression_loss,
)
from course_lib.training.loop import LossFn
from course_lib.training.numbers import NumberScaler
from course_lib.training.task_examples import (
    label_targets,
    shortened_examples,
)

Split = Callable[[str], Sequence[str]]


class Reader(NamedTuple):
    """How the model reads."""

    tokenizer: Tokenizer
    encoding: Encoding


class Row(NamedTuple):
    """A labelled text, or pair of texts, or sentence of words, or question about a passage.

    target: a label, a number, the words' tags, or the answers in the passage.
    """

    text: Any
    target: Any
    second: Any = None
    numbers: tuple[float, ...] | None = None


class Kind(NamedTuple):
    """What to do with rows; `train` are always the rows that the model may learn from."""

    measure: str
    loss: LossFn
    head: Callable[[Encoder, Sequence[Row], torch.Generator], nn.Module]
    examples: Callable[[Sequence[Row], Sequence[Row], Reader], list[Example]]
    score: Callable[[nn.Module, Sequence[Row], Sequence[Row], Reader], float]
    baselines: Callable[[Sequence[Row], Sequence[Row], Split], dict[str, float]]


def labels_of(train: Sequence[Row]) -> list[str]:
    return sorted({row.target for row in train})


# Labels of texts and pairs


def label_examples(rows: Sequence[Row], train: Sequence[Row], reader: Reader) -> list[Example]:
    targets = label_targets([row.target for row in rows], labels_of(train))
    return text_examples(rows, targets, reader)


def text_examples(
    rows: Sequence[Row], targets: Sequence[Any], reader: Reader, numbers: Any = None
) -> list[Example]:
    """The few texts that are too long lose their ends."""
    seconds = [row.second for row in rows] if rows[0].second is not None else None
    return shortened_examples(
        [row.text for row in rows], targets, reader.encoding, seconds, numbers
    )[0]


def label_head(encoder: Encoder, train: Sequence[Row], rng: torch.Generator) -> nn.Module:
    return SentenceClassifier(encoder, len(labels_of(train)), "mean", rng)


def label_score(
    model: nn.Module, rows: Sequence[Row], train: Sequence[Row], reader: Reader
) -> float:
    labels = labels_of(train)
    found = classify(model, text_examples(rows, [None] * len(rows), reader), labels)
    return accuracy(found, [row.target for row in rows])


def label_baselines(train: Sequence[Row], test: Sequence[Row], split: Split) -> dict[str, float]:
    right = [row.target for row in test]
    model = WordClassifier(WordFeatures(split))
    model.fit(*texts_of(train, [row.target for row in train]))
    common = majority([row.target for row in train])
    texts, seconds = parts_of(test)
    return {
        "majority": accuracy([common] * len(test), right),
        "words": accuracy(model.predict(texts, seconds), right),
    }


def parts_of(rows: Sequence[Row]) -> tuple[list[str], list[str] | None]:
    """First and second texts, as strings."""
    seconds = [joined(row.second) for row in rows] if rows[0].second is not None else None
    return [joined(row.text) for row in rows], seconds


def texts_of(rows: Sequence[Row], targets: Sequence[Any]) -> tuple[Any, Any, Any]:
    texts, seconds = parts_of(rows)
    return texts, targets, seconds


def joined(text: Any) -> str:
    return text if isinstance(text, str) else " ".join(text)


LABELS = Kind(
    "accuracy", classification_loss, label_head, label_examples, label_score, label_baselines
)

# Numbers: a score of a pair, or something of a text with numbers beside it


def standard(train: Sequence[Row]) -> tuple[float, float]:
    """Mean and standard deviation of what is to be predicted: models learn it on that scale."""
    targets = torch.tensor([row.target for row in train], dtype=torch.float64)
    return targets.mean().item(), max(targets.std().item(), 1e-9)


def scaled_numbers(rows: Sequence[Row], train: Sequence[Row]) -> torch.Tensor | None:
    if rows[0].numbers is None:
        return None
    return NumberScaler.fit([row.numbers or () for row in train])(
        [row.numbers or () for row in rows]
    )


def number_examples(rows: Sequence[Row], train: Sequence[Row], reader: Reader) -> list[Example]:
    mean, spread = standard(train)
    targets = [torch.tensor((row.target - mean) / spread).float() for row in rows]
    return text_examples(rows, targets, reader, scaled_numbers(rows, train))


def number_head(encoder: Encoder, train: Sequence[Row], rng: torch.Generator) -> nn.Module:
    numbers = scaled_numbers(train[:1], train)
    if numbers is None:
        return SentenceClassifier(encoder, 1, "mean", rng)
    return ClassifierWithNumbers(encoder, 1, numbers.size(1), "mean", rng)


def number_scorer(measure: Callable[..., float]) -> Callable[..., float]:
    def score(model: nn.Module, rows: Sequence[Row], train: Sequence[Row], reader: Reader) -> float:
        mean, spread = standard(train)
        found = predict_numbers(model, number_examples(rows, train, reader))
        return measure(found * spread + mean, [row.target for row in rows])

    return score


def number_baselines(measure: Callable[..., float]) -> Callable[..., dict[str, float]]:
    def baselines(train: Sequence[Row], test: Sequence[Row], split: Split) -> dict[str, float]:
        model = WordRegression(WordFeatures(split))
        targets = [row.target for row in train]
        numbers = [scaled_numbers(rows, train) for rows in (train, test)]
        theirs = [None if n is None else n.tolist() for n in numbers]
        model.fit(*texts_of(train, targets), theirs[0])
        texts, seconds = parts_of(test)
        found = model.predict(texts, seconds, theirs[1])
        return {"majority": 0.0, "words": measure(found, [row.target for row in test])}

    return baselines


SCORES = Kind(
    "Pearson",
    regression_loss,
    number_head,
    number_examples,
    number_scorer(pearson),
    number_baselines(pearson),
)
AMOUNTS = SCORES._replace(
    measure="R²", score=number_scorer(r_squared), baselines=number_baselines(r_squared)
)
