"""★★ Cross-attention: the text that is written looks at the text that was read."""

import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _
from course_lib.models.attention import attention

ROWS = _("Of a single word each state gets the whole: T equal rows, and each is memory @ W_v.")
SHARES = _(
    "Each state shares 1 among the words: a softmax, along the keys, of the dot products of"
    " states @ W_q with memory @ W_k."
)
SCALE = _("The dot products are divided by the root of the number of columns of W_q.")
WHOLE = _("No causal mask here: the source is known as a whole, so the first state sees its end.")
PADDING = _("Keys beyond the first n_words are padding, and get no weight.")

Given = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, int]


def cases(rng: random.Random) -> list[Case]:
    def numbers(rows: int, columns: int, scale: float = 1.0) -> Tensor:
        table = [[round(rng.gauss(0, 1), 2) * scale for _c in range(columns)] for _r in range(rows)]
        return torch.tensor(table, dtype=torch.float64)

    def case(n_states: int, n_memory: int, n_words: int, hint: str, width: int = 1) -> Case:
        d = rng.randint(3, 4)
        weights = [numbers(d, width, width**-0.5) for _w in range(3)]
        states, memory = numbers(n_states, d), numbers(n_memory, d)
        return Case((states, memory, *weights, n_words), hint)

    n = rng.randint(3, 5)
    return [
        case(3, 1, 1, ROWS),
        case(2, n, n, SHARES),
        case(1, n, n, SCALE, width=4),
        case(3, n + 2, n, PADDING, width=2),
    ]


def looks_at_the_past_alone(result: Any, *given: *Given) -> dict[str, Any] | None:
    found = torch.as_tensor(result, dtype=torch.float64)
    several = len(given[0]) > 1  # of a single state, any sharp look may seem to be causal
    return {} if several and torch.allclose(found, causal(*given)) else None


def cross_attention(
    states: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, n_words: int
) -> Tensor:
    """(T, D), (S, D), three (D, K), number -> (T, K)."""
    mask = torch.arange(len(memory)) < n_words
    return attention(states @ w_q, memory @ w_k, memory @ w_v, mask)


def without_the_padding(
    states: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, n_words: int
) -> Tensor:
    words = memory[:n_words]
    scores = (states @ w_q) @ (words @ w_k).T / w_q.size(1) ** 0.5
    return F.softmax(scores, dim=1) @ (words @ w_v)


def state_by_state(
    states: Tensor, memory: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, n_words: int
) -> Tensor:
    answers = []
    for state in states:
        scores = [float(state @ w_q @ (m @ w_k)) / w_k.size(1) ** 0.5 for m in memory[:n_words]]
        powers = torch.tensor(scores, dtype=states.dtype).exp()
        shares = powers / powers.sum()
        answers.append(sum(a * (m @ w_v) for a, m in zip(shares, memory)))  # noqa: B905
    return torch.stack(answers)


def general(q: Tensor, k: Tensor, v: Tensor, n_words: int, power: float = 0.5) -> Tensor:
    """The right formula, for wrong matrices, counts and powers."""
    scores = q @ k.T / q.size(1) ** power
    weights: Tensor = scores[:, :n_words].softmax(dim=1)
    return weights @ v[:n_words]


def memory_asks(*given: *Given) -> Tensor:
    states, memory, w_q, w_k, w_v, _n_words = given
    return general(memory @ w_q, states @ w_k, states @ w_v, len(states))


def self_attention(*given: *Given) -> Tensor:
    states, _memory, w_q, w_k, w_v, _n_words = given
    return general(states @ w_q, states @ w_k, states @ w_v, len(states))


def values_without_a_matrix(*given: *Given) -> Tensor:
    states, memory, w_q, w_k, _w_v, n_words = given
    return general(states @ w_q, memory @ w_k, memory[:, : w_k.size(1)], n_words)


def keys_are_the_values(*given: *Given) -> Tensor:
    states, memory, w_q, _w_k, w_v, n_words = given
    return general(states @ w_q, memory @ w_v, memory @ w_v, n_words)


def softmax_along_the_queries(*given: *Given) -> Tensor:
    states, memory, w_q, w_k, w_v, n_words = given
    scores = (states @ w_q) @ (memory[:n_words] @ w_k).T / w_q.size(1) ** 0.5
    weights: Tensor = scores.softmax(0)
    return weights @ (memory[:n_words] @ w_v)


def not_scaled(*given: *Given) -> Tensor:
    states, memory, w_q, w_k, w_v, n_words = given
    return general(states @ w_q, memory @ w_k, memory @ w_v, n_words, power=0.0)


def scaled_without_the_root(*given: *Given) -> Tensor:
    states, memory, w_q, w_k, w_v, n_words = given
    return general(states @ w_q, memory @ w_k, memory @ w_v, n_words, power=1.0)


def causal(*given: *Given) -> Tensor:
    states, memory, w_q, w_k, w_v, n_words = given
    scores = (states @ w_q) @ (memory[:n_words] @ w_k).T / w_q.size(1) ** 0.5
    scores[torch.ones_like(scores).triu(1).bool()] = -torch.inf
    weights: Tensor = scores.softmax(1)
    return weights @ (memory[:n_words] @ w_v)


def padding_too(*given: *Given) -> Tensor:
    states, memory, w_q, w_k, w_v, _n_words = given
    return general(states @ w_q, memory @ w_k, memory @ w_v, len(memory))


def score_0_for_padding(*given: *Given) -> Tensor:
    states, memory, w_q, w_k, w_v, n_words = given
    scores = (states @ w_q) @ (memory @ w_k).T / w_q.size(1) ** 0.5
    scores[:, n_words:] = 0
    weights: Tensor = scores.softmax(1)
    return weights @ (memory @ w_v)


EXERCISE = Exercise(
    name="cross_attention",
    lecture="13_translation",
    stars=2,
    title=_("Looking at the other text"),
    points=4,
    minutes=15,
    cases=cases,
    laws=(Law(WHOLE, looks_at_the_past_alone),),
    reference=cross_attention,
    hints=(
        _("Four steps: queries; keys and values of the words; weights; weighted means of values."),
        _("q = states @ w_q is (T, K), k = memory @ w_k is (S, K); q @ k.T is (T, S)."),
        _("Cut the memory to its first n_words; (q @ k.T / K ** 0.5).softmax(dim=1) @ v."),
    ),
    right_variants=(without_the_padding, state_by_state),
    wrong_answers=(
        WrongAnswer(memory_asks, ROWS),
        WrongAnswer(values_without_a_matrix, ROWS),
        WrongAnswer(self_attention, ROWS),
        WrongAnswer(softmax_along_the_queries, ROWS),
        WrongAnswer(keys_are_the_values, SHARES),
        WrongAnswer(not_scaled, SCALE),
        WrongAnswer(scaled_without_the_root, SCALE),
        WrongAnswer(causal, WHOLE),
        WrongAnswer(padding_too, PADDING),
        WrongAnswer(score_0_for_padding, PADDING),
    ),
)
