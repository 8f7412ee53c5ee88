"""Recipes for streams of characters: the published size, what is learnt, whence chance comes."""

import pytest
import torch
from torch import Tensor

from course_lib.training.recipes import shakespeare_baseline, shakespeare_fast

V = 69  # 65 characters and the four marks of a vocabulary
both = pytest.mark.parametrize("recipe", [shakespeare_baseline, shakespeare_fast])


def weights(model: torch.nn.Module) -> Tensor:
    return torch.cat([weight.flatten() for weight in model.parameters()])


def test_the_baseline_has_the_published_size():
    text = torch.arange(4, V).repeat(3)
    model = shakespeare_baseline(text, V, torch.Generator().manual_seed(0), n_steps=1)
    # nanoGPT counts 0.80 million: no biases, no positions, 65 characters.
    counted = sum(
        weight.numel()
        for name, weight in model.named_parameters()
        if not name.endswith("bias") and name != "positions.weight"
    )
    assert counted - 4 * 128 == 65 * 128 + 4 * 12 * 128**2 + (2 * 4 + 1) * 128
    assert round(counted / 1e6, 2) == 0.8


@both
def test_a_rule_of_three_characters_is_learnt(recipe):
    text = torch.tensor([4, 5, 6]).repeat(60)
    losses: list[float] = []
    recipe(
        text,
        V,
        torch.Generator().manual_seed(0),
        n_steps=60,
        on_step=lambda _step, loss: losses.append(loss.item()),
    )
    assert len(losses) == 60
    assert losses[-1] < 0.1


def test_the_fast_recipe_begins_at_the_characters_frequencies():
    text = torch.tensor([4, 4, 4, 5]).repeat(500)
    model = shakespeare_fast(text, V, torch.Generator().manual_seed(0), n_steps=1)
    bias = model.output_bias.detach()
    # One step of AdamW moves a weight by its rate, 0.02.
    assert bias[4].exp().item() == pytest.approx(1501 / 2069, rel=0.03)
    assert bias[5].exp().item() == pytest.approx(501 / 2069, rel=0.03)
    assert bias[6].exp().item() == pytest.approx(1 / 2069, rel=0.03)


@both
def test_all_chance_comes_from_the_generator(recipe):
    text = torch.randint(4, V, (500,), generator=torch.Generator().manual_seed(9))
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(len(found))  # which must not matter
        found.append(weights(recipe(text, V, torch.Generator().manual_seed(seed), n_steps=2)))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
