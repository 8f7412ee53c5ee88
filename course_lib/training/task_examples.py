"""Labelled data of every kind, Riverbank's and real, as examples to learn from.

An encoding says how texts become ids: `text.encoding`. Texts of Riverbank are words, others are
strings; a pair, a question or a text may come from either, for only its parts are looked at.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course_lib.data import corpora
from course_lib.data.riverbank import tasks
from course_lib.data.task_batches import Example
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.text.alignment import (
    NO_TARGET,
    Pieces,
    pieces_of,
    tag_targets,
    token_spans,
    tokens_at,
)
from course_lib.text.encoding import Encoding
from course_lib.text.task_inputs import sentence_input, shortened, window_inputs
from course_lib.text.tokenizer import Tokenizer


def label_list(labels: Iterable[str]) -> list[str]:
    """The different labels, in alphabetical order. Raises CourseError for less than two."""
    found = sorted(set(labels))
    if len(found) < 2:
        message = _("the labels are {found}: to tell texts apart there must be at least two")
        raise CourseError(message.format(found=", ".join(found) or _("none")))
    return found


def label_targets(labels: Sequence[str], known: Sequence[str]) -> list[Tensor]:
    """Labels as numbers, (). Raises CourseError, naming the text, for one that is not known."""
    number = {label: i for i, label in enumerate(known)}
    for place, label in enumerate(labels, start=1):
        if label not in number:
            message = _("text {n} has the label {label!r}, but the known ones are: {known}")
            raise CourseError(message.format(n=place, label=label, known=", ".join(known)))
    return [torch.tensor(number[label]) for label in labels]


def sentence_examples(
    texts: Sequence[Any],
    targets: Sequence[Tensor | None],
    encoding: Encoding,
    seconds: Sequence[Any] | None = None,
    numbers: Tensor | None = None,
) -> list[Example]:
    """One example for each text, or for each pair with the text of `seconds` at its place.

    targets: a label () or a score (), or None where it is to be found. numbers (N, K), scaled.
    Raises CourseError, naming the text, for one that is too long; see `shortened_examples`.
    """
    found = []
    pairs = _pairs(texts, seconds, encoding)
    for place, (pair, target) in enumerate(zip(pairs, targets, strict=True)):
        try:
            read = sentence_input(*pair, encoding.marks, encoding.max_length)
        except CourseError as error:
            message = _("text {n}: {error}")
            raise CourseError(message.format(n=place + 1, error=error)) from None
        values = None if numbers is None else numbers[place]
        found.append(Example(read.ids, read.segment_ids, target, numbers=values))
    return found


def shortened_examples(
    texts: Sequence[Any],
    targets: Sequence[Tensor | None],
    encoding: Encoding,
    seconds: Sequence[Any] | None = None,
    numbers: Tensor | None = None,
) -> tuple[list[Example], int]:
    """`sentence_examples` of which the too long ones lost their ends, and how many those are."""
    found, n_shortened = [], 0
    pairs = _pairs(texts, seconds, encoding)
    for place, (pair, target) in enumerate(zip(pairs, targets, strict=True)):
        first, second, n_left_out = shortened(*pair, encoding.max_length)
        read = sentence_input(first, second, encoding.marks, encoding.max_length)
        values = None if numbers is None else numbers[place]
        found.append(Example(read.ids, read.segment_ids, target, numbers=values))
        n_shortened += n_left_out > 0
    return found, n_shortened


def _pairs(
    texts: Sequence[Any], seconds: Sequence[Any] | None, encoding: Encoding
) -> list[tuple[Tensor, Tensor | None]]:
    if seconds is None:
        return [(encoding.encode(text), None) for text in texts]
    pairs = zip(texts, seconds, strict=True)
    return [(encoding.encode(a), encoding.encode(b)) for a, b in pairs]


def entailment_examples(
    pairs: Sequence[tasks.Pair | corpora.InferencePair],
    encoding: Encoding,
    labels: Sequence[str] = tasks.LABELS,
) -> list[Example]:
    """[CLS] premise [SEP] hypothesis [SEP] -> one of three labels."""
    targets = label_targets([pair.label for pair in pairs], labels)
    hypotheses = [pair.hypothesis for pair in pairs]
    return sentence_examples([pair.premise for pair in pairs], targets, encoding, hypotheses)


def similarity_examples(
    pairs: Sequence[tasks.Similar | corpora.ScoredPair], encoding: Encoding
) -> list[Example]:
    """[CLS] first [SEP] second [SEP] -> a score from 0 to 5."""
    targets = [torch.tensor(float(pair.score)) for pair in pairs]
    return sentence_examples(
        [pair.first for pair in pairs], targets, encoding, [pair.second for pair in pairs]
    )


def document_examples(
    documents: Sequence[tasks.Document], labels: Sequence[str], encoding: Encoding
) -> list[Example]:
    """[CLS] story [SEP] -> its topic."""
    targets = label_targets([document.topic for document in documents], labels)
    return sentence_examples([document.words for document in documents], targets, encoding)


def review_examples(
    reviews: Sequence[tasks.Review], encoding: Encoding, numbers: Tensor | None = None
) -> list[Example]:
    """A review -> its stars, 1.0 to 5.0, with its numbers (N, K) beside it if given."""
    targets = [torch.tensor(float(review.stars)) for review in reviews]
    return sentence_examples(
        [review.words for review in reviews], targets, encoding, numbers=numbers
    )


def told_review_examples(reviews: Sequence[tasks.Review], encoding: Encoding) -> list[Example]:
    """The same with the numbers written into the text."""
    targets = [torch.tensor(float(review.stars)) for review in reviews]
    return sentence_examples([review.with_numbers for review in reviews], targets, encoding)


def tagging_examples(
    texts: Sequence[Sequence[str]],
    tags: Sequence[Sequence[str]],
    labels: Sequence[str],
    encoding: Encoding,
) -> list[Example]:
    """[CLS] words [SEP] -> a tag for each word, at its first piece.

    A text that is too long becomes several examples. Raises CourseError, naming the text, if words
    and tags do not match or a tag is not among `labels`.
    """
    number = {label: i for i, label in enumerate(labels)}
    found = []
    for place, (words, path) in enumerate(zip(texts, tags, strict=True), start=1):
        if strange := set(path) - number.keys():
            message = _("text {n} has the tag {tag!r}, but the known ones are: {known}")
            known = ", ".join(labels)
            raise CourseError(message.format(n=place, tag=min(strange), known=known))
        pieces = pieces_of(words, encoding.encode_word)
        try:
            targets = tag_targets(pieces, [number[tag] for tag in path])
        except CourseError as error:
            message = _("text {n}: {error}")
            raise CourseError(message.format(n=place, error=error)) from None
        found += _tagged_windows(pieces, targets, encoding)
    return found


def _tagged_windows(pieces: Pieces, targets: Tensor, encoding: Encoding) -> list[Example]:
    found = []
    for window in window_inputs(None, pieces.ids, encoding.marks, encoding.max_length):
        target = torch.full_like(window.ids, NO_TARGET)
        n_tokens = window.end - window.start
        target[window.start : window.end] = targets[window.first : window.first + n_tokens]
        found.append(Example(window.ids, window.segment_ids, target))
    return found


class AskedPassage(NamedTuple):
    """A question and a passage as ids; the answer is passage[start:end], none if end is 0 or -1."""

    question: Tensor
    passage: Tensor
    start: int
    end: int


def ask(questions: Sequence[tasks.Question], encoding: Encoding) -> list[AskedPassage]:
    """Riverbank's questions: one id for each word."""
    encode = encoding.encode
    return [AskedPassage(encode(q.question), encode(q.passage), q.start, q.end) for q in questions]


