"""Words that become bytes where they are unknown, as the `tokenizers` library can have them.

It knows bytes for unknown characters, not for whole words: where "axe" is unknown and "a" is known,
it would find "a". So every word is written with a mark in front, and its bytes with another: the
word " axe" is looked up as "Ġ" + letters, and if that fails, "Ġ" alone is dropped, and each byte is
found behind "▁". The letters are those of bytes, twice over: the second time, letters beyond ASCII
become two, which the merges of this BPE join again; the halves have ids behind all others.

Where a byte stands in the text is known only roughly: somewhere in its word.
"""

import json
from typing import Any

import tokenizers
from tokenizers import Regex, decoders, models, pre_tokenizers

from course_lib.text.byte_bpe import LETTER_OF, byte_letters
from course_lib.text.tokenizer import BYTE_OF
from course_lib.text.word_tokenizer import WordTokenizer

WORD, BYTE = "Ġ", "▁"  # Ġ is the letter of the space that the library puts before each word


def bytewise_words(slow: WordTokenizer, words: pre_tokenizers.PreTokenizer) -> dict[str, Any]:
    """What tokenizer.json says. words: what finds the words of a text."""
    known = {token for token in slow.known if token not in BYTE_OF}
    ids = {_key(token, token in known): i for token, i in slow.vocab.ids.items()}
    merges = [(key[:2], BYTE + key[2:]) for key in ids if key[0] == BYTE and len(key) == 3]
    for half in dict.fromkeys(half for halves in merges for half in halves):
        ids[half] = len(ids)  # never left over: they are always joined
    rust = tokenizers.Tokenizer(models.BPE())
    letters = [pre_tokenizers.ByteLevel(add_prefix_space=x, use_regex=False) for x in (False, True)]
    rust.pre_tokenizer = pre_tokenizers.Sequence([words, *letters])
    space = " " if slow.split_by in ("words", "spaces") else ""
    marks = [decoders.Replace(Regex(f"^{WORD}"), space), decoders.Replace(Regex(f"^{BYTE}"), "")]
    rust.decoder = decoders.Sequence(
        [*marks, decoders.ByteLevel(), decoders.ByteLevel(), decoders.Strip(" ", len(space), 0)]
    )
    content: dict[str, Any] = json.loads(rust.to_str())
    pairs = [list(halves) for halves in merges]
    content["model"] |= {"vocab": ids, "merges": pairs, "ignore_merges": True}
    content["model"]["continuing_subword_prefix"] = BYTE
    return content


def _key(token: str, is_word: bool) -> str:
    """Under what a token stands in the library's vocabulary."""
    if is_word:
        return WORD + byte_letters(byte_letters(token))
    if token in BYTE_OF:
        return BYTE + byte_letters(LETTER_OF[BYTE_OF[token]])
    return token
