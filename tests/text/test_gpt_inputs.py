"""Tasks as texts: known values, the limit of the context, words that the vocabulary lacked."""

import pytest
import torch

from course_lib.errors import CourseError
from course_lib.text.gpt_inputs import (
    DELIMITER,
    EXTRACT,
    GPTMarks,
    both_orders,
    choices,
    pair,
    single,
    with_marks,
)
from course_lib.text.vocab import Vocab

VOCAB = with_marks(Vocab(["the", "bank", "river", "was", "muddy"]))
MARKS = GPTMarks.of(VOCAB, 8)
ONE, TWO, THREE = (VOCAB.encode(text.split()) for text in ("the bank", "was", "muddy river was"))


def told(texts: list[torch.Tensor]) -> list[str]:
    return [" ".join(VOCAB.decode(text)) for text in texts]


def test_each_transformation():
    assert told(single(ONE, MARKS)) == ["<s> the bank <e>"]
    assert told(pair(ONE, TWO, MARKS)) == ["<s> the bank <$> was <e>"]
    assert told(both_orders(ONE, TWO, MARKS)) == [
        "<s> the bank <$> was <e>",
        "<s> was <$> the bank <e>",
    ]
    assert told(choices(ONE, [TWO, THREE, TWO], MARKS)) == [
        "<s> the bank <$> was <e>",
        "<s> the bank <$> muddy river was <e>",
        "<s> the bank <$> was <e>",
    ]


def test_an_empty_text_keeps_its_place():
    empty = torch.empty(0, dtype=torch.long)
    assert told(single(empty, MARKS)) == ["<s> <e>"]
    assert told(both_orders(empty, TWO, MARKS)) == ["<s> <$> was <e>", "<s> was <$> <e>"]
    assert single(empty, MARKS)[0].dtype == torch.long


def test_the_longest_text_fits_and_one_more_word_is_refused():
    assert len(pair(ONE, THREE, MARKS)[0]) == 8
    with pytest.raises(CourseError, match=r"9 tokens, marks included, is too long.* 8"):
        pair(THREE, THREE, MARKS)
    with pytest.raises(CourseError, match="too long"):
        choices(ONE, [TWO, torch.cat([THREE, TWO])], MARKS)


def test_old_ids_stay_and_new_words_follow_the_marks_once():
    old = Vocab(["b", "a"])
    new = with_marks(old, ["c", "a", "d", "c", "<s>"])
    assert new.words == [*old.words, DELIMITER, EXTRACT, "c", "d"]
    again = with_marks(new, ["d"])
    assert again.words == new.words


def test_a_vocabulary_without_marks_is_refused():
    with pytest.raises(ValueError, match="<e>"):
        GPTMarks.of(Vocab(["a"]), 8)
