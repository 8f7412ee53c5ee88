"""Pictures as squares, and a captioner that finds out what is where."""

import pytest
import torch
from torch import Tensor

from course_lib.inference.translating import translate, translate_best
from course_lib.models.captioner import Captioner, patches
from course_lib.models.config import TransformerConfig
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import sequence_loss

CFG = TransformerConfig(
    vocab_size=10, context_length=8, d_model=16, n_heads=2, n_layers=1, dropout=0.0
)


def pictures(n: int, seed: int = 0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (n, 3, 24, 24), generator=rng).to(torch.uint8)


@pytest.mark.parametrize(
    ("height", "width", "size"), [(24, 24, 4), (6, 9, 3), (4, 4, 4), (2, 6, 1)]
)
def test_squares_are_cut_row_by_row(height: int, width: int, size: int):
    """By the slow way: one square after another, colour by colour."""
    picture = torch.arange(2 * 3 * height * width).view(2, 3, height, width)
    wanted = [
        picture[:, :, top : top + size, left : left + size].flatten(1)
        for top in range(0, height, size)
        for left in range(0, width, size)
    ]
    assert torch.equal(patches(picture, size), torch.stack(wanted, dim=1))


def test_squares_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="24 x 24 pixels cannot be cut into squares of 5"):
        patches(pictures(1), 5)


def test_a_vector_per_square_and_no_mask():
    model = Captioner(CFG).eval()
    memory = model.encode(pictures(3))
    assert memory.states.shape == (3, 36, 16)
    assert memory.mask is None
    assert model(pictures(3), torch.tensor([[2, 4], [2, 5], [2, 6]])).shape == (3, 2, 10)
    weights = model.cross_attention_weights(pictures(3), torch.tensor([[2, 4]] * 3))
    assert weights.shape == (1, 3, 2, 2, 36)


def test_every_square_counts_and_so_does_its_place():
    model = Captioner(CFG, torch.Generator().manual_seed(0)).eval()
    one, inputs = pictures(1), torch.tensor([[2]])
    before = model(one, inputs)
    for row, column in ((0, 0), (3, 5), (5, 5)):
        other = one.clone()
        other[..., 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = 0
        assert (model(other, inputs) - before).abs().max() > 1e-4
    swapped = one.clone()
    swapped[..., :4, :4], swapped[..., 4:8, 20:] = one[..., 4:8, 20:], one[..., :4, :4]
    assert (model(swapped, inputs) - before).abs().max() > 1e-4


def test_reading_in_pieces_is_reading_at_once():
    model = Captioner(CFG).eval()
    given, inputs = model.given(pictures(2)), torch.tensor([[2, 4, 7], [2, 9, 5]])
    logits, state = given.read(inputs[:, :1])
    for t in (1, 2):
        logits, state = given.read(inputs[:, t : t + 1], state)
    wanted = model(pictures(2), inputs)[:, -1].index_fill(-1, torch.tensor([0, 2]), -torch.inf)
    torch.testing.assert_close(logits, wanted)


def test_pictures_of_another_size_are_refused():
    for shape in ((1, 3, 24, 20), (1, 1, 24, 24), (1, 3, 32, 32)):
        with pytest.raises(ValueError, match="are needed"):
            Captioner(CFG).encode(torch.zeros(shape, dtype=torch.uint8))


def test_weights_come_from_the_generator_alone():
    first, second = (Captioner(CFG, torch.Generator().manual_seed(5)) for _model in range(2))
    for name, weight in first.state_dict().items():
        assert torch.equal(weight, second.state_dict()[name]), name


def scenes(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """A bright square on noise: its caption is its colour (4 to 6) and its side (7 or 8)."""
    rng = torch.Generator().manual_seed(seed)
    noise = torch.randint(0, 100, (n, 3, 24, 24), generator=rng).to(torch.uint8)
    colours, sides = (torch.randint(k, (n,), generator=rng) for k in (3, 2))
    tops, lefts = (torch.randint(k, (n,), generator=rng).mul(4).tolist() for k in (6, 3))
    for i, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        column = left + 12 * int(sides[i])
        noise[i, colours[i], top : top + 4, column : column + 4] = 250
    return noise, torch.stack([4 + colours, 7 + sides], dim=1)


def test_it_learns_what_is_where():
    shown, captions = scenes(400, seed=0)
    model, rng = Captioner(CFG, torch.Generator().manual_seed(0)), torch.Generator().manual_seed(1)
    start, end = torch.full((400, 1), 2), torch.full((400, 1), 3)
    inputs, targets = torch.cat([start, captions], 1), torch.cat([captions, end], 1)

    def batches():
        while True:
            rows = torch.randint(400, (32,), generator=rng)
            yield shown[rows], inputs[rows], targets[rows]

    settings = {"optimizer": "muon", "lr": 0.01, "lr_matrices": 0.02, "max_grad_norm": None}
    cfg = TrainConfig(n_steps=250, n_warmup=10, **settings)
    train(model, sequence_loss, batches(), cfg)
    new, wanted = scenes(60, seed=2)
    for write in (translate, translate_best):
        found = write(model, list(new), 5)
        assert sum(map(torch.equal, found, wanted)) >= 54
