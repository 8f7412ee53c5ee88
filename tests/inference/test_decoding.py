import pytest
import torch
from torch import Tensor

from course_lib.inference.decoding import (
    cut_at_end,
    generate,
    greedy,
    keep_top_k,
    keep_top_p,
    sample,
    stream,
    temperature,
)

INF = torch.inf
LOGITS = torch.tensor([[0.5, 0.3, 0.15, 0.05], [0.1, 0.2, 0.3, 0.4]]).log()


class Successor:
    """Predicts the last id + 1, modulo 5."""

    def next_logits(self, ids: Tensor) -> Tensor:
        return torch.nn.functional.one_hot((ids[:, -1] + 1) % 5, 5).float()


def test_generation_continues_every_row():
    ids = torch.tensor([[0, 1], [4, 3]])
    new = generate(Successor(), ids, 3, greedy)
    assert new.tolist() == [[0, 1, 2, 3, 4], [4, 3, 4, 0, 1]]
    assert generate(Successor(), ids, 0, greedy).equal(ids)


def test_rows_that_have_ended_are_padded_and_generation_stops_with_the_last():
    ids = torch.tensor([[2, 1], [2, 2], [2, 4]])
    new = generate(Successor(), ids, 9, greedy, end_id=3)
    assert new.tolist() == [[2, 1, 2, 3, 0, 0], [2, 2, 3, 0, 0, 0], [2, 4, 0, 1, 2, 3]]
    assert generate(Successor(), ids, 1, greedy, end_id=3).tolist() == [
        [2, 1, 2],
        [2, 2, 3],
        [2, 4, 0],
    ]


def test_a_stream_gives_the_tokens_of_generate_one_by_one():
    ids = torch.tensor([[2, 1], [2, 4]])
    tokens = stream(Successor(), ids, 9, greedy, end_id=3)
    assert next(tokens).tolist() == [[2], [0]]  # before anything else is computed
    rest = torch.cat(list(tokens), dim=1)
    assert rest.equal(generate(Successor(), ids, 9, greedy, end_id=3)[:, 3:])


def test_one_can_learn_from_a_generated_text():
    text = generate(Successor(), torch.tensor([[2, 1]]), 3, greedy)
    table = torch.nn.Embedding(5, 2)
    table(text).sum().backward()
    assert table.weight.grad is not None


def test_sampled_texts_have_the_frequencies_of_the_filtered_distribution():
    """Chi-square of 30,000 draws from what temperature, k and p leave, renormalised."""
    from scipy.stats import chisquare

    logits = torch.randn(1, 12, generator=torch.Generator().manual_seed(3))
    p = (logits[0].double() / 1.5).exp()  # by hand: heat, the 8 best, the fewest that reach 0.8
    order = p.argsort(descending=True)[:8]
    shares = p[order] / p[order].sum()
    n_kept = int((shares.cumsum(0) < 0.8).sum()) + 1
    expected = torch.zeros(12).double().index_copy(0, order[:n_kept], shares[:n_kept])
    rng = torch.Generator().manual_seed(0)
    left = keep_top_p(keep_top_k(temperature(logits, 1.5), 8), 0.8)
    counts = torch.bincount(sample(left.expand(30_000, 12), rng)[:, 0], minlength=12)
    assert counts[expected == 0].sum() == 0
    observed = counts[expected > 0].double()
    wanted = expected[expected > 0] / expected.sum() * 30_000
    assert 4 < len(wanted) < 8
    assert chisquare(observed.numpy(), wanted.numpy()).pvalue > 0.01


def test_greedy_takes_the_best_and_the_first_of_equals():
    assert greedy(LOGITS).tolist() == [[0], [3]]
    assert greedy(torch.tensor([[1.0, 2, 2], [-INF, -INF, 0]])).tolist() == [[1], [2]]


def test_samples_have_the_frequencies_of_the_softmax():
    rng = torch.Generator().manual_seed(0)
    drawn = sample(LOGITS[:1].expand(20_000, 4) + 7, rng)  # a constant changes nothing
    frequencies = torch.bincount(drawn[:, 0], minlength=4) / 20_000
    torch.testing.assert_close(frequencies, LOGITS[0].exp(), atol=4 * 0.5 / 20_000**0.5, rtol=0)


