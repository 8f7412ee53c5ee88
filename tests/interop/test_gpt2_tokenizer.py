"""GPT-2's tokenizer files: `transformers` reads ours, we read its, and the ids agree."""

import json

import pytest
from transformers import GPT2Tokenizer

from course_lib.data import riverbank
from course_lib.errors import CourseError
from course_lib.interop.gpt2_tokenizer import (
    load_gpt2_tokenizer,
    save_gpt2_tokenizer,
    to_gpt2_id,
)
from course_lib.text import fast

TEXTS = [text for story in riverbank.load("dev")[:60] for text in (story.text, story.japanese_text)]
STRANGE = ["", " ", "\n\n  I've 3 🏦 岸\x00", "Ġ é <s> #version: 0.2"]


@pytest.fixture(scope="module")
def tokenizer():
    return fast.train_byte_bpe(TEXTS, 600)


def test_transformers_reads_our_files_with_the_same_ids(tokenizer, tmp_path):
    save_gpt2_tokenizer(tokenizer, tmp_path)
    theirs = GPT2Tokenizer.from_pretrained(tmp_path)
    again = load_gpt2_tokenizer(tmp_path)
    for text in [*TEXTS, *STRANGE]:
        ids = tokenizer.encode(text).tolist()
        assert theirs(text)["input_ids"] == [to_gpt2_id(i) for i in ids]
        assert again.encode(text).tolist() == ids
        assert again.decode(ids) == text


def test_files_that_do_not_fit_are_refused_in_one_line(tokenizer, tmp_path):
    save_gpt2_tokenizer(tokenizer, tmp_path)
    vocab, merges = tmp_path / "vocab.json", tmp_path / "merges.txt"
    right = {path: path.read_text("utf-8") for path in (vocab, merges)}
    swapped = json.loads(right[vocab])
    swapped["!"], swapped['"'] = swapped['"'], swapped["!"]
    for path, text in (
        (vocab, "[]"),
        (vocab, ""),
        (vocab, json.dumps(swapped)),
        (merges, right[merges] + "ab\n"),
        (merges, right[merges] + "☃ a\n"),
        (merges, ""),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(CourseError, match="are not those of a GPT-2, or are damaged"):
            load_gpt2_tokenizer(tmp_path)
        path.write_text(right[path], "utf-8")
    merges.unlink()
    with pytest.raises(CourseError, match=r"cannot read .*merges.txt"):
        load_gpt2_tokenizer(tmp_path)


def test_other_tokenizers_have_no_such_files(tmp_path):
    with pytest.raises(ValueError, match="not bpe"):
        save_gpt2_tokenizer(fast.train_bpe(TEXTS, 1200), tmp_path)
