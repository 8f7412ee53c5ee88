"""Telling a Transformer the order of its tokens; attention alone sees them as a bag."""

import torch
from torch import Tensor


def sinusoidal_positions(length: int, d_model: int) -> Tensor:
    """Fixed vectors for positions 0 to T - 1: (T, D), each number from -1 to 1.

    Position t has sin(t / 10000^(2i/D)) at 2i and the cosine of the same at 2i + 1: hands of D / 2
    clocks, the first turning once in 2 pi steps, the last hardly at all. Raises ValueError if D is
    odd. Source: Vaswani et al. (2017), section 3.5.
    """
    angles = _angles(torch.arange(length), d_model, 10000.0)  # (T, D / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2).float()


def sines_then_cosines(length: int, d_model: int) -> Tensor:
    """The same numbers in another order: all D / 2 sines, then their cosines. (T, D).

    To a model the order is all one; the authors' own code and Marian keep them so.
    """
    table = sinusoidal_positions(length, d_model)
    return torch.cat([table[:, 0::2], table[:, 1::2]], dim=1)


def rotate(x: Tensor, positions: Tensor, base: float = 10000.0) -> Tensor:
    """Rotary positions: turn each pair of numbers of a query or key by an angle that grows with t.

    (..., T, K), positions (T,) or broadcasting to (..., T) -> (..., T, K). Number i is paired with
    number i + K/2 and turned by t / base^(2i/K). A dot product of two turned vectors depends on the
    difference of their positions alone. Raises ValueError if K is odd. Source: Su et al. (2021).
    """
    cos, sin = rotary_table(positions, x.size(-1), base)
    return turn(x, cos.to(x.dtype), sin.to(x.dtype))


def rotary_table(positions: Tensor, d_head: int, base: float) -> tuple[Tensor, Tensor]:
    """What `turn` needs: positions (..., T) -> cosines and signed sines, (..., T, K) each."""
    angles = _angles(positions, d_head, base)  # (..., T, K/2)
    cos, sin = angles.cos().float(), angles.sin().float()
    return torch.cat([cos, cos], dim=-1), torch.cat([-sin, sin], dim=-1)


def turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the pairs (a, b) at (i, i + K/2) of x (..., T, K) by the angles of a `rotary_table`.

    (a, b) becomes (a cos - b sin, b cos + a sin). Moving x by K/2 brings each number's partner to
    its place; that is a third faster than to cut x in halves and join them again.
    """
    partners = x.roll(x.size(-1) // 2, dims=-1)
    return torch.addcmul(x * cos, partners, sin)


def _angles(positions: Tensor, d_model: int, base: float) -> Tensor:
    """Angle t / base^(2i/D) of clock i at position t: (..., T) -> (..., T, D/2), in float64."""
    if d_model % 2:
        raise ValueError(f"{d_model=} must be even: positions use pairs of numbers")
    exponents = torch.arange(0, d_model, 2, device=positions.device).double() / d_model
    return positions.double()[..., None] / base**exponents
