"""What `course bench gpt` counts and compares; that it is fast is for the benchmark to say."""

import dataclasses

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import gpt
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT

TINY = dataclasses.replace(
    gpt.CFG, vocab_size=20, context_length=16, d_model=8, n_heads=2, n_layers=2
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch):
    """Work of a few milliseconds; and the number of threads stays what it was."""
    for name, value in {"N_STEPS": 2, "BATCH_SIZE": 3, "N_NEW": 5, "PEAK_SIZE": 32}.items():
        monkeypatch.setattr(gpt, name, value)
    n_threads = torch.get_num_threads()
    yield
    torch.set_num_threads(n_threads)


def test_the_work_of_a_known_model():
    cfg = TransformerConfig(
        vocab_size=5, context_length=3, d_model=2, n_heads=1, n_layers=1, d_ff=4
    )
    # Multiply-adds per token: q, k, v, o 16; two matrices of the MLP 16; two tokens on average
    # looked at, 2 numbers each, twice: 8; the output layer 10. Two operations each, three passes.
    assert gpt.flops_per_token(cfg) == 6 * (16 + 16 + 8 + 10)


def test_the_work_is_what_torch_counts():
    cfg = dataclasses.replace(TINY, context_length=1)  # so that causal attention is all attention
    model, ids = GPT(cfg), torch.zeros(4, 1, dtype=torch.long)
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        model(ids).sum().backward()
    assert counter.get_total_flops() == 4 * gpt.flops_per_token(cfg)


def test_all_rates_are_measured_on_a_tiny_model():
    results = gpt.run(TINY, n_turns=3)
    assert [result.target for result in results] == [1.3, None, None, 2, 2]
    for result in results:
        assert result.ours > 0
        assert result.spread[0] <= result.ratio <= result.spread[1]


def test_both_learn_the_same_from_the_same_batches():
    rng = torch.Generator().manual_seed(1)
    ours = GPT(TINY, rng)
    theirs = gpt.their_model(ours)
    batches = [(ids[:, :-1], ids[:, 1:]) for ids in torch.randint(20, (2, 3, 17), generator=rng)]
    before = theirs.transformer.wte.weight.clone()
    gpt.train_ours(ours, iter(batches))()
    gpt.train_theirs(theirs, iter(batches))()
    moved = theirs.transformer.wte.weight - before
    assert moved.abs().max() > 1e-4
    assert (
        torch.nn.functional.cosine_similarity(
            moved.flatten(), (ours.tokens.weight - before).flatten(), dim=0
        )
        > 0.8
    )  # not 1: the peer's loss leaves out the last target of each window


def test_two_that_write_different_texts_are_not_compared(monkeypatch: pytest.MonkeyPatch):
    honest = gpt.their_model
    monkeypatch.setattr(gpt, "their_model", lambda model: honest(GPT(model.cfg)))
    with pytest.raises(ValueError, match="different texts"):
        gpt.generation(TINY, n_turns=1)


def test_the_middle_turn_stands_for_all():
    result = gpt.median_pair("x", [10.0, 30.0, 8.0], [10.0, 10.0, 4.0], "u", target=2)
    assert (result.ours, result.peer) == (8, 4)
    assert result.spread == (1, 3)
    assert result.met
