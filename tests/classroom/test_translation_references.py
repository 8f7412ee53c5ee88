"""The references of lecture 13 that are not the package's own functions equal them."""

import random

import pytest
import torch

from course_lib.classroom.exercises.translation.chance import share_of_wins
from course_lib.classroom.exercises.translation.clipping import clipped_matches
from course_lib.classroom.exercises.translation.crossing import cross_attention
from course_lib.classroom.exercises.translation.marks import marked_example
from course_lib.classroom.exercises.translation.smoothing import smoothed_loss
from course_lib.data.batching import parallel_batches
from course_lib.evaluation.bleu import bleu
from course_lib.models.attention import MultiHeadAttention
from course_lib.models.config import TransformerConfig
from course_lib.text.translation_inputs import ASKED, translation_source
from course_lib.text.vocab import Vocab
from course_lib.training.objectives import smoothed_sequence_loss

seeds = pytest.mark.parametrize("seed", range(5))


@seeds
def test_marked_example(seed: int):
    rng, vocab = random.Random(seed), Vocab([*ASKED, *"abc"])
    source, target, mark = rng.choices("abc", k=3), rng.choices("abc", k=seed), rng.choice(ASKED)
    pairs = [(translation_source(vocab, mark, source), vocab.encode(target))]
    batch = next(parallel_batches(pairs, 99, torch.Generator(), vocab.start_id, vocab.end_id))
    assert [vocab.decode(row[0]) for row in batch] == [*marked_example(mark, source, target)]


@seeds
def test_cross_attention_is_one_head_of_the_layer(seed: int):
    torch.manual_seed(seed)
    cfg = TransformerConfig(vocab_size=5, d_model=4, n_heads=1, n_layers=1, dropout=0.0)
    layer = MultiHeadAttention(cfg).double()
    with torch.no_grad():
        for linear in (layer.w_q, layer.w_k, layer.w_v, layer.w_o):
            linear.bias.zero_()
        layer.w_o.weight.copy_(torch.eye(4))
        states, memory = torch.randn(3, 4).double(), torch.randn(6, 4).double()
        mask = torch.arange(6) < 4
        expected = layer(states[None], memory[None], mask[None, None, None])[0]
        weights = [linear.weight.T for linear in (layer.w_q, layer.w_k, layer.w_v)]
        torch.testing.assert_close(cross_attention(states, memory, *weights, 4), expected)


@seeds
def test_smoothed_loss(seed: int):
    rng = torch.Generator().manual_seed(seed)
    logits = torch.randn(2, 3, 7, generator=rng)
    targets = torch.randint(7, (2, 3), generator=rng)
    targets[1, 2] = -100

    def model(_source: torch.Tensor, _inputs: torch.Tensor) -> torch.Tensor:
        return logits

    package = smoothed_sequence_loss(0.1)(model, (logits, logits, targets))
    found = smoothed_loss(logits.flatten(0, 1), targets.flatten(), 0.1)
    torch.testing.assert_close(found, package)


@seeds
def test_clipped_matches_make_bleu(seed: int):
    rng = random.Random(seed)
    translation, reference = rng.choices("abc", k=9), rng.choices("abc", k=9)
    right, total = clipped_matches(translation, reference, 1)
    assert bleu([translation], [reference], max_n=1) == pytest.approx(100 * right / total)


@seeds
def test_share_of_wins_of_bleu(seed: int):
    """With translations as long as their references, BLEU of single words is this score."""
    rng = random.Random(seed)
    texts = [[rng.choices("abcd", k=rng.randint(2, 6)) for _i in range(8)]]
    texts += [[rng.choices("abcd", k=len(row)) for row in texts[0]] for _side in range(2)]
    references, *sides = texts
    counts = [
        [clipped_matches(a, b, 1) for a, b in zip(side, references, strict=True)] for side in sides
    ]
    samples = [rng.choices(range(8), k=8) for _i in range(20)]
    points = 0.0
    for sample in samples:
        a, b = (
            bleu([side[i] for i in sample], [references[i] for i in sample], max_n=1)
            for side in sides
        )
        same = abs(a - b) < 1e-9
        points += 0.5 if same else a > b
    assert share_of_wins(*counts, samples) == pytest.approx(points / 20)
