"""Recipes: all chance from the generator; soon better than counting words."""

import math

import pytest
import torch

from course_lib.data import riverbank
from course_lib.evaluation.metrics import bits_per_word
from course_lib.models.ngram import NGramModel
from course_lib.text.vocab import Vocab
from course_lib.training.recipes import lstm_riverbank, target_counts


@pytest.fixture(scope="module")
def vocab() -> Vocab:
    return Vocab(riverbank.vocabulary())


@pytest.fixture(scope="module")
def texts(vocab: Vocab) -> list[torch.Tensor]:
    return [vocab.encode(story.words) for story in riverbank.sample(340, seed=7)]


def test_targets_are_all_words_and_one_end_per_text():
    counts = target_counts([torch.tensor([4, 5, 4]), torch.tensor([], dtype=torch.long)], 7)
    assert counts.tolist() == [0, 0, 0, 2, 2, 1, 0]


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_a_short_run_is_better_than_word_frequencies(cell: str, vocab: Vocab, texts: list):
    seen, new = texts[:300], texts[300:]
    rng = torch.Generator().manual_seed(0)
    losses = []
    model = lstm_riverbank(
        seen, len(vocab), rng, n_steps=60, cell=cell, on_step=lambda _s, loss: losses.append(loss)
    )
    unigram = bits_per_word(
        NGramModel(1, "modified-kneser-ney").fit(seen, len(vocab)).log_probs(new)
    )
    assert len(losses) == 60
    assert losses[0].item() / math.log(2) == pytest.approx(unigram.value, abs=0.5)
    assert bits_per_word(model.log_probs(new)).value < unigram.value - 1.5


def test_the_same_generator_gives_the_same_model(vocab: Vocab, texts: list):
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(len(found))  # which must not matter
        rng = torch.Generator().manual_seed(seed)
        model = lstm_riverbank(texts[:50], len(vocab), rng, n_steps=3)
        found.append(torch.cat([weight.flatten() for weight in model.parameters()]))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
