"""Several small batches for one step."""

import pytest
import torch

from course_lib.models.config import TransformerConfig
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss

from .small_runs import batches, small_gpt, weights

NO_DROPOUT = TransformerConfig(
    vocab_size=19, context_length=16, d_model=16, n_heads=2, n_layers=2, dropout=0
)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_four_batches_of_equal_size_are_one_large_batch(optimizer):
    large = [next(batches(seed, batch_size=12)) for seed in range(5)]
    small = [part for x, y in large for part in zip(x.split(3), y.split(3), strict=True)]
    runs = []
    for rows, n in ((large, 1), (small, 4)):
        model = small_gpt(sizes=NO_DROPOUT).double()
        cfg = TrainConfig(n_steps=5, optimizer=optimizer, n_accumulate=n, lr=0.01)
        runs.append((train(model, next_token_loss, rows, cfg), weights(model)))
    assert runs[0][0] == pytest.approx(runs[1][0], rel=1e-12)
    torch.testing.assert_close(runs[0][1], runs[1][1], rtol=1e-9, atol=1e-12)
    assert len(runs[0][0]) == 5


def test_batches_count_alike_whatever_their_size():
    def mean(model, target):
        return ((model.weight - target) ** 2).mean()

    for order in ([1.0, 2.0, 6.0], [6.0, 2.0, 1.0]):
        model = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(model.weight)
        cfg = TrainConfig(n_steps=1, n_accumulate=3, max_grad_norm=None)
        assert train(model, mean, order, cfg) == pytest.approx([(1 + 4 + 36) / 3])
        assert model.weight.grad.item() == pytest.approx(-2 * 3.0)


def test_a_last_group_that_is_not_full_is_an_error():
    stream = batches()
    rows = [next(stream) for _ in range(5)]
    with pytest.raises(ValueError, match="ran out after 2 of 3"):
        train(small_gpt(), next_token_loss, rows, TrainConfig(n_steps=3, n_accumulate=2))
