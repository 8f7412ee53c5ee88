"""How good word vectors are: do they rank pairs of words as people do, and solve analogies?

A word is looked up as it is written, else in lower case; a question with a word that has no vector
is left out, and the scores say how many were.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from course_lib.data.corpora import Analogy, ScoredPair
from course_lib.evaluation.metrics import spearman
from course_lib.models.word_vectors import WordVectors


@dataclass(frozen=True)
class SimilarityScore:
    """Rank correlation with people's scores, on the pairs whose two words are known."""

    spearman: float  # -1 to 1; nan if fewer than two pairs are known
    n_known: int
    n_pairs: int


@dataclass(frozen=True)
class AnalogyScore:
    """Right answers among the questions whose four words are known."""

    n_right: int
    n_known: int
    n_questions: int

    @property
    def accuracy(self) -> float:
        """Right among known, 0 to 1; nan if none is known."""
        return self.n_right / self.n_known if self.n_known else math.nan


def similarity_score(vectors: WordVectors, pairs: Sequence[ScoredPair]) -> SimilarityScore:
    """Compare cosines with people's scores of the same pairs."""
    ids = [_known(vectors, (pair.first, pair.second)) for pair in pairs]
    known = [(pair.score, two) for pair, two in zip(pairs, ids, strict=True) if two]
    if len(known) < 2:
        return SimilarityScore(math.nan, len(known), len(pairs))
    a, b = torch.tensor([two for _, two in known]).T
    cosines = (vectors.unit[a] * vectors.unit[b]).sum(dim=1)
    return SimilarityScore(spearman([s for s, _ in known], cosines), len(known), len(pairs))


def analogy_scores(
    vectors: WordVectors, sections: Mapping[str, Sequence[Analogy]]
) -> dict[str, AnalogyScore]:
    """By section: how often `WordVectors.analogy` finds d, from a, b and c, as its best answer."""
    scores = {}
    for name, questions in sections.items():
        ids = [_known(vectors, (q.a, q.b, q.c, q.d)) for q in questions]
        known = [four for four in ids if four]
        n_right = _n_right(vectors.unit, torch.tensor(known)) if known else 0
        scores[name] = AnalogyScore(n_right, len(known), len(questions))
    return scores


def all_sections(scores: Iterable[AnalogyScore]) -> AnalogyScore:
    """All questions together, each counted once, however long its section."""
    totals = [(s.n_right, s.n_known, s.n_questions) for s in scores]
    return AnalogyScore(*(sum(column) for column in zip(*totals, strict=True)))


def _known(vectors: WordVectors, words: Sequence[str]) -> list[int] | None:
    """The words' rows; None if one of them has none."""
    ids = [vectors.ids.get(w, vectors.ids.get(w.lower(), -1)) for w in words]
    return None if -1 in ids else ids


def _n_right(unit: Tensor, questions: Tensor, size: int = 500) -> int:
    """Questions (Q, 4) of row numbers -> how many are answered right; `size` of them at a time."""
    n_right = 0
    for part in questions.split(size):
        a, b, c, d = part.T
        cosines = (unit[b] - unit[a] + unit[c]) @ unit.T  # (size, V), each row times its own length
        cosines.scatter_(1, part[:, :3], -torch.inf)
        n_right += int((cosines.argmax(dim=1) == d).sum())
    return n_right