def ask_of_text(questions: Sequence[corpora.Question], tokenizer: Tokenizer) -> list[AskedPassage]:
    """Real questions, by pieces; the first answer counts. Raises CourseError if it is nowhere."""
    found = []
    for q in questions:
        span = (-1, -1)
        if q.answers:
            spans = token_spans(q.context, tokenizer)
            span = tokens_at(spans, q.answers[0].start, q.answers[0].end)
        passage = tokenizer.encode(q.context)
        found.append(AskedPassage(tokenizer.encode(q.question), passage, *span))
    return found


def span_examples(
    asked: Sequence[AskedPassage], encoding: Encoding, overlap: int | None = None
) -> list[Example]:
    """[CLS] question [SEP] passage [SEP] -> the answer's first and last place, or 0 and 0.

    A passage that is too long becomes several examples that share `overlap` tokens (None: a quarter
    of the length); for those without the whole answer, the right answer is that there is none.
    """
    overlap = encoding.max_length // 4 if overlap is None else overlap
    found = []
    for question, passage, start, end in asked:
        for window in window_inputs(
            question, passage, encoding.marks, encoding.max_length, overlap
        ):
            move = window.start - window.first
            inside = end > 0 and start + move >= window.start and end + move <= window.end
            span = torch.tensor([start + move, end - 1 + move] if inside else [0, 0])
            found.append(Example(window.ids, window.segment_ids, span, window.may_answer))
    return found
