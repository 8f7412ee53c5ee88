"""Random models for the cases: tables of probabilities, as lists."""

import random

Row = list[float]
Table = list[list[float]]


def row(rng: random.Random, n: int) -> Row:
    """`n` probabilities, none near 0, sum 1."""
    parts = [rng.uniform(0.1, 1.0) for _part in range(n)]
    return [part / sum(parts) for part in parts]


def model(rng: random.Random, n_states: int, n_words: int) -> tuple[Row, Table, Table]:
    """Start (Z,), transitions (Z, Z) from-to and emissions (Z, V)."""
    start, trans = row(rng, n_states), [row(rng, n_states) for _state in range(n_states)]
    return start, trans, [row(rng, n_words) for _state in range(n_states)]


def text(rng: random.Random, n: int, n_words: int) -> list[int]:
    return [rng.randrange(n_words) for _word in range(n)]


def transposed(table: Table) -> Table:
    return [list(column) for column in zip(*table, strict=True)]
