"""The references of lecture 06 that are not the package's own functions equal them."""

import itertools
import random

import pytest
import torch

from course_lib.classroom.exercises.seq2seq.curve import quality_by_length
from course_lib.classroom.exercises.seq2seq.forcing import teacher_forcing
from course_lib.classroom.exercises.seq2seq.forgetting import forgetting_curve
from course_lib.classroom.exercises.seq2seq.writing import write_greedily
from course_lib.data.batching import parallel_batches
from course_lib.evaluation.metrics import mean
from course_lib.inference.decoding import cut_at_end, generate, greedy
from course_lib.text.vocab import Vocab

seeds = pytest.mark.parametrize("seed", range(5))


@seeds
def test_teacher_forcing(seed: int):
    rng, vocab = random.Random(seed), Vocab("abc")
    words = rng.choices("abc", k=seed)
    pairs = [(torch.tensor([4]), vocab.encode(words))]
    batch = next(parallel_batches(pairs, 99, torch.Generator(), vocab.start_id, vocab.end_id))
    package = [vocab.decode(row[0]) for row in batch[1:]]
    assert package == [*teacher_forcing(words)]


class Bigrams:
    """A table of probabilities as a language model."""

    def __init__(self, table: dict[str, dict[str, float]], vocab: Vocab) -> None:
        self.logits = torch.full((len(vocab), len(vocab)), -torch.inf)
        for word, row in table.items():
            for other, p in row.items():
                self.logits[vocab.ids[word], vocab.ids[other]] = p

    def next_logits(self, ids: torch.Tensor) -> torch.Tensor:
        return self.logits[ids[:, -1]]


@seeds
def test_writing(seed: int):
    rng, vocab = random.Random(seed), Vocab("abcde")
    nexts = [*"abcde", "</s>"]
    table = {word: {other: rng.random() for other in nexts} for word in ["<s>", *"abcde"]}
    start = torch.tensor([[vocab.start_id]])
    ids = generate(Bigrams(table, vocab), start, 8, greedy, vocab.end_id)[:, 1:]
    assert vocab.decode(cut_at_end(ids, vocab.end_id)[0]) == write_greedily(table, 8)


@seeds
def test_curve(seed: int):
    rng = random.Random(seed)
    lengths = [rng.randint(4, 12) for _ in range(60)]
    right = [rng.random() < 0.6 for _ in lengths]
    bounds = [3, 6, 9, 12]
    for point, (low, high) in zip(
        quality_by_length(lengths, right, bounds), itertools.pairwise(bounds), strict=True
    ):
        chosen = [float(ok) for n, ok in zip(lengths, right, strict=True) if low < n <= high]
        assert point == pytest.approx(tuple(mean(chosen)))


@seeds
def test_forgetting(seed: int):
    """Against the lecture's machine on tensors: 24 bits hold the 8 youngest digits of 3 bits."""
    rng = random.Random(seed)
    lists = [rng.choices(range(8), k=12) for _ in range(20)]
    digits = torch.tensor(lists, dtype=torch.float64).T
    h = torch.zeros(20, dtype=torch.float64)
    for row in digits:
        h = ((h + row) / 8 * 2**24).floor() / 2**24
    shares = []
    for row in digits.flip(0):
        y = (h * 8).floor()
        shares.append((y == row).double().mean().item())
        h = h * 8 - y
    assert forgetting_curve(lists, 8, 24) == shares
    assert shares[:8] == [1.0] * 8
    assert max(shares[8:]) < 1
