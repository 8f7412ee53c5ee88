"""What holds for every tokenizer: texts come back, ids are the protocol's, errors are one line."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.errors import CourseError
from course_lib.text import fast
from course_lib.text.tokenizer import BYTES
from course_lib.text.tokenizer_file import from_settings
from course_lib.text.vocab import SPECIAL, Vocab

from .tokenizer_examples import FAST, SLOW, STRANGE, any_text, quick, trained

ALL = [*SLOW, *(f"fast {kind}" for kind in FAST)]


def made(name: str, byte_fallback: bool = True):
    kind = name.removeprefix("fast ")
    return (quick if name.startswith("fast ") else trained)(kind, byte_fallback)


every = pytest.mark.parametrize("name", ALL)


@every
@settings(max_examples=60)
@given(text=any_text)
def test_every_text_comes_back(name: str, text: str):
    tokenizer = made(name)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert tokenizer.vocab.decode(ids) == tokenizer.tokens(text)
    assert not set(ids.tolist()) & {*range(len(SPECIAL) + 2)}  # nothing unknown, nothing special


@every
@pytest.mark.parametrize("text", STRANGE)
def test_strange_texts_come_back(name: str, text: str):
    tokenizer = made(name)
    assert tokenizer.decode(tokenizer.encode(text)) == text


@every
def test_ids_are_those_of_the_protocol(name: str):
    tokenizer = made(name)
    assert tokenizer.vocab.words[:6] == [*SPECIAL, "<mask>", "<sep>"]
    assert len(tokenizer) == len(tokenizer.vocab)
    ids = tokenizer.encode("The bank, 岸")
    assert ids.dtype == torch.long
    assert ids.ndim == 1
    assert tokenizer.encode("").shape == (0,)
    assert tokenizer.encode("").dtype == torch.long


@every
def test_special_tokens_are_letters_unless_asked_for(name: str):
    tokenizer = made(name)
    text = "the <mask> bank<sep></s>"
    assert "<mask>" not in tokenizer.tokens(text)
    asked = tokenizer.encode(text, special=("<mask>", "</s>"))
    assert [i for i in asked.tolist() if i < 6] == [4, Vocab.end_id]
    assert tokenizer.decode(asked) == "the <mask> bank<sep>"  # </s> is no part of a text
    with pytest.raises(ValueError, match=r"\['<class>'\] are not among"):
        tokenizer.tokens(text, special=("<class>",))


@every
def test_marks_around_a_text_are_left_out_and_unknown_ones_are_shown(name: str):
    tokenizer = made(name)
    ids = [2, *tokenizer.encode("the bank").tolist(), 3, 0, 0]
    assert tokenizer.decode(ids) == "the bank"
    assert tokenizer.decode(torch.tensor([1, 5])) == "<unk><sep>"


@every
def test_half_a_character_is_refused_in_one_line(name: str):
    with pytest.raises(CourseError, match=r"^character 4 is U\+D83C, half of a character; .*$"):
        made(name).encode("ab \ud83c c")


@pytest.mark.parametrize(
    "train", [*(kind.train for kind in SLOW.values()), fast.train_bpe, fast.train_byte_bpe]
)
def test_half_a_character_is_refused_in_training_too(train):
    size = {} if train == SLOW["character"].train else {"vocab_size": 600}
    with pytest.raises(CourseError, match=r"character 2 is U\+D83C"):
        train(["ab ab", "b\ud83c"], **size)


@every
def test_settings_are_plain_and_give_the_same_tokenizer(name: str):
    tokenizer = made(name)
    again = from_settings(json.loads(json.dumps(tokenizer.to_settings())))
    assert again.vocab.words == tokenizer.vocab.words
    for text in STRANGE:
        assert again.tokens(text) == tokenizer.tokens(text)


@pytest.mark.parametrize("name", [name for name in ALL if "byte" not in name])
def test_without_bytes_what_is_unknown_is_unk(name: str):
    tokenizer = made(name, byte_fallback=False)
    assert not set(BYTES) & set(tokenizer.vocab.words)
    tokens = tokenizer.tokens(" the bank ж")
    assert tokens[-1] == "<unk>"
    assert "".join(tokens[:-1]).replace("##", "").strip() == "the bank"


@pytest.mark.parametrize("kind", FAST)
@settings(max_examples=100)
@given(texts=st.lists(any_text, max_size=4))
def test_fast_twins_give_the_same_tokens(kind: str, texts: list[str]):
    slow, twin = trained(kind), quick(kind)
    for text, ids in zip(texts, twin.encode_all(texts), strict=True):
        assert twin.tokens(text) == slow.tokens(text)
        assert ids.tolist() == slow.encode(text).tolist()


@every
def test_the_bytes_of_the_tokens_are_those_of_the_text(name: str):
    tokenizer = made(name)
    for text in (*STRANGE, "銀行 bank 🏦"):
        assert b"".join(map(tokenizer.token_bytes, tokenizer.tokens(text))) == text.encode()


def test_bytes_that_are_no_character_are_shown_as_such():
    tokenizer = trained("bpe")
    ids = tokenizer.vocab.encode(["<0xE5>", "<0xB2>", "b", "<0xE5>", "<0xB2>", "<0xB8>"])
    assert tokenizer.decode(ids) == "\ufffdb岸"


def test_words_split_in_other_ways_come_back_readable():
    texts = ["The river, the bank.", "THE river"]
    lower = SLOW["word"].train(texts, split_by="words", byte_fallback=False)
    assert lower.tokens("The  RIVER Rhine.") == ["the", "river", "<unk>", "."]
    assert lower.decode(lower.encode("The  RIVER.")) == "the river ."
    assert lower.vocab.words[len(SPECIAL) :] == ["the", "river", ",", ".", "bank"]
    with pytest.raises(ValueError, match="words cannot be found by 'lines'"):
        SLOW["word"]([], split_by="lines")


def test_a_word_vocabulary_is_cut_to_size():
    tokenizer = SLOW["word"].train(["a b b", "b c c"], vocab_size=len(SPECIAL) + 256 + 2)
    assert tokenizer.pieces == [" b", " c"]
    assert SLOW["character"].train(["aab", "bcc"], min_count=2).pieces == ["a", "b", "c"]


def test_words_that_look_like_special_tokens_or_bytes_are_words_all_the_same():
    tokenizer = SLOW["word"](["bank"], special=("<mask>",), split_by="spaces")
    assert tokenizer.tokens("<mask> bank")[:3] == ["<0x3C>", "<0x6D>", "<0x61>"]
    assert tokenizer.tokens("<0x41>")[0] == "<0x3C>"
    assert tokenizer.tokens("</s>", special=("</s>",)) == ["</s>"]


def test_the_longer_of_two_special_tokens_is_found_first():
    tokenizer = SLOW["character"]("ab", special=("<x>", "<x>a", "<x>ab"))
    asked = ("<x>", "<x>ab", "<x>a")
    assert tokenizer.tokens("b<x>ab<x>aa<x>", asked) == ["b", "<x>ab", "<x>a", "a", "<x>"]
    with pytest.raises(ValueError, match="'b' is in the word list twice"):
        SLOW["character"]("ab", special=("b",))
