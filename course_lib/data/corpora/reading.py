"""Reading comprehension: answers in a text, choices, and summaries."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from course_lib.data.corpora.records import Abstract, Answer, ChoiceQuestion, Question
from course_lib.data.corpora.registry import choose
from course_lib.data.corpora.splits import Splits, by_group, leak_free, normal
from course_lib.data.corpora.store import ensure
from course_lib.storage import read_lines, read_text


def questions(name: str) -> Splits[Question]:
    """Questions whose answer is a piece of the context.

    - squadshifts_new_wiki: English; 80/10/10 by article.
    - jglue_jsquad_valid: Japanese; only its authors' dev part. To train on it, split it again:
      `by_group(questions(...).dev, group=lambda q: q.article)`.
    - tweet_sentiment_extraction: the question is a sentiment, the answer the words of the tweet
      that carry it; 80/10/10 by tweet, one empty tweet left out.
    """
    readers = {
        "squadshifts_new_wiki": _squadshifts,
        "jglue_jsquad_valid": _jsquad,
        "tweet_sentiment_extraction": _tweet_spans,
    }
    return choose(name, "questions", readers)


def multiple_choice(name: str) -> Splits[ChoiceQuestion]:
    """Questions with answers to choose from.

    - jglue_jcommonsenseqa: Japanese, five choices; the splits are JGLUE's. Some questions of train
      come again in dev or test, but never with the same choices.
    """
    return choose(name, "multiple_choice", {"jglue_jcommonsenseqa": _jcommonsenseqa})


def summaries(name: str) -> Splits[Abstract]:
    """Long texts and short ones that say the same.

    - scitldr_a: abstracts of papers with summaries of one sentence (one in train, up to four in
      dev and test); the splits are its authors'. Train abstracts of dev or test are left out.
    """
    return choose(name, "summaries", {"scitldr_a": _scitldr})


def read_squad(path: str | Path) -> Iterator[Question]:
    """The questions of a file in SQuAD's JSON format."""
    for article in json.loads(read_text(path))["data"]:
        for paragraph in article["paragraphs"]:
            for item in paragraph["qas"]:
                answers = tuple(Answer(a["answer_start"], a["text"]) for a in item["answers"])
                yield Question(item["question"], paragraph["context"], answers, article["title"])


def _squadshifts() -> Splits[Question]:
    items = list(read_squad(ensure("squadshifts_new_wiki") / "new_wiki_v1.0.json"))
    return by_group(items, group=lambda item: item.article)


def _jsquad() -> Splits[Question]:
    return Splits([], list(read_squad(ensure("jglue_jsquad_valid") / "valid-v1.3.json")), [])


def _tweet_spans() -> Splits[Question]:
    text = read_text(ensure("tweet_sentiment_extraction") / "train.csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    items = [_tweet_span(row) for row in rows if row["text"].strip()]
    split = by_group(items, group=lambda item: normal(item.context))
    return Splits(split.train, split.dev, split.test, n_dropped=len(rows) - len(items))


def _tweet_span(row: dict[str, str]) -> Question:
    start = row["text"].index(row["selected_text"])
    answer = Answer(start, row["selected_text"])
    return Question(row["sentiment"], row["text"], (answer,), row["textID"])


def _jcommonsenseqa() -> Splits[ChoiceQuestion]:
    folder = ensure("jglue_jcommonsenseqa")
    parts = ("train", "valid", "test")
    return Splits(*(_read_choices(folder / f"{part}-v1.3.json") for part in parts))


def _read_choices(path: Path) -> list[ChoiceQuestion]:
    rows = (json.loads(line) for line in read_lines(path))
    return [
        ChoiceQuestion(row["question"], tuple(row[f"choice{i}"] for i in range(5)), row["label"])
        for row in rows
    ]


def _scitldr() -> Splits[Abstract]:
    folder = ensure("scitldr_a")
    parts = (_read_abstracts(folder / f"{part}.jsonl") for part in ("train", "dev", "test"))
    return leak_free(Splits(*parts), inputs=lambda item: [normal(" ".join(item.sentences))])


def _read_abstracts(path: Path) -> list[Abstract]:
    rows = (json.loads(line) for line in read_lines(path))
    keys = ("source", "target", "source_labels")
    return [Abstract(row["title"], *(tuple(row[key]) for key in keys)) for row in rows]
