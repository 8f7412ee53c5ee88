"""English sentences and their Japanese translations."""

import zipfile

from course_lib.data.corpora.records import TranslationPair
from course_lib.data.corpora.registry import choose
from course_lib.data.corpora.splits import Splits, by_group, leak_free, normal
from course_lib.data.corpora.store import ensure
from course_lib.storage import read_lines


def translation(name: str, apart_from: str | None = None) -> Splits[TranslationPair]:
    """Pairs of an English and a Japanese sentence.

    - small_parallel_enja: short sentences, both sides tokenised (split at the spaces), English in
      lower case; the splits are its authors'.
    - tatoeba_jpn_eng: plain text; 80/10/10 by English sentence, which may have many translations.

    A train pair of which either side is in dev or test is left out; so is one of which a side is
    in dev or test of `apart_from`, for training on one set and testing on the other. Sides are
    compared without case, spaces and punctuation.
    """
    readers = {"small_parallel_enja": _small_parallel, "tatoeba_jpn_eng": _tatoeba}
    splits = choose(name, "translation", readers)
    other = choose(apart_from, "translation", readers) if apart_from else Splits([], [], [])
    return leak_free(splits, _sides, held_out=[*other.dev, *other.test])


def _sides(pair: TranslationPair) -> tuple[str, str]:
    return normal(pair.english), normal(pair.japanese)


def _small_parallel() -> Splits[TranslationPair]:
    folder = ensure("small_parallel_enja")
    parts = []
    for part in ("train", "dev", "test"):
        sides = (read_lines(folder / f"{part}.{language}") for language in ("en", "ja"))
        parts.append([TranslationPair(*pair) for pair in zip(*sides, strict=True)])
    return Splits(*parts)


def _tatoeba() -> Splits[TranslationPair]:
    archive = ensure("tatoeba_jpn_eng") / "jpn-eng.zip"
    with zipfile.ZipFile(archive) as files:
        lines = files.read("jpn.txt").decode("utf-8").removesuffix("\n").split("\n")
    pairs = [TranslationPair(*line.split("\t")[:2]) for line in lines]
    return by_group(pairs, group=lambda pair: normal(pair.english))
