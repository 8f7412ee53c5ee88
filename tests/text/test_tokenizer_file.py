"""Tokenizers as files: they come back, the `tokenizers` library opens them, damage is noticed."""

import json

import pytest
import tokenizers

from course_lib.errors import CourseError
from course_lib.text.tokenizer_file import load_tokenizer, save_tokenizer

from .tokenizer_examples import FAST, SLOW, STRANGE, quick, stories, trained


@pytest.mark.parametrize("byte_fallback", [True, False])
@pytest.mark.parametrize("kind", SLOW)
def test_a_saved_tokenizer_comes_back(kind: str, byte_fallback: bool, tmp_path):
    tokenizer = trained(kind, byte_fallback)
    save_tokenizer(tokenizer, tmp_path / "tokenizer.json")
    again = load_tokenizer(tmp_path / "tokenizer.json")
    assert again.to_settings() == tokenizer.to_settings()
    assert again.vocab.words == tokenizer.vocab.words
    for text in (*STRANGE, *stories("ja")[:5]):
        assert again.tokens(text) == tokenizer.tokens(text)


@pytest.mark.parametrize("kind", ["character", *FAST])
def test_the_library_opens_the_file(kind: str, tmp_path):
    path = tmp_path / "tokenizer.json"
    save_tokenizer(quick(kind) if kind in FAST else trained(kind), path)
    library = tokenizers.Tokenizer.from_file(str(path))
    for text in (*STRANGE, *stories("en")[:20], *stories("ja")[:20]):
        if kind == "wordpiece" and text in STRANGE:
            continue  # the library's WordPiece knows no bytes
        ids = library.encode(text).ids
        assert ids == trained(kind).encode(text).tolist()
        assert library.decode(ids, skip_special_tokens=False) == text


def test_a_file_of_something_else_is_refused_in_one_line(tmp_path):
    path = tmp_path / "tokenizer.json"
    save_tokenizer(trained("bpe"), path)
    whole = path.read_text("utf-8")
    content = json.loads(whole)
    del content["model"]["course"]["special"]
    damaged = [
        "",
        "[]",
        "3",
        "{}",
        '{"model": 3}',
        '{"model": {"course": {"kind": "bpe"}}}',
        whole[: len(whole) // 2],
        whole.replace('"kind": "bpe"', '"kind": "other"'),
        whole.replace('"merges": [', '"merges": [["a"], '),
        whole.replace('"merges": [', '"merges": [["☃", "☃"], '),
        json.dumps(content),
    ]
    for text in damaged:
        path.write_text(text, "utf-8")
        with pytest.raises(CourseError, match="is not a tokenizer of the course, or is dam"):
            load_tokenizer(path)
    with pytest.raises(CourseError, match=r"cannot read .*No such file"):
        load_tokenizer(tmp_path / "missing.json")
    path.write_bytes(b"{\xff}")
    with pytest.raises(CourseError, match="line 1, byte 2 is not UTF-8 text"):
        load_tokenizer(path)
