import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.text.packed import PackedTexts, pack
from course_lib.text.vocab import Vocab

VOCAB = Vocab(["a", "b", "c"])
TEXTS = st.lists(st.lists(st.sampled_from(["a", "b", "c", "new", "<s>"]), max_size=5))


@given(TEXTS)
def test_packed_texts_are_the_list_they_stand_for(texts):
    packed = PackedTexts.encode(iter(texts), VOCAB)
    known = [[w if w in "abc" else "<unk>" for w in text] for text in texts]
    expected = [VOCAB.encode(text).tolist() for text in known]
    assert [text.tolist() for text in packed] == expected
    assert packed.lengths.tolist() == [len(text) for text in texts]
    assert packed.words.tolist() == [*itertools.chain(*expected)]
    again = pack([torch.tensor(text).long() for text in expected])
    assert [text.tolist() for text in again] == expected
    assert pack(packed) is packed


@given(TEXTS, st.integers(0, 6), st.integers(-3, 6), st.integers(1, 9))
def test_slices_and_batches_hold_the_same_texts(texts, first, end, n_words):
    packed = PackedTexts.encode(texts, VOCAB)
    rows = [text.tolist() for text in packed]
    assert [text.tolist() for text in packed[first:end]] == rows[first:end]
    assert [text.tolist() for text in packed[1:][1:4]] == rows[2:5]
    assert packed[1:].words.tolist() == [*itertools.chain(*rows[1:])]
    batches = list(packed[1:].batches(n_words))
    assert [text.tolist() for batch in batches for text in batch] == rows[1:]
    assert all(len(batch) == 1 or len(batch.words) <= n_words for batch in batches)


def test_a_text_is_an_ordinary_tensor():
    packed = PackedTexts.encode([["a", "b"], []], VOCAB)
    assert packed[0].dtype == torch.long
    assert packed[-1].shape == (0,)
    with pytest.raises(IndexError):
        packed[2]
    with pytest.raises(ValueError, match="step of 1"):
        packed[::2]
