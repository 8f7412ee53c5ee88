"""What every tokenizer of the course can do, and what all of them share."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.text.vocab import END, PAD, SPECIAL, START, UNK, Vocab

# One token per byte, for whatever the vocabulary does not hold: <0x00> ... <0xFF>.
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
BYTE_OF = {token: byte for byte, token in enumerate(BYTES)}


class Tokenizer(Protocol):
    """Text to ids and back. `vocab` begins with <pad>, <unk>, <s>, </s>, then other special tokens.

    A special token is recognised in a text only if it is named in `special`; else its letters are
    letters like any others.
    """

    vocab: Vocab

    def __len__(self) -> int:
        """V, the number of different ids."""
        ...

    def tokens(self, text: str, special: Collection[str] = ()) -> list[str]:
        """The pieces of a text, as they stand in the vocabulary."""
        ...

    def encode(self, text: str, special: Collection[str] = ()) -> Tensor:
        """Text -> (T,) int64 ids, without <s> and </s>."""
        ...

    def decode(self, ids: Iterable[int] | Tensor) -> str:
        """(T,) ids -> text. <pad>, <s> and </s>, which are no part of a text, are left out."""
        ...

    def token_bytes(self, token: str) -> bytes:
        """What a token of the vocabulary stands for in a text; perhaps a part of a character."""
        ...

    def to_settings(self) -> dict[str, Any]:
        """All it takes to build the tokenizer again, as plain data that JSON can hold."""
        ...


class BaseTokenizer:
    """What is the same in all tokenizers written by hand.

    The vocabulary: <pad> <unk> <s> </s>, then `special`, then a token per byte if `byte_fallback`,
    then `pieces`. A kind of tokenizer adds its name in files (`kind`), `split` and `settings`.
    Raises ValueError if a token is listed twice.
    """

    kind = ""

    def __init__(
        self, pieces: Iterable[str], special: Sequence[str] = (), byte_fallback: bool = True
    ) -> None:
        self.pieces = [piece for piece in pieces if piece not in SPECIAL]
        self.special = tuple(special)  # beyond the four that every vocabulary has
        self.byte_fallback = byte_fallback
        self.vocab = Vocab([*self.special, *(BYTES if byte_fallback else ()), *self.pieces])
        self.known = frozenset(self.pieces)

    def split(self, text: str) -> list[str]:
        """The tokens of a text in which nothing is special."""
        raise NotImplementedError

    def join(self, tokens: Sequence[str]) -> str:
        """The text that the tokens spell; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(map(self.token_bytes, tokens)).decode(errors="replace")

    def token_bytes(self, token: str) -> bytes:
        return bytes([BYTE_OF[token]]) if token in BYTE_OF else token.encode()

    def settings(self) -> dict[str, Any]:
        """What `from_settings` needs beside the special tokens and `byte_fallback`."""
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.vocab)

    def tokens(self, text: str, special: Collection[str] = ()) -> list[str]:
        check_text(text)
        found: list[str] = []
        for part, is_special in cut_out(text, special, (*SPECIAL, *self.special)):
            found += [part] if is_special else self.split(part)
        return found

    def encode(self, text: str, special: Collection[str] = ()) -> Tensor:
        return self.vocab.encode(self.tokens(text, special))

    def decode(self, ids: Iterable[int] | Tensor) -> str:
        tokens = self.vocab.decode(ids)
        return self.join([token for token in tokens if token not in (PAD, START, END)])

    def to_settings(self) -> dict[str, Any]:
        special, byte_fallback = list(self.special), self.byte_fallback
        common = {"kind": self.kind, "special": special, "byte_fallback": byte_fallback}
        return {**common, **self.settings()}

    def fallback(self, piece: str) -> list[str]:
        """What stands for a piece that the vocabulary lacks: its bytes, or <unk> without bytes."""
        return [BYTES[byte] for byte in piece.encode()] if self.byte_fallback else [UNK]


def check_text(text: str) -> None:
    """Raise CourseError for half a surrogate pair: it is no character, and no file can hold it."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = _("character {n} is {code}, half of a character; read the text as UTF-8 again")
        code = f"U+{ord(text[error.start]):04X}"
        raise CourseError(message.format(n=error.start + 1, code=code)) from None


def checked(texts: Iterable[str]) -> Iterator[str]:
    """The same texts, each looked at by `check_text`."""
    for text in texts:
        check_text(text)
        yield text


def cut_out(text: str, special: Collection[str], known: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in parts, each with whether it is one of the special tokens to be recognised.

    Raises ValueError if one of them is not known.
    """
    if not special:
        return [(text, False)]
    if not set(special) <= set(known):
        raise ValueError(f"{sorted(set(special) - set(known))} are not among {known}")
    longest_first = sorted(special, key=len, reverse=True)
    parts = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
    return [(part, i % 2 == 1) for i, part in enumerate(parts) if part]
