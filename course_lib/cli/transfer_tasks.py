"""The tasks of `course transfer`: Riverbank's, whose truth is known, and real ones."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from course_lib.cli.transfer_kinds import AMOUNTS, LABELS, SCORES, Kind, Row, Split
from course_lib.cli.transfer_words import ANSWERS, ENTITIES, TAGS
from course_lib.data import corpora, riverbank
from course_lib.data.corpora import Answer, SpannedText, TableRow
from course_lib.data.riverbank import Story, tasks
from course_lib.models import checkpoints
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.words import characters
from course_lib.text.words import words as english_words
from course_lib.training.spanned_text import entity_tags

RIVERBANK, ENGLISH, JAPANESE = "bert_riverbank", "bert_english", "bert_japanese"
SEED = 0  # of tasks made from stories
FOOD_NUMBERS = ("Water_(g)", "Energ_Kcal", "Protein_(g)", "Lipid_Tot_(g)", "Carbohydrt_(g)")
FOOD_TARGET = "Sugar_Tot_(g)"


class TransferTask(NamedTuple):
    """Rows to learn from and rows to be tested on; which shipped encoder reads such text."""

    encoder: str
    kind: Kind
    load: Callable[[], tuple[list[Row], list[Row]]]  # train, test
    split: Split = str.split  # into words, for the linear model
    space: str = " "  # before a word


def made(make: Callable[[Sequence[Story]], list[Row]]) -> Callable[[], tuple[list[Row], list[Row]]]:
    """A task of Riverbank: from its train stories and from its test stories."""
    return lambda: (make(riverbank.load("train")), make(riverbank.load("test")))


def topics(stories: Sequence[Story]) -> list[Row]:
    return [Row(" ".join(d.words), d.topic) for d in tasks.documents(stories)]


def entailment(stories: Sequence[Story]) -> list[Row]:
    pairs = tasks.entailment(stories, SEED)
    return [Row(" ".join(p.premise), p.label, " ".join(p.hypothesis)) for p in pairs]


def similarity(stories: Sequence[Story]) -> list[Row]:
    pairs = tasks.similarity(stories, SEED)
    return [Row(" ".join(p.first), p.score, " ".join(p.second)) for p in pairs]


def entities(stories: Sequence[Story]) -> list[Row]:
    return [Row(list(s.words), list(s.entities)) for s in tasks.tagged(stories)]


def parts_of_speech(stories: Sequence[Story]) -> list[Row]:
    return [Row(list(s.words), list(s.tags)) for s in tasks.tagged(stories)]


def questions(stories: Sequence[Story]) -> list[Row]:
    found = []
    for q in tasks.questions(stories, SEED):
        start = len(" ".join((*q.passage[: q.start], ""))) if q.answer and q.start else 0
        answers = (Answer(start, " ".join(q.answer)),) if q.answer else ()
        found.append(Row(" ".join(q.question), answers, " ".join(q.passage)))
    return found


def stars() -> tuple[list[Row], list[Row]]:
    parts = tasks.reviews(8000, SEED), tasks.reviews(1000, SEED + 1)
    train, test = (
        [Row(" ".join(r.words), float(r.stars), None, tuple(map(float, r.numbers))) for r in part]
        for part in parts
    )
    return train, test


def real(splits: corpora.Splits[Any], make: Callable[[Any], Row]) -> tuple[list[Row], list[Row]]:
    return [make(x) for x in splits.train], [make(x) for x in splits.test]


@functools.cache
def pieces(name: str) -> Tokenizer:
    return checkpoints.load_tokenizer(name)


def spans_as_tags(item: SpannedText) -> Row:
    """The encoder's pieces as words, for Japanese has no spaces."""
    return Row(*entity_tags(item, pieces(JAPANESE)))


def tweet(item: corpora.Question) -> Row:
    return Row(item.question, item.answers, item.context)


def foods() -> tuple[list[Row], list[Row]]:
    """How much sugar, by name and five numbers; foods without a measured amount are left out."""

    def row(item: TableRow) -> Row:
        numbers = tuple(item.numbers[column] for column in FOOD_NUMBERS)
        return Row(item.text.replace(",", " , "), item.numbers[FOOD_TARGET], None, numbers)

    train, test = real(corpora.tables("usda_sr"), row)
    return measured(train), measured(test)


def measured(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.target == row.target]  # nan is not equal to itself


TASKS = {
    "riverbank_topics": TransferTask(RIVERBANK, LABELS, made(topics)),
    "riverbank_entailment": TransferTask(RIVERBANK, LABELS, made(entailment)),
    "riverbank_similarity": TransferTask(RIVERBANK, SCORES, made(similarity)),
    "riverbank_entities": TransferTask(RIVERBANK, ENTITIES, made(entities)),
    "riverbank_tags": TransferTask(RIVERBANK, TAGS, made(parts_of_speech)),
    "riverbank_questions": TransferTask(RIVERBANK, ANSWERS, made(questions)),
    "riverbank_stars": TransferTask(RIVERBANK, AMOUNTS, stars),
    "sentence_polarity": TransferTask(
        ENGLISH,
        LABELS,
        lambda: real(corpora.classification("sentence_polarity"), lambda x: Row(x.text, x.label)),
        english_words,
    ),
    "snli_dev_test": TransferTask(
        ENGLISH,
        LABELS,
        lambda: real(
            corpora.entailment("snli_dev_test"), lambda x: Row(x.premise, x.label, x.hypothesis)
        ),
        english_words,
    ),
    "jglue_jsts": TransferTask(
        JAPANESE,
        SCORES,
        lambda: real(corpora.similarity("jglue_jsts"), lambda x: Row(x.first, x.score, x.second)),
        characters,
    ),
    "wnut17": TransferTask(
        ENGLISH,
        ENTITIES,
        lambda: real(corpora.tagging("wnut17"), lambda x: Row(list(x.words), list(x.entities))),
    ),
    "ner_wikipedia_ja": TransferTask(
        JAPANESE,
        ENTITIES,
        lambda: real(corpora.entities("ner_wikipedia_ja"), spans_as_tags),
        space="",
    ),
    "ud_english_ewt": TransferTask(
        ENGLISH,
        TAGS,
        lambda: real(corpora.tagging("ud_english_ewt"), lambda x: Row(list(x.words), list(x.tags))),
    ),
    "tweet_spans": TransferTask(
        ENGLISH, ANSWERS, lambda: real(corpora.questions("tweet_sentiment_extraction"), tweet)
    ),
    "usda_sr": TransferTask(ENGLISH, AMOUNTS, foods, english_words),
}
