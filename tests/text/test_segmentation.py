"""Cutting text into known words: by trying every cut, and on Riverbank's own Japanese."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.data import riverbank
from course_lib.text.segmentation import fewest_words, is_japanese, typed_words

KNOWN = {"a", "ab", "ba", "aba", "bb", "cab"}


def every_cut(text):
    """All ways to cut a text in pieces."""
    for ends in itertools.product((False, True), repeat=max(0, len(text) - 1)):
        pieces, start = [], 0
        for place, is_end in enumerate((*ends, True), start=1):
            if is_end:
                pieces.append(text[start:place])
                start = place
        yield [piece for piece in pieces if piece]


def cost(pieces):
    """Unknown pieces first, then all pieces; unknown ones may have one character only."""
    unknown = [piece for piece in pieces if piece not in KNOWN]
    return (len(unknown), len(pieces)) if all(len(p) == 1 for p in unknown) else (10**9, 0)


@given(st.text("abcx", max_size=8))
def test_no_cut_has_fewer_unknown_characters_or_fewer_words(text):
    found = fewest_words(text, KNOWN)
    assert "".join(found) == text
    assert cost(found) == min(map(cost, every_cut(text)))


def test_riverbanks_japanese_is_cut_as_it_was_made():
    stories = riverbank.load("test")[:150]
    sentences = [sentence for story in stories for sentence in story.sentences]
    known = {word for sentence in sentences for word in sentence.japanese}
    right = [tuple(typed_words(s.japanese_text, known)) == s.japanese for s in sentences]
    assert sum(right) / len(right) > 0.99
    assert sum(right) < len(right)  # 間違いを二つ has another 二つ: the letters alone cannot tell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Nina's 3 boats!", ["nina's", "3", "boats", "!"]),
        ("彼は川で🌊", ["彼", "は", "川", "で", "🌊"]),
        ("彼 は川", ["彼", "は", "川"]),
        ("か\u3099", ["が"]),  # a kana and its separate voicing mark
        ("🌊", ["🌊"]),
        ("He said 川は、 OK. 川", ["he", "said", "川", "は", "、", "ok", ".", "川"]),
        ("岸3 m", ["岸", "3", "m"]),
    ],
)
def test_typed_words(text, expected):
    assert typed_words(text, {"川", "で", "は", "彼"}) == expected


def test_a_space_ends_a_word():
    assert typed_words("川岸", {"川", "岸", "川岸"}) == ["川岸"]
    assert typed_words("川 岸", {"川", "岸", "川岸"}) == ["川", "岸"]


def test_what_is_japanese():
    assert is_japanese("He said か.")
    assert not is_japanese("Émile 🌊 1 привет")
