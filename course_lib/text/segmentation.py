"""Typed text as the words a model knows, also where nothing stands between them, as in Japanese."""

import re
import unicodedata
from collections.abc import Collection

from course_lib.text.words import sentences, words

FIRST_KANA, LAST_KANJI = "\u3040", "\u9fff"
# Kana, kanji and the signs that go with them, with spaces in between.
JAPANESE_RUN = re.compile(r"([\u3000-\u9fff](?:\s*[\u3000-\u9fff])*)")
JAPANESE_END = re.compile(r"(?<=[。！？])(?![」』）])")


def typed_sentences(text: str) -> list[str]:
    """The sentences of English or Japanese text, whitespace at their ends removed."""
    parts = [part for found in sentences(text) for part in JAPANESE_END.split(found)]
    return [part.strip() for part in parts if part.strip()]


def typed_words(text: str, known: Collection[str]) -> list[str]:
    """What somebody typed -> its words: English in small letters, Japanese cut into known words.

    Both may stand in one text. Spaces in Japanese are kept as ends of words. Words that nobody
    knows are returned, too.
    """
    found: list[str] = []
    for number, run in enumerate(JAPANESE_RUN.split(unicodedata.normalize("NFC", text))):
        if number % 2:  # what the pattern matched
            found += [word for part in run.split() for word in fewest_words(part, known)]
        else:
            found += words(run)
    return found


def is_japanese(text: str) -> bool:
    """Whether there is any kana or kanji in it."""
    return any(FIRST_KANA <= character <= LAST_KANJI for character in text)


def fewest_words(text: str, known: Collection[str]) -> list[str]:
    """Cut a text without spaces into known words, as few as possible; "".join gives the text back.

    Characters that belong to no known word stand alone, and there are as few of them as possible.
    O(length of the text x length of the longest word).
    """
    longest = max(map(len, known), default=1)
    # Of the best cut of each beginning of the text: unknown characters, words, start of the last.
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for end in range(1, len(text) + 1):
        ways = []
        for start in range(max(0, end - longest), end):
            is_known = text[start:end] in known
            if is_known or end - start == 1:
                n_unknown, n_words, _start = best[start]
                ways.append((n_unknown + (not is_known), n_words + 1, start))
        best.append(min(ways))
    found, end = [], len(text)
    while end:
        start = best[end][2]
        found.append(text[start:end])
        end = start
    return found[::-1]
