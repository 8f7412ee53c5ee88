"""Holes filled by a model: one at a time or many, every word with its probability."""

import pytest
import torch

from course_lib.errors import CourseError
from course_lib.inference.filling import fill, hole_log_probs, words_with_holes
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_bert import ModernBERT
from course_lib.models.pretraining_heads import PretrainingBERT
from course_lib.text.marks import MARKS, Marks
from course_lib.text.vocab import Vocab

VOCAB = Vocab([*MARKS, *["she", "swam", "across", "the", "river", "to", "other", "bank", "."]])
MARKED = Marks.of(VOCAB)


@pytest.fixture
def model():
    cfg = TransformerConfig(
        vocab_size=len(VOCAB), context_length=16, d_model=16, n_heads=2, n_layers=2, dropout=0.5
    )
    return PretrainingBERT(ModernBERT(cfg, rng=torch.Generator().manual_seed(1)))


def test_underscores_are_holes():
    wanted = ["emma", "[MASK]", "across", ",", "[MASK]", "."]
    assert words_with_holes("Emma ___ across, __.") == wanted
    assert words_with_holes("Emma [MASK] across, ________.") == wanted
    assert words_with_holes("") == []
    assert words_with_holes("___") == ["[MASK]"]
    assert words_with_holes("a _b_ c") == ["a", "b", "c"]


def test_a_hole_is_what_the_model_says_at_its_place(model):
    words = ["she", "[MASK]", "across", "the", "[MASK]", "."]
    first, second = fill(model.train(), VOCAB, words)
    ids = VOCAB.encode(["[CLS]", *words, "[SEP]"])[None]
    with torch.no_grad():
        logits, _follows = model.eval()(ids)
    for found, place in ((first, 2), (second, 5)):
        probs = logits[0, place].softmax(dim=-1)
        assert found == pytest.approx(dict(zip(VOCAB.words, probs.tolist(), strict=True)))
        assert list(found.values()) == sorted(found.values(), reverse=True)
        assert sum(found.values()) == pytest.approx(1, abs=1e-5)


def test_many_texts_with_one_hole_each_equal_one_at_a_time(model):
    rng = torch.Generator().manual_seed(2)
    texts = [torch.randint(7, len(VOCAB), (n,), generator=rng) for n in (3, 9, 1, 9, 14)]
    places = [2, 0, 0, 8, 5]
    together = hole_log_probs(model, texts, places, MARKED, n_tokens=24)
    assert together.shape == (5, len(VOCAB))
    for row, text, place in zip(together, texts, places, strict=True):
        words = VOCAB.decode(text)
        words[place] = "[MASK]"
        alone = fill(model, VOCAB, words)[0]
        again = {VOCAB.words[i]: p for i, p in enumerate(row.exp().tolist())}
        assert again == pytest.approx(alone, abs=1e-6)


def test_what_stood_in_the_hole_plays_no_role(model):
    texts = [VOCAB.encode(["she", word, "the", "river"]) for word in ("swam", "bank")]
    rows = hole_log_probs(model, texts, [1, 1], MARKED)
    assert torch.equal(rows[0], rows[1])
    assert torch.equal(texts[0], VOCAB.encode(["she", "swam", "the", "river"]))


def test_no_hole_no_place_and_too_long(model):
    with pytest.raises(CourseError, match="no hole"):
        fill(model, VOCAB, ["she", "swam"])
    with pytest.raises(CourseError, match="no hole"):
        fill(model, VOCAB, [])
    with pytest.raises(CourseError, match="reads 16"):
        fill(model, VOCAB, ["she"] * 14 + ["[MASK]"])
    for place in (-1, 2):
        with pytest.raises(ValueError, match="no place"):
            hole_log_probs(model, [VOCAB.encode(["she", "swam"])], [place], MARKED)
