"""★ How many weights a decoder-only Transformer has."""

import random
from typing import Any

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _

TABLES = _(
    "Outside the blocks there are two tables, a vector per word and a vector per position, and one"
    " last normalisation with 2 D numbers."
)
TIED = _("The output uses the table of word vectors again: it has no weights of its own.")
BLOCK = _(
    "A block has four matrices D by D, two between D and 4 D, a bias for each matrix, and two"
    " normalisations with 2 D numbers each."
)
BIASES = _("The biases are missing: a matrix from D to 4 D has 4 D of them, the others D.")
LAYERS = _("Every layer has a block of its own; the tables are there once.")


def cases(rng: random.Random) -> list[Case]:
    def sizes(n_layers: int) -> tuple[int, int, int, int]:
        return rng.randint(50, 90), rng.randint(10, 40), 2 * rng.randint(3, 9), n_layers

    return [Case(sizes(0), TABLES), Case(sizes(1), BLOCK), Case(sizes(rng.randint(2, 5)), LAYERS)]


def n_weights(vocab_size: int, context_length: int, d_model: int, n_layers: int) -> int:
    """V, T, D, number of blocks -> number of weights."""
    block = 12 * d_model**2 + 13 * d_model
    return (vocab_size + context_length + 2) * d_model + n_layers * block


def part_by_part(vocab_size: int, context_length: int, d_model: int, n_layers: int) -> int:
    def linear(n_in: int, n_out: int) -> int:
        return n_in * n_out + n_out

    norm = 2 * d_model
    attention = 4 * linear(d_model, d_model)
    mlp = linear(d_model, 4 * d_model) + linear(4 * d_model, d_model)
    tables = vocab_size * d_model + context_length * d_model
    return tables + n_layers * (2 * norm + attention + mlp) + norm


def with_a_loop(vocab_size: int, context_length: int, d_model: int, n_layers: int) -> int:
    total = d_model * (vocab_size + context_length) + 2 * d_model
    for _layer in range(n_layers):
        for n_in, n_out in [(1, 1)] * 4 + [(1, 4), (4, 1)]:
            total += n_in * n_out * d_model**2 + n_out * d_model
        total += 4 * d_model
    return total


def own_output(v: int, t: int, d: int, n: int) -> int:
    return n_weights(v, t, d, n) + v * d


def without_biases(v: int, t: int, d: int, n: int) -> int:
    return n_weights(v, t, d, n) - 9 * d * n


def equals(answer: Any) -> Any:
    def broken(result: Any, *sizes: int) -> dict | None:
        return {} if result == answer(*sizes) else None

    return broken


EXERCISE = Exercise(
    name="n_weights",
    lecture="07_transformer",
    stars=1,
    title=_("How large is it?"),
    points=2,
    minutes=8,
    cases=cases,
    laws=(Law(TIED, equals(own_output)), Law(BIASES, equals(without_biases))),
    reference=n_weights,
    hints=(
        _("Count one block first, then the tables; n_layers blocks and one of everything else."),
        _("Attention: 4 (D² + D). The MLP: from D to 4 D and back. Two norms: 2 · 2 D."),
        _("A block has 12 D² + 13 D weights; the rest is (V + T) D + 2 D."),
    ),
    right_variants=(part_by_part, with_a_loop),
    wrong_answers=(
        WrongAnswer(lambda v, _t, d, n: n_weights(v, 0, d, n), TABLES),
        WrongAnswer(lambda v, t, d, n: n_weights(v, t, d, n) - 2 * d, TABLES),
        WrongAnswer(own_output, TIED),
        WrongAnswer(without_biases, BIASES),
        WrongAnswer(lambda v, t, d, n: n_weights(v, t, d, n) - 4 * d * n, BLOCK),
        WrongAnswer(lambda v, t, d, n: n_weights(v, t, d, n) - 6 * d * d * n, BLOCK),
        WrongAnswer(lambda v, t, d, n: n_weights(v, t, d, min(n, 1)), LAYERS),
        WrongAnswer(lambda v, t, d, n: n_weights(v, t, d, n) + max(0, n - 1) * 2 * d, LAYERS),
    ),
)
