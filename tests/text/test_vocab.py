import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.text.vocab import SPECIAL, Vocab

TEXTS = [["the", "river", "the"], ["bank", "river", "the"]]


def test_special_words_come_first_then_frequent_ones_then_the_alphabet():
    assert Vocab.from_texts(TEXTS).words == [*SPECIAL, "the", "river", "bank"]
    assert Vocab.from_texts([["b", "a", "c"]]).words == [*SPECIAL, "a", "b", "c"]


def test_rare_words_are_left_out():
    assert Vocab.from_texts(TEXTS, min_count=2).words == [*SPECIAL, "the", "river"]
    assert len(Vocab.from_texts(TEXTS, max_size=5)) == 5
    assert len(Vocab.from_texts(TEXTS, max_size=2)) == len(SPECIAL)


def test_an_unknown_word_becomes_unk():
    vocab = Vocab.from_texts(TEXTS)
    ids = vocab.encode(["the", "spring"])
    assert ids.dtype == torch.long
    assert ids.tolist() == [4, Vocab.unk_id]
    assert vocab.decode(ids) == ["the", "<unk>"]
    assert vocab.encode([]).shape == (0,)


def test_a_word_listed_twice_is_refused():
    with pytest.raises(ValueError, match="'bank' is in the word list twice"):
        Vocab(["bank", "river", "bank"])


@given(st.lists(st.lists(st.text(min_size=1, max_size=4)), min_size=1))
def test_known_words_round_trip(texts):
    vocab = Vocab.from_texts(texts)
    for text in texts:
        assert vocab.decode(vocab.encode(text)) == text
