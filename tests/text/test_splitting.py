"""Words as GPT-2 cuts them, in Python's `re` and in the `tokenizers` library: every character."""

import unicodedata

import pytest
import regex
from hypothesis import given, settings
from tokenizers import Regex, pre_tokenizers

from course_lib.text.splitting import PATTERN, split_words

from .tokenizer_examples import STRANGE, any_text

# Characters of later Unicode versions than this Python's are of no kind here.
KNOWN = [
    chr(code)
    for code in range(0x110000)
    if not 0xD800 <= code < 0xE000 and unicodedata.category(chr(code)) not in ("Cn", "Co")
]
LIBRARY = pre_tokenizers.Split(Regex(PATTERN), "isolated")


def by_library(text: str) -> list[str]:
    return [word for word, _place in LIBRARY.pre_tokenize_str(text)]


def test_words_digits_signs_and_spaces():
    text = "I've swum 3,000 m...  to\n the bank!"
    words = ["I", "'ve", " swum", " 3", ",", "000", " m", "...", " ", " to", "\n", " the", " bank"]
    assert split_words(text) == [*words, "!"]
    assert split_words("川を泳いだ。銀行へ") == ["川を泳いだ", "。", "銀行へ"]
    assert split_words("") == []


@settings(max_examples=200)
@given(text=any_text)
def test_nothing_is_lost(text: str):
    words = split_words(text)
    assert "".join(words) == text
    assert all(words)


@pytest.mark.parametrize("between", ["", "a", " ", "7", "!", "\u3000"])
def test_every_character_is_of_the_kind_the_library_takes_it_for(between: str):
    for start in range(0, len(KNOWN), 5000):
        text = between.join(KNOWN[start : start + 5000])
        assert split_words(text) == by_library(text)


@pytest.mark.parametrize("text", STRANGE)
def test_a_third_implementation_agrees(text: str):
    assert split_words(text) == regex.findall(PATTERN, text) == by_library(text)
