import itertools
import math

import pytest
import torch
from torch import Tensor

from course_lib.inference.beam import beam_search
from course_lib.inference.decoding import cut_at_end, generate, greedy
from course_lib.text.vocab import Vocab

END = Vocab.end_id
START = torch.tensor([[Vocab.start_id]])


class Table:
    """Scores the next id by the last two ids, at random: (V, V, V) float64."""

    def __init__(self, seed: int, vocab_size: int = 6, spread: float = 2.0) -> None:
        rng = torch.Generator().manual_seed(seed)
        shape = (vocab_size, vocab_size, vocab_size)
        self.logits = spread * torch.randn(shape, generator=rng, dtype=torch.float64)
        self.logits[:, :, [Vocab.pad_id, Vocab.start_id]] = -torch.inf

    def next_logits(self, ids: Tensor) -> Tensor:
        before = ids[:, -2] if ids.size(1) > 1 else torch.full_like(ids[:, 0], Vocab.start_id)
        return self.logits[before, ids[:, -1]]

    def log_prob(self, prompt: list[int], new: tuple[int, ...]) -> float:
        """By the chain rule, one token after the other."""
        text, total = list(prompt), 0.0
        for token in new:
            total += self.next_logits(torch.tensor([text])).log_softmax(-1)[0, token].item()
            text.append(token)
        return total

    def log_probs(self, texts: list[Tensor]) -> list[Tensor]:
        raise NotImplementedError


def every_continuation(n_new: int, words: tuple[int, ...], end: int | None):
    """All that end before, and all of n_new tokens."""
    if end is None:
        yield from itertools.product(words, repeat=n_new)
        return
    others = [w for w in words if w != end]
    for n in range(n_new):
        yield from ((*before, end) for before in itertools.product(others, repeat=n))
    yield from itertools.product(others, repeat=n_new)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("end", [None, END])
@pytest.mark.parametrize("length_penalty", [0.0, 1.0, 2.0, -1.0])
def test_with_enough_beams_nothing_is_missed(seed: int, end: int | None, length_penalty: float):
    model, prompt = Table(seed), [Vocab.start_id, 4]
    ways = every_continuation(4, (1, 3, 4, 5), end)
    logs = {new: model.log_prob(prompt, new) for new in ways}
    scores = {new: log_p / len(new) ** length_penalty for new, log_p in logs.items()}
    best = sorted(scores, key=scores.__getitem__, reverse=True)
    found = beam_search(model, torch.tensor([prompt]), 4, 4**4, end, length_penalty)[0]
    assert [tuple(h.ids.tolist()) for h in found] == best
    assert [h.score for h in found] == pytest.approx([scores[new] for new in best], abs=1e-9)
    assert [h.log_prob for h in found] == pytest.approx([logs[new] for new in best], abs=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_one_beam_without_length_penalty_is_greedy(seed: int):
    model = Table(seed)
    ids = torch.tensor([[2, 4], [2, 5], [4, 1]])
    rows = cut_at_end(generate(model, ids, 7, greedy, END)[:, 2:], END)
    for row, found in zip(rows, beam_search(model, ids, 7, 1, END, 0.0), strict=True):
        assert found[0].ids[: len(row)].equal(row)
        assert len(found[0].ids) == min(7, len(row) + 1)


@pytest.mark.parametrize("seed", range(8))
def test_scores_are_those_of_the_chain_rule_and_in_order(seed: int):
    model = Table(seed, vocab_size=9)
    for prompt, found in zip(
        ([2, 4], [2, 8]),
        beam_search(model, torch.tensor([[2, 4], [2, 8]]), 6, 5, END, 0.7),
        strict=True,
    ):
        assert len(found) == 5
        assert len({tuple(h.ids.tolist()) for h in found}) == 5
        for h in found:
            assert h.log_prob == pytest.approx(model.log_prob(prompt, tuple(h.ids.tolist())))
            assert h.score == pytest.approx(h.log_prob / len(h.ids) ** 0.7)
            assert END not in h.ids[:-1]
        assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)


def test_two_beams_find_what_greedy_misses():
    """p: a .5, b .4; after a four words of .25 each, after b always c."""
    table = torch.full((8, 8, 8), -torch.inf)
    a, b, c = 4, 5, 6
    table[2, 2, [a, b, c]] = torch.tensor([0.5, 0.4, 0.1]).log()
    table[2, a, [1, 4, 5, 6]] = torch.tensor(0.25).log()
    table[2, b, c] = 0.0
    model = Table(0)
    model.logits = table
    found = {n: beam_search(model, START, 2, n)[0][0] for n in (1, 2)}
    assert math.exp(found[1].log_prob) == pytest.approx(0.125)
    assert found[2].ids.tolist() == [b, c]
    assert math.exp(found[2].log_prob) == pytest.approx(0.4)


def test_a_length_penalty_chooses_between_short_and_long():
    """</s> at once has p = .5; five times 4 has .5 * .9 ** 4 = .33, but a better mean."""
    table = torch.full((6, 6, 6), -torch.inf)
    table[2, 2, [END, 4]] = torch.tensor([0.5, 0.5]).log()
    table[2, 4, [END, 4]] = torch.tensor([0.1, 0.9]).log()
    table[4, 4, [END, 4]] = torch.tensor([0.1, 0.9]).log()
    model = Table(0)
    model.logits = table
    short, long = (beam_search(model, START, 5, 3, END, alpha)[0][0] for alpha in (0.0, 1.0))
    assert short.ids.tolist() == [END]
    assert long.ids.tolist() == [4, 4, 4, 4, 4]
    assert long.score == pytest.approx(math.log(0.5 * 0.9**4) / 5)


class Strict(Table):
    """Refuses <pad> and <s> inside a text, as a model may that has never seen them there."""

    def next_logits(self, ids: Tensor) -> Tensor:
        assert not torch.isin(ids[:, 1:], torch.tensor([Vocab.pad_id, Vocab.start_id])).any()
        return super().next_logits(ids)


def test_what_is_impossible_is_no_hypothesis():
    table = torch.full((6, 6, 6), -torch.inf)
    table[2, 2, [4, 5]] = torch.tensor([0.75, 0.25]).log()
    table[2, 4, END] = 0.0  # after 5 nothing can follow
    model = Strict(0)
    model.logits = table
    found = beam_search(model, START, 6, 4, END)[0]
    assert [h.ids.tolist() for h in found] == [[4, END]]
    with pytest.raises(ValueError, match="no token can come next"):
        beam_search(model, START, 6, 4)  # without an end, both ways are dead ends


def test_nonsense_is_refused():
    for n_new, n_beams in ((0, 2), (2, 0)):
        with pytest.raises(ValueError, match="at least 1"):
            beam_search(Table(0), START, n_new, n_beams)
