"""Words with their parts of speech and entities."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from course_lib.data.corpora.docbin import parts_of_speech
from course_lib.data.corpora.records import Span, SpannedText, TaggedSentence
from course_lib.data.corpora.registry import choose
from course_lib.data.corpora.splits import Splits, by_group
from course_lib.data.corpora.store import ensure
from course_lib.storage import read_lines, read_text


def tagging(name: str) -> Splits[TaggedSentence]:
    """Sentences with a label per word; the splits are their authors'.

    - ud_english_ewt: `tags` (UPOS) and `xpos` (Penn); multiword tokens are given as their words.
    - ud_japanese_gsd_ne: `tags` (UPOS), `xpos` (UniDic) and `entities`.
    - wnut17: `entities` of tweets and comments, many of them unseen in train.
    """
    readers = {
        "ud_english_ewt": _english_ewt,
        "ud_japanese_gsd_ne": _japanese_gsd,
        "wnut17": _wnut17,
    }
    return choose(name, "tagging", readers)


def entities(name: str) -> Splits[SpannedText]:
    """Texts with entities as spans of characters.

    - ner_wikipedia_ja: 8 types of names; 80/10/10 by article.
    """
    return choose(name, "entities", {"ner_wikipedia_ja": _wikipedia_ja})


def _english_ewt() -> Splits[TaggedSentence]:
    folder = ensure("ud_english_ewt")
    files = (folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test"))
    return Splits(*(list(read_conllu(path)) for path in files))


def read_conllu(path: str | Path) -> Iterator[TaggedSentence]:
    """The sentences of a CoNLL-U file: form, UPOS and XPOS of each syntactic word.

    Ranges such as 1-2 ("don't", whose words 1 "do" and 2 "n't" follow) and empty nodes such as
    8.1 (words that were left unsaid) are skipped, and so are comments.
    Source: https://universaldependencies.org/format.html
    """
    for rows in _blocks(path):
        words = [row for row in rows if row[0].isdecimal()]
        if words:
            _ids, forms, _lemmas, tags, xpos = zip(*(row[:5] for row in words), strict=True)
            yield TaggedSentence(forms, tags, xpos)


def _japanese_gsd() -> Splits[TaggedSentence]:
    folder = ensure("ud_japanese_gsd_ne")
    return Splits(*(list(_gsd_part(folder, part)) for part in ("train", "dev", "test")))


def _gsd_part(folder: Path, part: str) -> Iterator[TaggedSentence]:
    """Words and entities from the BIO file; the DocBin file has the same tokens in one row."""
    upos, xpos = map(iter, parts_of_speech(folder / f"ja_gsd-ud-{part}.ne.spacy"))
    for sentence in read_bio(folder / f"{part}.bio"):
        n = len(sentence.words)
        tags, own = tuple(itertools.islice(upos, n)), tuple(itertools.islice(xpos, n))
        yield TaggedSentence(sentence.words, tags, own, sentence.entities)


def _wnut17() -> Splits[TaggedSentence]:
    folder = ensure("wnut17")
    files = ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")
    return Splits(*(list(read_bio(folder / file)) for file in files))


def read_bio(path: str | Path) -> Iterator[TaggedSentence]:
    """The sentences of a two-column file: word, BIO label; an empty line ends a sentence."""
    for rows in _blocks(path):
        words, labels = zip(*rows, strict=True)
        yield TaggedSentence(words, entities=labels)


def _blocks(path: str | Path) -> Iterator[list[list[str]]]:
    """Runs of lines between empty lines, each line as its tab-separated fields."""
    for filled, block in itertools.groupby(read_lines(path), key=lambda line: bool(line.strip())):
        if filled:
            yield [line.split("\t") for line in block]


def _wikipedia_ja() -> Splits[SpannedText]:
    records = json.loads(read_text(ensure("ner_wikipedia_ja") / "ner.json"))
    records = by_group(records, group=lambda record: record["curid"])
    parts = (records.train, records.dev, records.test)
    return Splits(*([_spanned(record) for record in part] for part in parts))


def _spanned(record: dict) -> SpannedText:
    entities = ((*entity["span"], entity["type"]) for entity in record["entities"])
    spans = (Span(start, end, label) for start, end, label in entities)
    return SpannedText(record["text"], tuple(spans))
