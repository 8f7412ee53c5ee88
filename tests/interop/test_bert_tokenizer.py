"""BERT's vocab.txt: the ids of the `tokenizers` library, and clear words about bad files."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import BertWordPieceTokenizer

from course_lib.errors import CourseError
from course_lib.interop.bert_tokenizer import SPECIAL, BertTokenizer, load_bert_tokenizer
from course_lib.text.task_inputs import sentence_input

WORDS = [
    "i",
    "swam",
    "across",
    "the",
    "river",
    "##s",
    "don",
    "'",
    "t",
    "!",
    "un",
    "##aff",
    "##able",
]
LETTERS = [*"abcdefghijklmnopqrstuvwxyzé岸川でいだ.,$-「」"]
PIECES = [
    *dict.fromkeys(
        ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *LETTERS]
        + [f"##{letter}" for letter in LETTERS]
        + ["I", "Swam", "RIVER"]
    )
]
TEXTS = [
    "I swam across the rivers.",
    "Don't!  I don't\tswim\nunaffable",
    "Café CAFÉ café",
    "川で泳いだ。岸「だ」",
    "a\x00b\u200bc\ufffdd e\u3000f",
    "$5-6 [MASK] [CLS] ^~|",
    "x" * 101 + " " + "x" * 100,
    "İstanbul ΣΑΣ ß Ⅷ",
    "",
    " ",
]


def library(lower: bool) -> BertWordPieceTokenizer:
    vocab = {piece: i for i, piece in enumerate(PIECES)}
    return BertWordPieceTokenizer(vocab, lowercase=lower)


def theirs(text: str, lower: bool) -> list[int]:
    """The library without its special tokens, which it would look for in the text."""
    rust = library(lower)._tokenizer
    words = rust.pre_tokenizer.pre_tokenize_str(rust.normalizer.normalize_str(text))
    return [token.id for word, _place in words for token in rust.model.tokenize(word)]


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("text", TEXTS)
def test_ids_are_the_librarys(text: str, lower: bool):
    assert BertTokenizer(PIECES, lower).encode(text).tolist() == theirs(text, lower)


@given(st.text(max_size=30), st.booleans())
def test_ids_are_the_librarys_for_any_text(text: str, lower: bool):
    known = "".join(c for c in text if c.isascii() or c in "éÉ岸川でいだ「」。İß\u3000")
    assert BertTokenizer(PIECES, lower).encode(known).tolist() == theirs(known, lower)


def test_from_the_file_to_an_input(tmp_path: Path):
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    tokenizer = load_bert_tokenizer(tmp_path)
    assert len(tokenizer) == len(PIECES)
    assert tokenizer.tokens("Unaffable, I swam") == ["un", "##aff", "##able", ",", "i", "swam"]
    encoding = tokenizer.encoding(16)
    read = sentence_input(encoding.encode("I swam"), encoding.encode("!"), encoding.marks, 16)
    names = ["[CLS]", "i", "swam", "[SEP]", "!", "[SEP]"]
    assert read.ids.tolist() == [PIECES.index(name) for name in names]
    assert encoding.marks.pad_id == 0
    assert torch.equal(encoding.encode_word("river"), tokenizer.encode("river"))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False}))
    assert load_bert_tokenizer(tmp_path).tokens("I Swam") == ["I", "Swam"]


def test_files_that_are_not_berts(tmp_path: Path):
    with pytest.raises(CourseError, match="cannot read"):
        load_bert_tokenizer(tmp_path)
    for lines in (["a", "b"], [*PIECES, "a"], [*SPECIAL[1:], "a"]):
        (tmp_path / "vocab.txt").write_text("\n".join(lines))
        with pytest.raises(CourseError, match=r"vocab.txt .* not BERT's"):
            load_bert_tokenizer(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES))
    (tmp_path / "tokenizer_config.json").write_text("[]")
    with pytest.raises(CourseError, match="not BERT's"):
        load_bert_tokenizer(tmp_path)
