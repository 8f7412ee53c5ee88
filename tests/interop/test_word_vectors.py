import struct

import numpy as np
import pytest
import torch
from gensim.models import KeyedVectors
from hypothesis import given
from hypothesis import strategies as st

from course_lib.errors import CourseError
from course_lib.interop.word_vectors import load_binary, load_text, save_binary, save_text
from course_lib.models.word_vectors import WordVectors

WORDS = ["river", "岸", "銀行", "naïve", "don't", "𝔹ank", "a\u3000b", "a\u00a0b", "3.5"]
FORMATS = [(save_text, load_text, False), (save_binary, load_binary, True)]


@pytest.fixture
def vectors():
    matrix = torch.randn(len(WORDS), 5, generator=torch.Generator().manual_seed(0))
    matrix[0, :3] = torch.tensor([1e-30, -1.0, 3e38])
    return WordVectors(WORDS, matrix)


@pytest.mark.parametrize(("save", "load", "binary"), FORMATS)
def test_what_is_written_here_opens_here_and_in_gensim(vectors, tmp_path, save, load, binary):
    path = tmp_path / "vectors"
    save(vectors, path)
    again = load(path)
    assert again.words == WORDS
    assert torch.equal(again.matrix, vectors.matrix)
    peer = KeyedVectors.load_word2vec_format(path, binary=binary)
    assert peer.index_to_key == WORDS
    np.testing.assert_array_equal(peer.vectors, vectors.matrix.numpy())


@pytest.mark.parametrize(("save", "load", "binary"), FORMATS)
def test_what_gensim_writes_opens_here(vectors, tmp_path, save, load, binary):
    path, peer = tmp_path / "vectors", KeyedVectors(5)
    peer.add_vectors(WORDS, vectors.matrix.numpy())
    peer.save_word2vec_format(path, binary=binary)
    again = load(path)
    assert again.words == WORDS
    assert torch.equal(again.matrix, vectors.matrix)


@pytest.mark.parametrize(("save", "load", "binary"), FORMATS)
@given(
    words=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters=" \n\r"), min_size=1),
        min_size=1,
        unique=True,
    ),
    number=st.floats(width=32, allow_nan=False, allow_infinity=False),
)
def test_any_word_and_number_come_back(tmp_path_factory, save, load, binary, words, number):
    path = tmp_path_factory.mktemp("round") / "vectors"
    vectors = WordVectors(words, torch.full((len(words), 2), number))
    save(vectors, path)
    again = load(path)
    assert again.words == words
    assert torch.equal(again.matrix, vectors.matrix)


@pytest.mark.parametrize("save", [save_text, save_binary])
@pytest.mark.parametrize("word", ["two words", "line\nend", "line\rend", ""])
def test_a_word_the_format_cannot_hold_is_refused_and_nothing_written(save, word, tmp_path):
    with pytest.raises(CourseError, match="empty or holds a space"):
        save(WordVectors([word], torch.zeros(1, 2)), tmp_path / "vectors")
    assert list(tmp_path.iterdir()) == []


def binary(words, header=None):
    records = (word.encode() + b" " + struct.pack("<2f", 1, 2) + b"\n" for word in words)
    return (header or f"{len(words)} 2\n").encode() + b"".join(records)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "first line should be two numbers"),
        (b"a 1 2\n", "first line should be two numbers"),
        (b"1 0\na\n", "first line should be two numbers"),
        (b"2 2\na 1 2\n", "holds 1 words, but its first line says 2"),
        (b"1 2\na 1 2\nb 1 2\n", "holds 2 words, but its first line says 1"),
        (b"2 2\na 1 2\nb 1\n", "line 3 should be a word and 2 numbers"),
        (b"2 2\na 1 2\nb 1 x\n", "line 3 should be a word and 2 numbers"),
        (b"1 2\na 1 nan\n", "vector of 'a' holds something that is not a number"),
        (b"2 2\na 1 2\na 3 4\n", "two vectors for 'a'"),
        (b"1 2\n\xff 1 2\n", "line 2, byte 1 is not UTF-8"),
    ],
)
def test_a_text_file_that_is_not_right_is_one_clear_line(tmp_path, content, message):
    path = tmp_path / "vectors.txt"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=message) as caught:
        load_text(path)
    assert "\n" not in str(caught.value)
    assert "vectors.txt" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "first line should be two numbers"),
        (b"\x00\xff" * 500, "first line should be two numbers"),
        (b"2 2\n", "cut off at word 1 of 2"),
        (binary(["a", "b"])[:-4], "cut off at word 2 of 2"),
        (binary(["a"], "2 2\n"), "cut off at word 2 of 2"),
        (binary(["a"], "9999999999 2\n"), "cut off at word 2 of 9999999999"),
        (binary(["a", "b"], "1 2\n"), "goes on after the 1 words"),
        (binary(["a", "a"]), "two vectors for 'a'"),
        (b"1 2\n\xff " + struct.pack("<2f", 1, 2), "word 1 is not UTF-8"),
        (b"1 2\na " + struct.pack("<2f", 1, float("inf")), "not a number"),
    ],
)
def test_a_binary_file_that_is_not_right_is_one_clear_line(tmp_path, content, message):
    path = tmp_path / "vectors.bin"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=message) as caught:
        load_binary(path)
    assert "\n" not in str(caught.value)
    assert "vectors.bin" in str(caught.value)


@pytest.mark.parametrize("load", [load_text, load_binary])
def test_a_missing_file_is_one_clear_line(tmp_path, load):
    with pytest.raises(CourseError, match="cannot read"):
        load(tmp_path / "nowhere")


def test_no_words_at_all_are_a_file_too(tmp_path):
    for save, load, _ in FORMATS:
        save(WordVectors([], torch.zeros(0, 3)), tmp_path / "vectors")
        assert load(tmp_path / "vectors").matrix.shape == (0, 3)
