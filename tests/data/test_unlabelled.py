"""The text for pre-training. What needs the real data is skipped without COURSE_DATA_HOME."""

import functools
import os

import pytest

from course_lib.data.corpora import (
    classification,
    data_home,
    data_set,
    entailment,
    entities,
    questions,
    similarity,
    tables,
    tagging,
    unlabelled,
)
from course_lib.data.corpora.splits import normal
from course_lib.data.corpora.unlabelled import LINES, together, unique
from course_lib.errors import CourseError


def need(*names):
    here = os.environ.get("COURSE_DATA_HOME")
    if not here or any(not (data_home() / name).is_dir() for name in names):
        pytest.skip("COURSE_DATA_HOME does not hold the data sets")
    assert all(map(data_set, names))


def test_lines_make_documents():
    lines = [str(i) for i in range(2 * LINES + 1)]
    assert [len(document) for document in together(lines)] == [LINES, LINES, 1]
    assert unique(["b", "a", "", " ", "b"]) == ["b", "a"]


def test_another_language_is_refused():
    with pytest.raises(CourseError, match="klingon"):
        unlabelled("klingon")


def held_out(task):
    """The texts of the dev and test parts of each task."""
    return {
        "sentence_polarity": lambda: [x.text for x in parts(classification, task)],
        "tweet_sentiment_extraction": lambda: [x.text for x in parts(classification, task)],
        "snli_dev_test": lambda: [x.premise for x in parts(entailment, task)],
        "jglue_jsts": lambda: [x.first + "\n" + x.second for x in parts(similarity, task)],
        "ner_wikipedia_ja": lambda: [x.text for x in parts(entities, task)],
        "squadshifts_new_wiki": lambda: [x.context for x in parts(questions, task)],
        "usda_sr": lambda: [x.text for x in parts(tables, task)],
        "ud_english_ewt": lambda: [" ".join(x.words) for x in parts(tagging, task)],
        "wnut17": lambda: [" ".join(x.words) for x in parts(tagging, task)],
    }[task]()


@functools.cache
def known_texts(language):
    return {normal(text) for document in unlabelled(language) for text in document}


def parts(reader, name):
    splits = reader(name)
    return [*splits.dev, *splits.test]


ENGLISH = [
    "sentence_polarity",
    "tweet_sentiment_extraction",
    "snli_dev_test",
    "squadshifts_new_wiki",
    "usda_sr",
    "ud_english_ewt",
    "wnut17",
]


@pytest.mark.parametrize(
    ("language", "task"),
    [*(("english", name) for name in ENGLISH), ("japanese", "ner_wikipedia_ja")],
)
def test_long_texts_of_dev_and_test_are_not_among_those_to_pre_train_on(language, task):
    """Short ones, such as "thank you .", people have written more than once."""
    books = ["gutenberg_en_core", "scitldr_a", *ENGLISH]
    ours = ["aozora_ja", "jglue_jsts", "tatoeba_jpn_eng", "ner_wikipedia_ja", "ud_japanese_gsd_ne"]
    need("small_parallel_enja", *(books if language == "english" else ours))
    known = known_texts(language)
    texts = [normal(text) for text in held_out(task)]
    long = [text for text in texts if len(text) > 40]
    assert sum(text in known for text in long) <= 0.002 * len(long)
