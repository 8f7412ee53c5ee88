"""Text into words, sentences or characters, by rules short enough to read."""

import re
import unicodedata
from collections.abc import Callable

# Tried from left to right at every place: a number (3,000 or 1.5 or 4th), a word with its
# apostrophes (don't, o'clock), a run of one sign (-- or ...), any other sign.
TOKEN = re.compile(r"\d+(?:[.,]\d+)*[^\W\d_]*|[^\W\d_]+(?:'[^\W\d_]+)*|([-.!?])\1+|[^\w\s]")

# A full stop after these does not end a sentence; nor does one after a single capital.
ABBREVIATIONS = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "st", "prof", "rev", "hon", "esq", "jr", "sr"),
        *("col", "gen", "capt", "lt", "sgt", "vs", "etc"),
    )
)
SENTENCE_END = re.compile(r"""[.!?]+["')\]”’]*(?=\s+["'(\[“‘]*[A-Z0-9])""")


def words(text: str, lower: bool = True) -> list[str]:
    """English text -> its words, numbers and signs: "Don't stop." -> ["don't", "stop", "."].

    Contractions stay whole; a hyphen is a sign of its own; _underscores_, which mark italics in
    plain books, are dropped; curly apostrophes become straight ones. `lower` folds capitals.
    """
    text = text.replace("’", "'").lower() if lower else text.replace("’", "'")
    return [match.group() for match in TOKEN.finditer(text)]


def sentences(text: str) -> list[str]:
    """English prose -> its sentences, whitespace at their ends removed.

    One ends at . ! or ? (and closing quotes) before whitespace and a capital or a number, unless
    the full stop belongs to a title such as "Mr." or to an initial.
    """
    found, start = [], 0
    for match in SENTENCE_END.finditer(text):
        last_word = re.search(r"(\w+)\.$", text[max(start, match.end() - 20) : match.end()])
        if last_word and _abbreviation(last_word[1]):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    return [sentence for sentence in (*found, text[start:].strip()) if sentence]


def _abbreviation(word: str) -> bool:
    return word.lower() in ABBREVIATIONS or (len(word) == 1 and word.isupper() and word != "I")


def characters(text: str) -> list[str]:
    """Japanese text -> its characters; whitespace is dropped, and a か + ゛ pair becomes が.

    Unicode's normal form C joins a kana and a separate voicing mark; nothing else changes.
    """
    return [c for c in unicodedata.normalize("NFC", text) if not c.isspace()]


# The ways to split a text that have a name, for commands and files.
SPLITTERS: dict[str, Callable[[str], list[str]]] = {
    "words": words,
    "characters": characters,
    "spaces": str.split,
}
