import pytest
import torch

from course_lib.data.batching import IGNORED
from course_lib.data.masking import RATE, mask_tokens

MASK, WORDS = 4, torch.arange(10, 60)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("rate", [RATE, 0.4])
def test_over_a_million_tokens_the_shares_are_those_of_the_rule(rate):
    ids = torch.randint(10, 60, (1000, 1000), generator=rng(1))
    inputs, targets = mask_tokens(ids, ids > 0, MASK, WORDS, rng(), rate)
    chosen = targets != IGNORED
    n, n_all = chosen.sum().item(), ids.numel()
    # A drawn word is the true one in 1 of 50 cases, and then looks like one that stayed.
    shares = {"hidden": 0.8, "replaced": 0.1 * 49 / 50, "kept": 0.1 + 0.1 / 50}
    found = {
        "hidden": (inputs[chosen] == MASK).sum().item(),
        "kept": (inputs[chosen] == ids[chosen]).sum().item(),
    }
    found["replaced"] = n - found["hidden"] - found["kept"]
    assert abs(n / n_all - rate) < 4 * (rate * (1 - rate) / n_all) ** 0.5
    for name, share in shares.items():
        assert abs(found[name] / n - share) < 4 * (share * (1 - share) / n) ** 0.5, name


def test_what_is_not_chosen_stays_and_targets_tell_the_truth():
    ids = torch.randint(10, 60, (30, 40), generator=rng(1))
    inputs, targets = mask_tokens(ids, ids > 0, MASK, WORDS, rng())
    chosen = targets != IGNORED
    assert inputs[~chosen].equal(ids[~chosen])
    assert targets[chosen].equal(ids[chosen])
    assert torch.isin(inputs[chosen], torch.cat([WORDS, torch.tensor([MASK])])).all()


def test_special_tokens_and_padding_are_never_touched():
    ids = torch.randint(0, 10, (200, 50), generator=rng(1))
    may_mask = ids > 6
    inputs, targets = mask_tokens(ids, may_mask, MASK, WORDS, rng(), rate=0.9)
    assert inputs[~may_mask].equal(ids[~may_mask])
    assert (targets[~may_mask] == IGNORED).all()
    assert (targets[may_mask] != IGNORED).float().mean() > 0.8


def test_the_pieces_of_a_word_are_chosen_together():
    groups = torch.tensor([0, 1, 1, 2, 3, 3, 3, 4]).expand(4000, 8)
    ids = torch.randint(10, 60, groups.shape, generator=rng(1))
    _, targets = mask_tokens(ids, ids > 0, MASK, WORDS, rng(), groups=groups)
    chosen = targets != IGNORED
    assert chosen[:, 1].equal(chosen[:, 2])
    assert chosen[:, 4].equal(chosen[:, 5])
    assert chosen[:, 5].equal(chosen[:, 6])
    assert not chosen[:, 0].equal(chosen[:, 1])
    rates = chosen.double().mean(dim=0)
    assert (rates - RATE).abs().max() < 4 * (RATE * (1 - RATE) / 4000) ** 0.5


def test_the_draws_come_from_the_generator_alone():
    ids = torch.randint(10, 60, (5, 9), generator=rng(1))
    torch.manual_seed(1)
    first = mask_tokens(ids, ids > 0, MASK, WORDS, rng(3))
    torch.manual_seed(2)
    again = mask_tokens(ids, ids > 0, MASK, WORDS, rng(3))
    other = mask_tokens(ids, ids > 0, MASK, WORDS, rng(4))
    assert first[0].equal(again[0])
    assert not first[1].equal(other[1])
