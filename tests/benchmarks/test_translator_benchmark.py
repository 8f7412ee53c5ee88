"""What `course bench translator` compares; that it is fast is for the benchmark to say."""

import itertools
from collections import Counter

import pytest
import torch
import torch.nn.functional as F

from benchmarks import translator
from course_lib.data.batching import IGNORED, PAD_ID, parallel_batches
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_translator import ModernTranslator
from course_lib.models.translator import Translator


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch):
    """Work of a few milliseconds; and the number of threads stays what it was."""
    sizes = {"N_STORIES": 6, "BATCH_TOKENS": 120, "N_STEPS": 3, "N_LEARNT": 20, "N_NEW": 6}
    for name, value in {**sizes, "N_SENTENCES": 7, "BATCH_SIZE": 3}.items():
        monkeypatch.setattr(translator, name, value)
    n_threads = torch.get_num_threads()
    yield
    torch.set_num_threads(n_threads)


def some_batches(n: int) -> tuple[list[translator.Batch], int, int]:
    pairs, n_words, n_targets = translator.sentence_pairs(6)
    rng = torch.Generator().manual_seed(0)
    return list(itertools.islice(parallel_batches(pairs, 120, rng, 2, 3), n)), n_words, n_targets


def test_all_rates_are_measured_on_a_tiny_model():
    results = translator.run(d_model=8, n_turns=3)
    assert [result.target for result in results] == [None, None, 1.3, 1.3, 1.3]
    for result in results:
        assert result.ours > 0
        assert result.spread[0] <= result.ratio <= result.spread[1]


def test_words_that_are_written_come_first():
    pairs, n_words, n_targets = translator.sentence_pairs(6)
    written = {int(i) for _source, target in pairs for i in target}
    read = {int(i) for source, _target in pairs for i in source}
    assert written == set(range(4, n_targets))
    assert max(read) == n_words - 1
    assert len(read) > n_words - n_targets - 1


def test_shuffled_batches_hold_the_same_rows():
    batches, _n_words, _n_targets = some_batches(4)
    mixed = translator.shuffled(batches, torch.Generator().manual_seed(0))

    def rows(group: list[translator.Batch]) -> Counter:
        found: Counter = Counter()
        for source, inputs, targets in group:
            for row in zip(source.tolist(), inputs.tolist(), targets.tolist(), strict=True):
                words = (tuple(i for i in part if i not in (PAD_ID, IGNORED)) for part in row)
                found[tuple(words)] += 1
        return found

    assert rows(mixed) == rows(batches)
    assert [len(batch[0]) for batch in mixed] == [len(batch[0]) for batch in batches]
    assert translator.n_targets_of(mixed) == translator.n_targets_of(batches)
    n_places = [sum(targets.numel() for *_others, targets in group) for group in (mixed, batches)]
    assert n_places[0] > n_places[1]  # lengths differ within a batch now


@pytest.mark.parametrize("kind", [ModernTranslator, Translator])
def test_both_learn_the_same_from_the_same_batches(kind: type):
    batches, n_words, _n_targets = some_batches(2)
    sizes = {"d_model": 8, "n_heads": 2, "n_layers": 1, "dropout": 0.0}
    ours = kind(TransformerConfig(vocab_size=n_words, **sizes), torch.Generator().manual_seed(1))
    theirs = translator.their_model(ours)
    before = ours.tokens.weight.detach().clone()
    translator.train_ours(ours, batches)()
    translator.train_theirs(theirs, batches)()
    moved = (theirs.model.shared.weight - before).flatten()
    assert moved.abs().max() > 1e-4
    ours_moved = (ours.tokens.weight - before).flatten()
    # not 1: the two rates of learning fall a little differently
    assert F.cosine_similarity(moved, ours_moved, dim=0) > 0.95
