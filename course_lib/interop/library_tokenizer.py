"""The course's tokenizers as the `tokenizers` library has them: the same ids for the same text.

Subwords have their equals there already (`text.fast`). Here are those that split into words and
characters, and WordPiece with bytes for what it does not know.
"""

import json
from typing import Any

import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers

from course_lib.interop.bytewise_words import bytewise_words
from course_lib.text.bpe import BPETokenizer
from course_lib.text.byte_bpe import LETTER_OF, ByteBPETokenizer, byte_letters
from course_lib.text.fast import WORDS, Fast, to_rust
from course_lib.text.tokenizer import BYTE_OF, Tokenizer
from course_lib.text.vocab import UNK
from course_lib.text.word_tokenizer import CharacterTokenizer, WordTokenizer
from course_lib.text.wordpiece import MARK, WordPieceTokenizer, unmarked

# `text.words` in the library's notation, which counts other characters as letters and as space.
SPACE = r"\s\x1c-\x1f"
LETTER = r"[\p{L}\p{Nl}\p{No}]"
NUMBER = rf"\p{{Nd}}+(?:[.,]\p{{Nd}}+)*{LETTER}*"
WORD = rf"{NUMBER}|{LETTER}+(?:'{LETTER}+)*|([-.!?])\1+|[^\p{{L}}\p{{N}}_{SPACE}]"
# In Greek, s has another form at the end of a word: behind a letter that has capitals, not before
# one; accents and apostrophes between do not count. \K: what was matched so far is kept.
CASED, UNSEEN = r"[[:upper:][:lower:]\p{Lt}]", r"[\p{Mn}\p{Me}\p{Cf}\p{Lm}\p{Sk}'’.:·]"
LAST_SIGMA = rf"{CASED}{UNSEEN}*\KΣ(?!{UNSEEN}*{CASED})"
INSIDE = "▁"  # before a piece that continues a word; unlike ##, it is the letter of no byte
NO_LIMIT = 10**9  # letters of a word that is cut into pieces
FOUND_BY = {"words": WORD, "characters": f"[^{SPACE}]", "spaces": f"[^{SPACE}]+"}


def to_library(tokenizer: Tokenizer) -> dict[str, Any]:
    """What tokenizer.json says, without special tokens.

    Raises ValueError if it is no tokenizer of the course.
    """
    slow = tokenizer.slow if isinstance(tokenizer, Fast) else tokenizer
    if isinstance(slow, WordTokenizer):
        return _words(slow)
    if isinstance(slow, CharacterTokenizer):  # BPE that has learnt nothing
        slow = BPETokenizer(slow.pieces, [], slow.special, slow.byte_fallback)
    if isinstance(slow, WordPieceTokenizer) and slow.byte_fallback:
        return _bytewise_wordpiece(slow)
    if isinstance(slow, BPETokenizer | ByteBPETokenizer | WordPieceTokenizer):
        return _content(to_rust(slow))
    raise ValueError(f"{type(slow).__name__} is no tokenizer of the course")


def _words(slow: WordTokenizer) -> dict[str, Any]:
    """A word is a token."""
    words = WORDS
    if slow.split_by != "pieces":
        pattern = Regex(FOUND_BY[slow.split_by])
        words = pre_tokenizers.Split(pattern, "removed", invert=True)  # the matches are kept
    rust = tokenizers.Tokenizer(models.WordLevel(slow.vocab.ids, unk_token=UNK))
    rust.pre_tokenizer = words
    if slow.split_by in ("pieces", "characters"):
        rust.decoder = decoders.Fuse()
    if slow.split_by == "characters":
        rust.normalizer = normalizers.NFC()
    if slow.split_by == "words":
        sigma = normalizers.Replace(Regex(LAST_SIGMA), "ς")
        quote = normalizers.Replace("’", "'")
        rust.normalizer = normalizers.Sequence([quote, sigma, normalizers.Lowercase()])
    if slow.byte_fallback:
        return bytewise_words(slow, words) | {"normalizer": _content(rust)["normalizer"]}
    return _content(rust)


def _bytewise_wordpiece(slow: WordPieceTokenizer) -> dict[str, Any]:
    """WordPiece on the letters of bytes, where nothing is unknown: a byte that no piece covers is
    a piece itself, at the beginning of a word and inside.
    """
    ids: dict[str, int] = {}
    for token, i in slow.vocab.ids.items():
        if token in BYTE_OF:
            ids[LETTER_OF[BYTE_OF[token]]] = ids[INSIDE + LETTER_OF[BYTE_OF[token]]] = i
    for token, i in slow.vocab.ids.items():  # over the bytes: a letter that is a piece stays one
        if token not in BYTE_OF:
            ids[byte_letters(token)] = i
        if token in slow.known and token.startswith(MARK):
            ids[INSIDE + byte_letters(unmarked(token))] = i
    covered = set(ids.values())
    ids |= {token: i for token, i in slow.vocab.ids.items() if i not in covered}  # never found
    pieces = models.WordPiece({UNK: ids[UNK]}, unk_token=UNK, continuing_subword_prefix=INSIDE)
    rust = tokenizers.Tokenizer(pieces)
    bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    rust.pre_tokenizer = pre_tokenizers.Sequence([WORDS, bytewise])
    first = decoders.Replace(Regex(f"^({MARK}|{INSIDE})(?=.)"), "")
    rust.decoder = decoders.Sequence([first, decoders.ByteLevel()])
    content = _content(rust)
    content["model"] |= {"vocab": ids, "max_input_chars_per_word": NO_LIMIT}
    return content


def _content(rust: tokenizers.Tokenizer) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(rust.to_str())
    return content
