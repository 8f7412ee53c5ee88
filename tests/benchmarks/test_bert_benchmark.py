"""What `course bench bert` compares; that it is fast is for the benchmark to say."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F

from benchmarks import bert
from course_lib.data.batching import PAD_ID
from course_lib.models.bert import BERT
from course_lib.models.pretraining_heads import PretrainingBERT

TINY = dataclasses.replace(bert.CFG, vocab_size=1000, d_model=8, n_heads=2, n_layers=2)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch):
    """Work of a few milliseconds; and the number of threads stays what it was."""
    for name, value in {"N_STORIES": 20, "N_PADDING": 5, "BATCH_TOKENS": 300}.items():
        monkeypatch.setattr(bert, name, value)
    n_threads = torch.get_num_threads()
    yield
    torch.set_num_threads(n_threads)


def test_all_rates_are_measured_on_a_tiny_model():
    results = bert.run(TINY, n_turns=3)
    assert [result.target for result in results[:-1]] == [1.3, None, None, None]
    for result in results[:-1]:
        assert result.ours > 0
        assert result.spread[0] <= result.ratio <= result.spread[1]
    assert results[-1].target * results[-1].peer == pytest.approx(900)
    assert 0 < results[-1].peer < results[-1].ours <= 1000


def test_words_are_counted_against_all_places():
    lengths = [torch.tensor([2, 4]), torch.tensor([3, 3, 3])]
    assert bert.words_per_place(lengths) == 15 / 17


def test_both_learn_the_same_from_the_same_batches():
    batches, n_words = bert.riverbank_batches(2, 300)
    assert any((batch.ids == PAD_ID).any() for batch in batches)
    rng = torch.Generator().manual_seed(1)
    ours = PretrainingBERT(BERT(dataclasses.replace(TINY, vocab_size=n_words), rng), rng)
    theirs = bert.their_model(ours)
    before = theirs.bert.embeddings.word_embeddings.weight.clone()
    bert.train_ours(ours, batches)()
    bert.train_theirs(theirs, batches)()
    moved = (theirs.bert.embeddings.word_embeddings.weight - before).flatten()
    assert moved.abs().max() > 1e-4
    ours_moved = (ours.encoder.tokens.weight - before).flatten()
    # not 1: the two rates of learning fall a little differently
    assert F.cosine_similarity(moved, ours_moved, dim=0) > 0.98
