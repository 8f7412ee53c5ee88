"""Tokenizers as plain settings, and as files that the `tokenizers` library opens, too.

The file is that library's tokenizer.json; what it has no place for stands in model.course. Words
(`WordTokenizer`) have no equal there: their file has the same form, but only the course opens it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_text, writing
from course_lib.text.bpe import BPETokenizer
from course_lib.text.byte_bpe import ByteBPETokenizer
from course_lib.text.fast import Fast, to_rust
from course_lib.text.tokenizer import BYTES, Tokenizer
from course_lib.text.vocab import SPECIAL, Vocab
from course_lib.text.word_tokenizer import CharacterTokenizer, WordTokenizer
from course_lib.text.wordpiece import WordPieceTokenizer

FAST = {kind.kind: kind for kind in (BPETokenizer, ByteBPETokenizer, WordPieceTokenizer)}
OTHERS = {kind.kind: kind for kind in (WordTokenizer, CharacterTokenizer)}


def from_settings(settings: Mapping[str, Any]) -> Tokenizer:
    """The tokenizer that `Tokenizer.to_settings` described, the fast twin where there is one.

    Raises KeyError, TypeError or ValueError if it is not such a description.
    """
    kind = settings["kind"]
    if kind in FAST:
        return Fast(FAST[kind].from_settings(settings))
    return OTHERS[kind].from_settings(settings)


def from_settings_and_vocab(settings: Mapping[str, Any], vocab: Vocab) -> Tokenizer:
    """The same where the pieces were left out of the settings, for the vocabulary has them.

    In a vocabulary they stand behind all special tokens and the tokens of single bytes.
    """
    n_bytes = len(BYTES) if settings["byte_fallback"] else 0
    pieces = vocab.words[len(SPECIAL) + len(settings["special"]) + n_bytes :]
    return from_settings({"pieces": pieces, **settings})


def save_tokenizer(tokenizer: Tokenizer, path: str | Path) -> None:
    """Write the file, whole or not at all. Raises CourseError if the disk refuses."""
    settings = tokenizer.to_settings()
    content = _library_form(tokenizer)
    in_model = {"letters", "merges", "pieces"} if content else set()  # not written twice
    course = {name: value for name, value in settings.items() if name not in in_model}
    content.setdefault("model", {})["course"] = course
    with writing(path) as file:
        json.dump(content, file, ensure_ascii=False, indent=1)


def load_tokenizer(path: str | Path) -> Tokenizer:
    """Read what `save_tokenizer` wrote. Raises CourseError if there is no such file, or another."""
    text = read_text(path)
    try:
        model = json.loads(text)["model"]
        return from_settings({**_from_library_form(model), **model["course"]})
    except (KeyError, TypeError, ValueError, AttributeError):
        message = _("{path} is not a tokenizer of the course, or is damaged; train or save it anew")
        raise CourseError(message.format(path=path)) from None


def _library_form(tokenizer: Tokenizer) -> dict[str, Any]:
    """tokenizer.json as the library writes it; empty if it has nothing like this tokenizer."""
    slow = tokenizer.slow if isinstance(tokenizer, Fast) else tokenizer
    if isinstance(slow, CharacterTokenizer):  # BPE that has learnt nothing
        slow = BPETokenizer(slow.pieces, [], slow.special, slow.byte_fallback)
    if not isinstance(slow, BPETokenizer | ByteBPETokenizer | WordPieceTokenizer):
        return {}
    content: dict[str, Any] = json.loads(to_rust(slow).to_str())
    return content


def _from_library_form(model: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that the library's part of the file holds."""
    if "vocab" not in model:
        return {}
    course, ids = model["course"], model["vocab"]
    n_bytes = len(BYTES) if course["byte_fallback"] else 0
    pieces = sorted(ids, key=ids.__getitem__)[len(SPECIAL) + len(course["special"]) + n_bytes :]
    merges = model.get("merges", [])
    return {"pieces": pieces, "letters": pieces[: len(pieces) - len(merges)], "merges": merges}
