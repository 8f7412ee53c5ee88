"""The references of lecture 03 that are not the package's own functions equal them."""

import random

import pytest
import torch

from course_lib.classroom.exercises.word2vec.negatives import negative_sampling_loss
from course_lib.classroom.exercises.word2vec.pairs import skip_gram_pairs
from course_lib.classroom.exercises.word2vec.subsampling import keep_probability
from course_lib.data import batching
from course_lib.models.word2vec import SkipGram
from course_lib.text.vocab import Vocab
from course_lib.training import objectives

seeds = pytest.mark.parametrize("seed", range(5))


@seeds
def test_windows(seed: int):
    rng = random.Random(seed)
    vocab = Vocab("abcdef")
    texts = [rng.choices("abcdef", k=rng.randint(0, 12)) for _text in range(4)]
    window = rng.randint(1, 4)
    centres, contexts = batching.skip_gram_pairs([vocab.encode(t) for t in texts], window)
    package = list(zip(vocab.decode(centres), vocab.decode(contexts), strict=True))
    assert package == [pair for text in texts for pair in skip_gram_pairs(text, window)]


@seeds
def test_negative_sampling(seed: int):
    rng = torch.Generator().manual_seed(seed)
    model = SkipGram(9, 4, rng)
    torch.nn.init.normal_(model.outputs.weight, generator=rng)
    centres, targets = torch.tensor([3, 1]), torch.tensor([2, 8])
    negatives = torch.randint(9, (2, 5), generator=rng)
    vectors = model.inputs.weight, model.outputs.weight
    by_hand = [
        negative_sampling_loss(vectors[0][c], vectors[1][t], vectors[1][n])
        for c, t, n in zip(centres, targets, negatives, strict=True)
    ]
    package = objectives.negative_sampling_loss(model, (centres, targets, negatives))
    torch.testing.assert_close(torch.stack(by_hand).mean(), package)


@seeds
def test_subsampling(seed: int):
    rng = random.Random(seed)
    counts = {word: rng.choice([1, 10, 100, 1000]) for word in "abcdef"}
    package = batching.keep_probability(torch.tensor([*counts.values()]), 0.01).tolist()
    assert keep_probability(counts, 0.01) == pytest.approx(dict(zip(counts, package, strict=True)))