def test_the_same_generator_gives_the_same_text():
    once, again = (sample(LOGITS.repeat(9, 1), torch.Generator().manual_seed(5)) for _ in range(2))
    assert once.shape == (18, 1)
    assert once.equal(again)


def test_a_row_without_any_token_is_refused():
    with pytest.raises(ValueError, match="no token can come next"):
        sample(torch.tensor([[0.0, 1], [-INF, -INF]]))
    assert sample(torch.tensor([[-INF, 1.0]])).tolist() == [[1]]


def test_temperature_sharpens_and_flattens():
    p = {t: temperature(LOGITS, t).softmax(-1)[0] for t in (0.01, 1, 2, 1000)}
    torch.testing.assert_close(p[1], LOGITS[0].exp())
    torch.testing.assert_close(p[2], LOGITS[0].exp().sqrt() / LOGITS[0].exp().sqrt().sum())
    assert p[0.01][0] > 0.999
    torch.testing.assert_close(p[1000], torch.full((4,), 0.25), atol=1e-3, rtol=0)
    for t in (-1, float("nan")):
        with pytest.raises(ValueError, match="at least 0"):
            temperature(LOGITS, t)


def test_temperature_zero_is_greedy():
    logits = torch.tensor([[1.0, 2, 2, -INF], [3, 0, 1, 2]])
    assert (temperature(logits, 0) > -INF).nonzero().tolist() == [[0, 1], [1, 0]]
    assert sample(temperature(logits, 0)).equal(greedy(logits))


def test_top_k_keeps_k_and_equals_of_the_last():
    assert (keep_top_k(LOGITS, 2) > -INF).tolist() == [
        [True, True, False, False],
        [False, False, True, True],
    ]
    assert (keep_top_k(torch.tensor([3.0, 1, 1, 0]), 2) > -INF).tolist() == [
        True,
        True,
        True,
        False,
    ]
    assert keep_top_k(LOGITS, 99).equal(LOGITS)
    assert LOGITS.isfinite().all()  # the argument is left as it was
    with pytest.raises(ValueError, match="at least 1"):
        keep_top_k(LOGITS, 0)


@pytest.mark.parametrize(
    ("p", "kept"), [(0.4, [1, 1]), (0.6, [2, 2]), (0.85, [3, 3]), (0.97, [4, 4]), (1e-9, [1, 1])]
)
def test_top_p_keeps_the_fewest_tokens_that_reach_p(p: float, kept: list[int]):
    left = keep_top_p(LOGITS, p)
    assert (left > -INF).sum(-1).tolist() == kept
    for row, before in zip(left, LOGITS, strict=True):  # those kept are the likeliest, unchanged
        assert row[row > -INF].equal(before[row > -INF])
        assert (
            before[row > -INF].min() >= before[row == -INF].max() if (row == -INF).any() else True
        )


def test_top_p_refuses_nonsense():
    for p in (0, 1.1, -0.1, float("nan")):
        with pytest.raises(ValueError, match="more than 0"):
            keep_top_p(LOGITS, p)


def test_top_p_of_one_keeps_everything():
    """Though 32-bit sums of many probabilities reach 1 before the last of them."""
    logits = torch.randn(4, 5000, generator=torch.Generator().manual_seed(0)) * 10
    assert keep_top_p(logits, 1).equal(logits)


def test_among_equals_top_p_prefers_small_ids():
    assert (keep_top_p(torch.zeros(2, 1000), 0.1) > -INF).nonzero()[:, 1].tolist() == [
        *range(100),
        *range(100),
    ]


def test_rows_are_cut_at_their_own_end():
    ids = torch.tensor([[2, 4, 3, 4, 3], [2, 4, 4, 4, 4], [3, 4, 4, 4, 4]])
    assert [row.tolist() for row in cut_at_end(ids, 3)] == [[2, 4], [2, 4, 4, 4, 4], []]
