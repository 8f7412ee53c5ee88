"""★★ Additive attention: which of the source's words does the decoder look at?"""

import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.i18n import _
from course_lib.models.additive_attention import additive_weights as package

SUM = _("Weights are shares of one look: they must sum to 1. Yours sum to {total:.3f}.")
SCORE = _("A score is v . tanh(key) if the query is 0: first tanh of each number, then times v.")
ADD = _("It is called additive: the query is added to each key, before the tanh.")
PADDING = _("Padding is no word: it gets weight 0, and the words share the whole 1 among them.")
LARGE = _("e to the power 1000 is too large for a computer: softmax knows how to do it.")


def cases(rng: random.Random) -> list[Case]:
    def vectors(n: int, size: int) -> Tensor:
        numbers = [[round(rng.uniform(-1.5, 1.5), 2) for _d in range(size)] for _n in range(n)]
        return torch.tensor(numbers, dtype=torch.float64)

    def case(n: int, n_words: int, hint: str, scale: float = 1.0, query: float = 1.0) -> Case:
        size = rng.randint(2, 4)
        v = (vectors(1, size)[0].abs() + 0.3) * scale
        return Case((vectors(1, size)[0] * query, vectors(n, size), v, n_words), hint)

    n = rng.randint(4, 6)
    return [
        case(4, 4, SCORE, query=0.0),
        case(n, n, ADD),
        case(n, n - 2, PADDING),
        case(4, 4, LARGE, scale=2000.0),
    ]


def does_not_sum_to_1(result: Any, *_args: Any) -> dict[str, float] | None:
    total = float(torch.as_tensor(result).sum())
    return {"total": total} if abs(total - 1) > 1e-4 else None


def additive_weights(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    """(D,), (S, D), (D,), number -> (S,) weights; keys beyond the first n_words are padding."""
    mask = torch.arange(len(keys)) < n_words
    return package(query[None, None], keys[None], v, mask[None])[0, 0]


def cut_and_filled_up(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    weights = F.softmax((query + keys[:n_words]).tanh() @ v, dim=0)
    return F.pad(weights, (0, len(keys) - n_words))


def key_by_key(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> list[float]:
    scores = [sum(w * (q + k).tanh() for w, q, k in zip(v, query, key)) for key in keys[:n_words]]  # noqa: B905
    highest = max(scores)
    shares = [(score - highest).exp() for score in scores]
    weights = [float(share / sum(shares)) for share in shares]
    return weights + [0.0] * (len(keys) - n_words)


def without_tanh(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    return F.pad(((query + keys[:n_words]) @ v).softmax(0), (0, len(keys) - n_words))


def tanh_of_the_score(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    return F.pad(((query + keys[:n_words]) @ v).tanh().softmax(0), (0, len(keys) - n_words))


def keys_alone(_query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    return cut_and_filled_up(torch.zeros_like(v), keys, v, n_words)


def added_after(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    scores = (query.tanh() + keys[:n_words].tanh()) @ v
    return F.pad(scores.softmax(0), (0, len(keys) - n_words))


def sigmoids(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    return F.pad(((query + keys[:n_words]).tanh() @ v).sigmoid(), (0, len(keys) - n_words))


def padding_too(query: Tensor, keys: Tensor, v: Tensor, _n_words: int) -> Tensor:
    return ((query + keys).tanh() @ v).softmax(0)


def zeros_afterwards(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    weights = padding_too(query, keys, v, n_words)
    return weights * (torch.arange(len(keys)) < n_words)


def score_0_for_padding(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    scores = (query + keys).tanh() @ v
    return (scores * (torch.arange(len(keys)) < n_words)).softmax(0)


def powers_of_e(query: Tensor, keys: Tensor, v: Tensor, n_words: int) -> Tensor:
    powers = ((query + keys[:n_words]).tanh() @ v).exp()
    return F.pad(powers / powers.sum(), (0, len(keys) - n_words))


EXERCISE = Exercise(
    name="additive_weights",
    lecture="06_seq2seq",
    stars=2,
    title=_("Where to look"),
    points=4,
    minutes=15,
    cases=cases,
    laws=(Law(SUM, does_not_sum_to_1),),
    reference=additive_weights,
    hints=(
        _("Three steps: a score per key, no score for padding, shares that sum to 1."),
        _("query + keys adds the query to every row; @ v makes one number of each row."),
        _("Softmax over the first n_words scores; then add zeros up to the number of keys."),
    ),
    right_variants=(cut_and_filled_up, key_by_key),
    wrong_answers=(
        WrongAnswer(without_tanh, SCORE),
        WrongAnswer(tanh_of_the_score, SCORE),
        WrongAnswer(keys_alone, ADD),
        WrongAnswer(added_after, ADD),
        WrongAnswer(sigmoids, SUM),
        WrongAnswer(zeros_afterwards, SUM),
        WrongAnswer(padding_too, PADDING),
        WrongAnswer(score_0_for_padding, PADDING),
        WrongAnswer(powers_of_e, LARGE),
    ),
)
