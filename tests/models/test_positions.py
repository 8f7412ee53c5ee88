"""Positions: numbers known in advance, and the laws that make them useful."""

import cmath
import math

import pytest
import torch

from course_lib.models.positions import rotary_table, rotate, sinusoidal_positions, turn


def test_sinusoids_known_in_advance():
    table = sinusoidal_positions(50, 8)
    assert table.shape == (50, 8)
    assert table.dtype == torch.float32
    torch.testing.assert_close(table[0], torch.tensor([0.0, 1.0] * 4))
    for t, i in [(1, 0), (7, 2), (49, 3)]:
        angle = t / 10000 ** (2 * i / 8)
        assert table[t, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-6)
        assert table[t, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


def test_how_near_two_sinusoids_are_depends_on_their_distance_alone():
    table = sinusoidal_positions(40, 16).double()
    products = table @ table.T
    for distance in (0, 1, 5, 20):
        diagonal = products.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[0].expand_as(diagonal), rtol=0, atol=1e-5)
    assert products[0, 0].item() == pytest.approx(8)  # sin^2 + cos^2 = 1 for each of 8 clocks
    assert products[0, 1] > products[0, 2] > products[0, 3]


def test_rotary_is_multiplication_by_a_complex_number():
    x = torch.randn(2, 3, 5, 6, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    positions = torch.tensor([0, 3, 1, 8, 100])
    turned = rotate(x, positions, base=50.0)
    for b, h, t, i in [(0, 0, 1, 0), (1, 2, 3, 1), (0, 1, 4, 2)]:
        number = complex(x[b, h, t, i], x[b, h, t, i + 3])
        wanted = number * cmath.exp(1j * int(positions[t]) / 50 ** (2 * i / 6))
        assert complex(turned[b, h, t, i], turned[b, h, t, i + 3]) == pytest.approx(
            wanted, abs=1e-4
        )


def test_rotary_scores_depend_on_the_distance_alone():
    generator = torch.Generator().manual_seed(0)
    q, k = torch.randn(2, 1, 8, generator=generator)
    times = torch.arange(10)
    scores = rotate(q.expand(10, 8), times, 100.0) @ rotate(k.expand(10, 8), times, 100.0).T
    for distance in (-4, 0, 3):
        diagonal = scores.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[0].expand_as(diagonal))
    assert scores[0].std() > 0.1


def test_rotary_keeps_lengths_and_position_zero():
    x = torch.randn(4, 7, 6, generator=torch.Generator().manual_seed(0))
    turned = rotate(x, torch.arange(7))
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))
    assert torch.equal(turned[:, 0], x[:, 0])
    assert not torch.allclose(turned[:, 1:], x[:, 1:], atol=0.1)


def test_a_table_turns_as_rotate_does():
    x, places = torch.randn(2, 5, 4, generator=torch.Generator().manual_seed(0)), torch.arange(5)
    torch.testing.assert_close(turn(x, *rotary_table(places, 4, 30.0)), rotate(x, places, 30.0))


def test_positions_may_differ_from_row_to_row():
    x = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    places = torch.tensor([[0, 1, 2], [5, 6, 7]])
    both = rotate(x, places)
    for row in range(2):
        torch.testing.assert_close(both[row], rotate(x[row], places[row]))


def test_odd_widths_are_refused():
    with pytest.raises(ValueError, match="even"):
        sinusoidal_positions(4, 5)
    with pytest.raises(ValueError, match="even"):
        rotate(torch.zeros(1, 4, 3), torch.arange(4))
