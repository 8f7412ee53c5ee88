"""BERT's own tokenizer file, vocab.txt: one piece in each line, whose number is its id.

Its ids and special tokens are not those of the course's tokenizers, and its words have no space
before them; what cuts a word into pieces is the same. Source: Devlin et al. (2019), and the code
published with the weights.
"""

import json
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines, read_text
from course_lib.text.encoding import Encoding
from course_lib.text.marks import CLASS, MASK, SEPARATOR, Marks
from course_lib.text.tokenizer import check_text
from course_lib.text.wordpiece import LONGEST_WORD, longest_pieces, unmarked

PAD, UNKNOWN = "[PAD]", "[UNK]"
SPECIAL = (PAD, UNKNOWN, CLASS, SEPARATOR, MASK)
# Code points of Chinese characters, which are words of their own. So in Japanese are all kanji.
CHINESE = (
    *((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F)),
    *((0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)),
)


class BertTokenizer:
    """Text to BERT's ids. Raises ValueError if a special token is missing, or a piece comes twice.

    pieces: in the order of their ids. lower: fold capitals and drop accents, as the "uncased"
    models want it.
    """

    def __init__(self, pieces: Sequence[str], lower: bool = True) -> None:
        self.pieces, self.lower = list(pieces), lower
        self.ids = {piece: i for i, piece in enumerate(self.pieces)}
        missing = [token for token in SPECIAL if token not in self.ids]
        if missing or len(self.ids) < len(self.pieces):
            raise ValueError(f"the pieces lack {missing}, or one of them is there twice")
        self.known = frozenset(self.pieces) - {*SPECIAL}
        self.longest = max((len(unmarked(piece)) for piece in self.known), default=0)
        names = (CLASS, SEPARATOR, MASK, PAD)
        self.marks = Marks(*(self.ids[name] for name in names))

    def __len__(self) -> int:
        return len(self.pieces)

    def tokens(self, text: str) -> list[str]:
        """The pieces of a text; [UNK] for a word that cannot be put together from pieces."""
        check_text(text)
        found: list[str] = []
        for word in basic_words(text, self.lower):
            pieces = longest_pieces(word, self.known, self.longest)
            whole = [piece for piece in pieces if piece is not None]
            is_known = len(whole) == len(pieces) and len(word) <= LONGEST_WORD
            found += whole if is_known else [UNKNOWN]
        return found

    def encode(self, text: str) -> Tensor:
        """Text -> (N,) int64 ids, without [CLS] and [SEP]."""
        return torch.tensor([self.ids[token] for token in self.tokens(text)], dtype=torch.long)

    def encoding(self, max_length: int) -> Encoding:
        """What makes inputs for a BERT of that context length."""
        return Encoding(self.encode, self.encode, self.marks, max_length)


def load_bert_tokenizer(folder: str | Path) -> BertTokenizer:
    """Read vocab.txt, and from tokenizer_config.json, if there is one, whether capitals count.

    Raises CourseError if the first is missing, or is not BERT's.
    """
    folder, lower = Path(folder), True
    pieces = list(read_lines(folder / "vocab.txt"))
    try:
        if (folder / "tokenizer_config.json").exists():
            settings = json.loads(read_text(folder / "tokenizer_config.json"))
            lower = bool(settings.get("do_lower_case", True))
        return BertTokenizer(pieces, lower)
    except (ValueError, AttributeError):
        message = _("{folder}: vocab.txt or tokenizer_config.json is not BERT's, or is damaged")
        raise CourseError(message.format(folder=folder)) from None


def basic_words(text: str, lower: bool) -> list[str]:
    """Words, signs and Chinese characters, one by one: "Don't!" -> ["don", "'", "t", "!"]."""
    letters = [_spaced(character) for character in text]
    text = "".join(letters)
    if lower:
        decomposed = unicodedata.normalize("NFD", text)
        text = "".join(c for c in decomposed if unicodedata.category(c) != "Mn").lower()
    return "".join(f" {c} " if _is_sign(c) else c for c in text).split()


def _spaced(character: str) -> str:
    """The character; with spaces if it is Chinese; nothing for one that cannot be seen."""
    code = ord(character)
    if character in "\t\n\r" or unicodedata.category(character) == "Zs":
        return " "
    if code in (0, 0xFFFD) or unicodedata.category(character)[0] == "C":
        return ""
    return f" {character} " if _within(code, CHINESE) else character


def _is_sign(character: str) -> bool:
    """All signs of ASCII, also those that Unicode counts as symbols, and Unicode's punctuation."""
    if character.isascii():
        return character.isprintable() and not character.isalnum() and character != " "
    return unicodedata.category(character)[0] == "P"


def _within(code: int, ranges: Collection[tuple[int, int]]) -> bool:
    return any(first <= code <= last for first, last in ranges)
