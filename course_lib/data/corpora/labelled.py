"""A text, or two texts, and what to say about them."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from course_lib.data.corpora.records import InferencePair, LabelledText, ScoredPair
from course_lib.data.corpora.registry import choose
from course_lib.data.corpora.splits import Splits, by_group, leak_free, normal
from course_lib.data.corpora.store import ensure
from course_lib.storage import read_lines, read_text

# 0x80–0x9F mean nothing in Latin-1; what people who typed them meant is in Windows-1252.
C1_MEANT = {i: bytes([i]).decode("cp1252", errors="ignore") for i in range(0x80, 0xA0)}


def classification(name: str) -> Splits[LabelledText]:
    """Texts with a label each.

    - sentence_polarity: "pos" or "neg"; 80/10/10 by sentence.
    - tweet_sentiment_extraction: "negative", "neutral" or "positive"; test is its authors', dev a
      tenth of their train; tweets of test are left out of train, and one empty tweet.
    """
    readers = {"sentence_polarity": _polarity, "tweet_sentiment_extraction": _tweets}
    return choose(name, "classification", readers)


def entailment(name: str) -> Splits[InferencePair]:
    """Premise, hypothesis and whether the one entails the other.

    - snli_dev_test: test is SNLI's; train and dev are nine tenths and one tenth of SNLI's dev, by
      premise, because its train is not in this selection. A train pair whose premise is in dev or
      test is left out.
    """
    return choose(name, "entailment", {"snli_dev_test": _snli})


def similarity(name: str) -> Splits[ScoredPair]:
    """Pairs of sentences and how alike their meanings are, from 0 to 5.

    - jglue_jsts: Japanese captions; the splits are JGLUE's, and no pair is in two of them. JNLI
      has held-out pairs that are in JSTS's train: filter them with `leak_free` to combine the two.
    """
    return choose(name, "similarity", {"jglue_jsts": _jsts})


def _polarity() -> Splits[LabelledText]:
    archive = ensure("sentence_polarity") / "sentence_polarity.zip"
    texts = []
    with zipfile.ZipFile(archive) as files:
        for label in ("pos", "neg"):
            text = files.read(f"sentence_polarity/rt-polarity.{label}").decode("utf-8")
            lines = text.translate(C1_MEANT).removesuffix("\n").split("\n")
            texts += [LabelledText(line.strip(), label) for line in lines]
    return by_group(texts, group=lambda item: normal(item.text))


def _tweets() -> Splits[LabelledText]:
    folder = ensure("tweet_sentiment_extraction")
    ours, theirs = (list(_read_tweets(folder / f"{part}.csv")) for part in ("train", "test"))
    filled = [tweet for tweet in ours if tweet.text]
    split = by_group(filled, group=lambda item: normal(item.text), test=0)
    splits = Splits(split.train, split.dev, theirs, n_dropped=len(ours) - len(filled))
    return leak_free(splits, inputs=lambda item: [normal(item.text)])


def _read_tweets(path: Path) -> Iterator[LabelledText]:
    for row in csv.DictReader(io.StringIO(read_text(path))):
        yield LabelledText(row["text"].strip(), row["sentiment"])


def _snli() -> Splits[InferencePair]:
    folder = ensure("snli_dev_test")
    ours = by_group(_read_snli(folder, "dev"), group=lambda pair: normal(pair.premise), test=0)
    splits = Splits(ours.train, ours.dev, _read_snli(folder, "test"))
    return leak_free(splits, inputs=lambda pair: [normal(pair.premise)])


def _read_snli(folder: Path, part: str) -> list[InferencePair]:
    columns = ("s1", "s2", "labels", "preproc1_expl_1")
    lines = ([line.strip() for line in read_lines(folder / f"{c}.{part}")] for c in columns)
    return [InferencePair(*row) for row in zip(*lines, strict=True)]


def _jsts() -> Splits[ScoredPair]:
    folder = ensure("jglue_jsts")
    parts = ("train", "valid", "test")
    return Splits(*(_read_jsts(folder / f"{part}-v1.3.json") for part in parts))


def _read_jsts(path: Path) -> list[ScoredPair]:
    rows = (json.loads(line) for line in read_lines(path))
    return [ScoredPair(row["sentence1"], row["sentence2"], row["label"]) for row in rows]
