"""★★ How similar texts are: the mean over real tokens, and the cosine."""

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _
from course_lib.models.heads import mean_of_tokens

COSINE = _("The cosine: the product of two vectors, divided by the lengths of both.")
MEAN = _("The vector of a text is the mean of the vectors of its tokens: each counts as it is.")
MASK = _("Where the mask is 0 stands padding. Its vectors are not 0, and must not be in the mean.")


def cases(rng: random.Random) -> list[Case]:
    def question(n_texts: int, n_tokens: int, hint: str, lengths: list[int] | None = None) -> Case:
        vectors = torch.tensor(
            [
                [[round(rng.uniform(-2, 3), 2) for _i in range(4)] for _token in range(n_tokens)]
                for _text in range(n_texts)
            ],
            dtype=torch.float64,
        )
        lengths = [n_tokens] * n_texts if lengths is None else lengths
        mask = (torch.arange(n_tokens) < torch.tensor(lengths)[:, None]).long()
        return Case((vectors, mask), hint)

    return [
        question(3, 1, COSINE),
        question(2, 3, MEAN),
        question(3, 5, MASK, rng.sample([2, 3, 5], 3)),
    ]


def similarities(vectors: Tensor, mask: Tensor) -> Tensor:
    """(B, T, D), (B, T) -> (B, B): the cosine of each two texts' mean vectors."""
    means = F.normalize(mean_of_tokens(vectors, mask), dim=-1)
    return means @ means.T


def with_loops(vectors: Tensor, mask: Tensor) -> Tensor:
    sums = [text[: int(row.sum())].sum(dim=0) for text, row in zip(vectors, mask, strict=True)]
    table = [[float(a @ b / (a.norm() * b.norm())) for b in sums] for a in sums]
    return torch.tensor(table)


def with_the_library(vectors: Tensor, mask: Tensor) -> Tensor:
    means = (vectors * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
    return F.cosine_similarity(means[:, None], means[None], dim=-1)


def of(texts: Tensor) -> Tensor:
    """The cosines of one vector for each text."""
    return F.cosine_similarity(texts[:, None], texts[None], dim=-1)


def products(vectors: Tensor, mask: Tensor) -> Tensor:
    means = mean_of_tokens(vectors, mask)
    return means @ means.T


def distances(vectors: Tensor, mask: Tensor) -> Tensor:
    means = mean_of_tokens(vectors, mask)
    return torch.cdist(means, means)


def divided_by_one_length(vectors: Tensor, mask: Tensor) -> Tensor:
    means = mean_of_tokens(vectors, mask)
    return F.normalize(means, dim=-1) @ means.T


def each_token_of_length_one(vectors: Tensor, mask: Tensor) -> Tensor:
    return of(mean_of_tokens(F.normalize(vectors, dim=-1), mask))


def hidden_too_hard(vectors: Tensor, mask: Tensor) -> Tensor:
    """Leaves every place out where any text has padding."""
    return of(vectors[:, mask.bool().all(dim=0)].mean(dim=1))


EXERCISE = Exercise(
    name="similarities",
    lecture="15_hugging_face",
    stars=2,
    title=_("How similar are these texts?"),
    points=4,
    minutes=15,
    cases=cases,
    reference=similarities,
    hints=(
        _("Two steps: one vector for each text, then the cosine of each two of them."),
        _("Multiply by the mask before you sum: mask[:, :, None] has the shape (B, T, 1)."),
        _(
            "Divide each text's vector by its own length (.norm(dim=-1, keepdim=True)); then all"
            " cosines are one product of matrices."
        ),
    ),
    right_variants=(with_loops, with_the_library),
    wrong_answers=(
        WrongAnswer(products, COSINE),
        WrongAnswer(distances, COSINE),
        WrongAnswer(divided_by_one_length, COSINE),
        WrongAnswer(lambda v, _m: of(v[:, 0]), MEAN),
        WrongAnswer(lambda v, _m: of(v.amax(dim=1)), MEAN),
        WrongAnswer(each_token_of_length_one, MEAN),
        WrongAnswer(lambda v, _m: of(v.mean(dim=1)), MASK),
        WrongAnswer(
            lambda v, m: of(mean_of_tokens(v, 1 - m) if (m == 0).any() else v.mean(1)), MASK
        ),
        WrongAnswer(hidden_too_hard, MASK),
    ),
)
