"""Kinds of tasks for `course transfer` that ask about words: their tags, or an answer's place."""

from collections.abc import Callable, Sequence

import torch
from torch import nn

from course_lib.cli.transfer_kinds import Kind, Reader, Row, Split
from course_lib.data.corpora import Question
from course_lib.data.task_batches import Example
from course_lib.evaluation.baselines import WordTagger, majority
from course_lib.evaluation.entities import entity_score
from course_lib.evaluation.metrics import accuracy
from course_lib.evaluation.spans import span_scores
from course_lib.inference.answering import answered, find_answers
from course_lib.inference.tagging import tag_texts
from course_lib.models.encoder import Encoder
from course_lib.models.heads import SpanFinder, Tagger
from course_lib.text.alignment import pieces_of, token_spans
from course_lib.training.fine_tuning import span_loss, tagging_loss
from course_lib.training.task_examples import ask_of_text, span_examples, tagging_examples

# Tags of words


def tags_of(train: Sequence[Row]) -> list[str]:
    return sorted({tag for row in train for tag in row.target})


def tag_examples(rows: Sequence[Row], train: Sequence[Row], reader: Reader) -> list[Example]:
    texts, tags = [row.text for row in rows], [row.target for row in rows]
    return tagging_examples(texts, tags, tags_of(train), reader.encoding)


def tag_head(encoder: Encoder, train: Sequence[Row], rng: torch.Generator) -> nn.Module:
    return Tagger(encoder, len(tags_of(train)), rng)


def tag_scorer(measure: Callable[..., float]) -> Callable[..., float]:
    def score(model: nn.Module, rows: Sequence[Row], train: Sequence[Row], reader: Reader) -> float:
        texts = [pieces_of(row.text, reader.encoding.encode_word) for row in rows]
        found = tag_texts(
            model, texts, tags_of(train), reader.encoding.marks, reader.encoding.max_length
        )
        return measure(found, [row.target for row in rows])

    return score


def tag_baselines(measure: Callable[..., float]) -> Callable[..., dict[str, float]]:
    def baselines(train: Sequence[Row], test: Sequence[Row], _split: Split) -> dict[str, float]:
        common = majority([tag for row in train for tag in row.target])
        model = WordTagger()
        model.fit([row.text for row in train], [row.target for row in train])
        right = [row.target for row in test]
        return {
            "majority": measure([[common] * len(row.text) for row in test], right),
            "words": measure(model.predict([row.text for row in test]), right),
        }

    return baselines


def word_accuracy(found: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> float:
    """The share of all words that have the right tag."""
    return accuracy([t for path in found for t in path], [t for path in right for t in path])


def entity_f1(found: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> float:
    return entity_score(found, right).f1


TAGS = Kind(
    "accuracy",
    tagging_loss,
    tag_head,
    tag_examples,
    tag_scorer(word_accuracy),
    tag_baselines(word_accuracy),
)
ENTITIES = TAGS._replace(
    measure="entity F1", score=tag_scorer(entity_f1), baselines=tag_baselines(entity_f1)
)

# Answers in a passage: a row's target are the right ones, none if there is none


def answer_examples(rows: Sequence[Row], _train: Sequence[Row], reader: Reader) -> list[Example]:
    questions = [Question(row.text, row.second, row.target, article="") for row in rows]
    return span_examples(ask_of_text(questions, reader.tokenizer), reader.encoding)


def answer_head(encoder: Encoder, _train: Sequence[Row], rng: torch.Generator) -> nn.Module:
    return SpanFinder(encoder, rng)


def answer_score(
    model: nn.Module, rows: Sequence[Row], _train: Sequence[Row], reader: Reader
) -> float:
    encode, (marks, length) = reader.encoding.encode, reader.encoding[2:]
    asked = [(encode(row.text), encode(row.second)) for row in rows]
    found = []
    for row, span in zip(rows, find_answers(model, asked, marks, length), strict=True):
        places = token_spans(row.second, reader.tokenizer)[span.start : span.end]
        is_there = places and answered(span)
        found.append(row.second[places[0][0] : places[-1][1]] if is_there else "")
    return mean_f1(found, rows)


def answer_baselines(_train: Sequence[Row], test: Sequence[Row], _split: Split) -> dict[str, float]:
    """The commonest of two answers that take no reading: none, and the whole passage."""
    whole = mean_f1([row.second for row in test], test)
    return {"majority": max(whole, mean_f1([""] * len(test), test))}


def mean_f1(found: Sequence[str], rows: Sequence[Row]) -> float:
    _exact, f1 = span_scores(found, [[answer.text for answer in row.target] for row in rows])
    return sum(f1) / len(f1)


ANSWERS = Kind("answer F1", span_loss, answer_head, answer_examples, answer_score, answer_baselines)
