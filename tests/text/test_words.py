"""Text into words, sentences and characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.text.words import characters, sentences, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop.", ["don't", "stop", "."]),
        ("It’s 3,000.50!", ["it's", "3,000.50", "!"]),
        ("well-known _Alice_--said", ["well", "-", "known", "alice", "--", "said"]),
        ("Wait... the 4th?!", ["wait", "...", "the", "4th", "?", "!"]),
        ("the dogs' 'bark' o'clock", ["the", "dogs", "'", "'", "bark", "'", "o'clock"]),
        ("“Café”\n\tnaïve", ["“", "café", "”", "naïve"]),
        (" \n ", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def test_capitals_may_be_kept():
    assert words("The U.S. Army", lower=False) == ["The", "U", ".", "S", ".", "Army"]


@given(st.text(alphabet="aB'’.-!?,;: \n_é3\"", max_size=60))
def test_words_lose_nothing_but_spaces_and_underscores_and_splitting_again_changes_nothing(text):
    tokens = words(text, lower=False)
    kept = text.replace("’", "'").replace("_", "")
    assert "".join(tokens) == "".join(kept.split())
    assert words(" ".join(tokens), lower=False) == tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I swam. It was cold! Why?", ["I swam.", "It was cold!", "Why?"]),
        ('"Stop!" he said. "Why?" She left.', ['"Stop!" he said.', '"Why?"', "She left."]),
        ("Mr. Holmes met Dr. J. Watson. They ran.", ["Mr. Holmes met Dr. J. Watson.", "They ran."]),
        ("It was I. Then it rained.", ["It was I.", "Then it rained."]),
        ("At 5 p.m. it rained... 20 men came", ["At 5 p.m. it rained...", "20 men came"]),
        ("no end", ["no end"]),
        ("", []),
    ],
)
def test_sentences(text, expected):
    assert sentences(text) == expected


@given(st.text(alphabet="aB.!? \n\"'Mr3", max_size=80))
def test_sentences_lose_nothing_but_spaces(text):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_characters_of_japanese():
    assert characters("川を\u3000渡る。\n") == ["川", "を", "渡", "る", "。"]
    assert characters("か\u3099") == ["が"]  # two code points that look like one
    assert characters("Ａｂ") == ["Ａ", "ｂ"]  # full width is kept: it is how the text was printed
