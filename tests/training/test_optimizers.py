"""Which weights go to which optimiser, and how fast each then moves."""

import pytest
import torch
from torch import nn

from course_lib.models.gpt import GPT
from course_lib.models.rnn import RecurrentConfig, RecurrentLM
from course_lib.training.loop import TrainConfig, train
from course_lib.training.muon import Muon
from course_lib.training.objectives import next_token_loss
from course_lib.training.optimizers import hidden_matrices, make_optimizers, set_rates
from course_lib.training.schedules import learning_rate

from .small_runs import SIZES, batches, small_gpt, weights


def names(model: nn.Module, some: list[nn.Parameter]) -> set[str]:
    chosen = {id(weight) for weight in some}
    return {name for name, weight in model.named_parameters() if id(weight) in chosen}


@pytest.mark.parametrize("model", [small_gpt(), GPT(SIZES)], ids=["modern", "gpt"])
def test_muon_moves_the_matrices_inside_the_layers_and_adamw_the_rest(model):
    cfg = TrainConfig(n_steps=5, optimizer="muon", lr=0.1, lr_matrices=0.3, weight_decay=0.7)
    muon, adamw = make_optimizers(model, cfg)
    assert isinstance(muon, Muon)
    moved = names(model, muon.param_groups[0]["params"])
    rest = names(model, adamw.param_groups[0]["params"])
    assert moved | rest == {name for name, _ in model.named_parameters()}
    assert not moved & rest
    inside = [n for n, w in model.named_parameters() if n.startswith("blocks") and w.ndim == 2]
    assert moved == set(inside)
    assert any("w_q" in name for name in moved)
    assert [o.param_groups[0]["weight_decay"] for o in (muon, adamw)] == [0.7, 0]
    assert adamw.param_groups[0]["betas"] == (0.9, 0.99)
    set_rates([muon, adamw], 2, cfg)
    assert muon.param_groups[0]["lr"] == pytest.approx(0.3 * 3 / 5)
    assert adamw.param_groups[0]["lr"] == pytest.approx(0.1 * 3 / 5)


def test_a_matrix_shared_by_two_layers_is_moved_once():
    first, second = nn.Linear(3, 3), nn.Linear(3, 3)
    second.weight = first.weight
    assert len(hidden_matrices(nn.Sequential(nn.ModuleList([first, second])))) == 1


def test_frozen_weights_stay_and_a_model_without_others_is_refused():
    model = small_gpt()
    model.blocks.requires_grad_(False)
    before = [weight.clone() for weight in model.blocks.parameters()]
    train(model, next_token_loss, batches(), TrainConfig(n_steps=2))
    assert all(map(torch.equal, before, model.blocks.parameters()))
    with pytest.raises(ValueError, match="Muon needs matrices"):
        make_optimizers(model, TrainConfig(n_steps=1, optimizer="muon"))
    with pytest.raises(ValueError, match="no weights to train"):
        make_optimizers(model.requires_grad_(False), TrainConfig(n_steps=1))


def test_a_model_without_a_stack_of_layers_is_for_adamw():
    model = RecurrentLM(RecurrentConfig(vocab_size=9))
    with pytest.raises(ValueError, match="use adamw"):
        make_optimizers(model, TrainConfig(n_steps=1, optimizer="muon"))


def test_biases_and_norms_need_not_decay():
    model = GPT(SIZES)
    cfg = TrainConfig(n_steps=1, weight_decay=0.3, decay="matrices", betas=(0.8, 0.9), eps=1e-6)
    (adamw,) = make_optimizers(model, cfg)
    tables, vectors = adamw.param_groups
    assert {w.ndim for w in tables["params"]} == {2}
    assert {w.ndim for w in vectors["params"]} == {1}
    assert (tables["weight_decay"], vectors["weight_decay"]) == (0.3, 0.0)
    assert (tables["betas"], tables["eps"]) == ((0.8, 0.9), 1e-6)
    assert len(tables["params"]) + len(vectors["params"]) == len(list(model.parameters()))


def test_adamw_is_torchs_own_with_its_usual_settings():
    """The loop written out in five lines, with torch's AdamW, gives the same weights."""
    cfg = TrainConfig(n_steps=6, lr=0.05, n_warmup=2, max_grad_norm=0.3)
    ours, theirs = small_gpt(), small_gpt()
    torch.manual_seed(5)
    losses = train(ours, next_token_loss, batches(), cfg)
    torch.manual_seed(5)
    expected, stream = [], batches()
    optimizer = torch.optim.AdamW(theirs.parameters(), weight_decay=0.01)
    for step in range(6):
        optimizer.param_groups[0]["lr"] = learning_rate(step, cfg)
        optimizer.zero_grad()
        loss = next_token_loss(theirs, next(stream))
        loss.backward()
        nn.utils.clip_grad_norm_(theirs.parameters(), 0.3)
        optimizer.step()
        expected.append(loss.item())
    assert losses == pytest.approx(expected, rel=1e-5)
    torch.testing.assert_close(weights(ours), weights(theirs), rtol=1e-3, atol=1e-4)


def test_muon_learns_a_cycle_faster_than_it_could_by_chance():
    text = torch.arange(4, 15).repeat(20)
    rng = torch.Generator().manual_seed(0)
    windows = text.unfold(0, 13, 1)

    def rows():
        while True:
            batch = windows[torch.randint(len(windows), (8,), generator=rng)]
            yield batch[:, :-1], batch[:, 1:]

    cfg = TrainConfig(n_steps=60, optimizer="muon", lr=0.02, max_grad_norm=None)
    losses = train(small_gpt(), next_token_loss, rows(), cfg)
    assert losses[0] > 2.5
    assert sum(losses[-5:]) / 5 < 0.5
