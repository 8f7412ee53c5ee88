"""A text cut into words from which it can be put together again: every space is kept."""

import functools
import re
import sys
import unicodedata

# Between words no token is ever made: neither BPE nor WordPiece looks beyond the end of a word.
# In the notation of the `tokenizers` library. Source: Radford et al. (2019), GPT-2.
PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

WHITE = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def split_words(text: str) -> list[str]:
    """Text -> words, each with the space before it: "I swam." -> ["I", " swam", "."].

    A word is a run of letters, of digits or of other signs, with at most one space before it, or
    a run of white space. 's, 't, 're, 've, 'm, 'll and 'd are words of their own. Japanese has no
    spaces: there a "word" is everything up to the next sign. "".join gives the text back.
    """
    return _pattern().findall(text)


@functools.cache
def _pattern() -> re.Pattern[str]:
    r"""PATTERN for Python's `re`, which knows no \p{L} and counts other characters as space."""
    letters, numbers = characters_of("L"), characters_of("N")
    pattern = PATTERN.replace(r"[^\s\p{L}\p{N}]", f"[^{WHITE}{letters}{numbers}]")
    pattern = pattern.replace(r"\p{L}", f"[{letters}]").replace(r"\p{N}", f"[{numbers}]")
    pattern = pattern.replace(r"\S", f"[^{WHITE}]").replace(r"\s", f"[{WHITE}]")
    return re.compile(pattern)


def characters_of(category: str) -> str:
    """All characters of a Unicode category, "L" for letters, as the inside of a [set]."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] == category:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
