"""Parts of speech from spaCy's DocBin files, without spaCy.

A DocBin is a zlib-compressed msgpack map. `tokens` is a table of 64-bit integers, a row per token
and a column per attribute in `attrs`; strings stand in it as their hash and are listed once in
`strings`. Source: https://spacy.io/api/docbin, format version 0.1.
"""

import zlib
from pathlib import Path

import msgpack
import numpy as np

POS, TAG = 74, 75  # spaCy's numbers of the attributes UPOS and XPOS
FIRST_UPOS = 84  # spaCy's number of ADJ; the others follow in this order
UPOS = (
    *("ADJ", "ADP", "ADV", "AUX", "CONJ", "CCONJ", "DET", "INTJ", "NOUN"),
    *("NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"),
)
MASK = (1 << 64) - 1


def parts_of_speech(path: Path) -> tuple[list[str], list[str]]:
    """UPOS and XPOS of every token of a DocBin file, in order."""
    record = msgpack.unpackb(zlib.decompress(path.read_bytes()))
    attrs = record["attrs"]
    table = np.frombuffer(record["tokens"], dtype="<u8").reshape(-1, len(attrs))  # (N, attributes)
    strings = {murmur_hash(string.encode()): string for string in record["strings"]}
    upos = [UPOS[int(i) - FIRST_UPOS] for i in table[:, attrs.index(POS)]]
    return upos, [strings[int(i)] for i in table[:, attrs.index(TAG)]]


def murmur_hash(data: bytes, seed: int = 1) -> int:
    """MurmurHash64A of `data`, by which spaCy numbers strings. Source: Appleby (2008)."""
    multiplier = 0xC6A4A7935BD1E995
    value = seed ^ (len(data) * multiplier & MASK)
    whole = len(data) // 8 * 8
    for i in range(0, whole, 8):
        block = int.from_bytes(data[i : i + 8], "little") * multiplier & MASK
        block = (block ^ block >> 47) * multiplier & MASK
        value = (value ^ block) * multiplier & MASK
    if whole < len(data):
        value = (value ^ int.from_bytes(data[whole:], "little")) * multiplier & MASK
    value = (value ^ value >> 47) * multiplier & MASK
    return value ^ value >> 47
