"""Every text in a bundle, wherever it hides: sources, metadata, attachments, encoded or quoted."""

import base64
import binascii
import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

ENCODED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
FENCED = re.compile(r"^ *(?:```|~~~).*?\n(.*?)^ *(?:```|~~~)", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?:#+|>+)[ \t]?", re.MULTILINE)
MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)


def texts_in(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """(place, text) of every string in lists and dictionaries, their keys too."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield place, key
            yield from texts_in(inside, f"{place}, {key}")
    elif isinstance(value, list):
        if value and all(isinstance(line, str) for line in value):
            yield place, "\n".join(value)
        for inside in value:
            yield from texts_in(inside, place)


def forms_of(text: str) -> Iterator[str]:
    """The text, and what it says once it is decoded."""
    yield text
    unescaped = text.replace("\\n", "\n").replace('\\"', '"')
    for plain in (html.unescape(text), unquote(text), unescaped):
        if plain != text:
            yield plain
    for match in ENCODED.finditer(re.sub(r"(?<=\S)\n(?=\S)", "", text)):
        yield from decoded(match.group())


def decoded(word: str) -> Iterator[str]:
    """What a long word says if it is base64 or hexadecimal."""
    padded = word.rstrip("=").replace("-", "+").replace("_", "/")
    for decode in (base64.b64decode, binascii.unhexlify):
        with_end = padded + "=" * (-len(padded) % 4) if decode is base64.b64decode else padded
        try:
            yield decode(with_end).decode("utf-8", "ignore")
        except (ValueError, binascii.Error):
            continue


def code_in(text: str) -> Iterator[str]:
    """Whatever in the text may be Python: all of it, its blocks, what is commented out."""
    text = MAGIC.sub("", text)
    yield text
    yield from FENCED.findall(text)
    commented = [line for line in text.splitlines() if COMMENT.match(line)]
    yield "\n".join(COMMENT.sub("", line) for line in commented)
    indented = [line for line in text.splitlines() if line.startswith(("    ", "\t"))]
    yield "\n".join(indented)
