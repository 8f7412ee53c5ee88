"""A part-of-speech tagger: a hidden Markov model whose states are tags, for words never seen too.

The tags are known while it learns, so learning is counting. Each tag depends on the two tags before
it, and each word on its tag (`tagger_words`). Source: TnT, Brants (2000).
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.hmm_batched import Batch, batches
from course_lib.models.tagger_words import WordModel
from course_lib.models.threads import one_thread


def count_trigrams(tags: Iterable[Sequence[int]], n_tags: int) -> Tensor:
    """(Z + 1, Z + 1, Z + 1): how often tag w follows tags u, v. Tag Z is the edge of a text."""
    counts = torch.zeros((n_tags + 1,) * 3, dtype=torch.float64)
    for path in tags:
        u, v, w = torch.tensor([n_tags, n_tags, *path, n_tags]).unfold(0, 3, 1).T
        counts.index_put_((u, v, w), counts.new_ones(()), accumulate=True)
    return counts


def deleted_interpolation(trigrams: Tensor) -> Tensor:
    """How far to trust one, two and three tags: (3,) weights above 0, sum 1.

    Each trigram seen votes, as often as it was seen, for the length of history that predicts it
    best once that one sighting is taken out of the counts. Source: Brants (2000), figure 1. Every
    length begins with one vote, so that no step is ever impossible.
    """
    bigrams = trigrams.sum(0)
    unigrams = bigrams.sum(0)
    left_out = [
        _ratio(unigrams - 1, unigrams.sum() - 1).expand_as(trigrams),
        _ratio(bigrams - 1, bigrams.sum(1, keepdim=True) - 1).expand_as(trigrams),
        _ratio(trigrams - 1, trigrams.sum(2, keepdim=True) - 1),
    ]
    best = torch.stack(left_out).argmax(0)  # (Z + 1, Z + 1, Z + 1) in 0, 1, 2
    votes = torch.stack([1 + trigrams[best == n].sum() for n in range(3)])
    return votes / votes.sum()


def tag_probabilities(trigrams: Tensor) -> Tensor:
    """p(w | u, v) = l1 p(w) + l2 p(w | v) + l3 p(w | u, v): (Z + 1, Z + 1, Z + 1), rows sum to 1.

    Where a history was never seen, its share is predicted by the shorter one.
    """
    weights = deleted_interpolation(trigrams)
    bigrams = trigrams.sum(0)
    one = bigrams.sum(0) / bigrams.sum()
    two = _ratio(bigrams, bigrams.sum(1, keepdim=True))
    two = torch.where(bigrams.sum(1, keepdim=True) > 0, two, one)
    three = _ratio(trigrams, trigrams.sum(2, keepdim=True))
    three = torch.where(trigrams.sum(2, keepdim=True) > 0, three, two)
    return weights[0] * one + weights[1] * two + weights[2] * three


def _ratio(part: Tensor, whole: Tensor) -> Tensor:
    """part / whole, and 0 where the whole is 0."""
    return torch.where(whole > 0, part / whole.clamp(min=1), 0.0)


def best_tags(log_trans: Tensor, log_emit: Tensor, batch: Batch) -> Tensor:
    """Viterbi over pairs of tags, exact: the best tag of every word, (N,) int64.

    `log_trans` (Z + 1, Z + 1, Z + 1) is log p(w | u, v); `log_emit` (W, Z) has a row for each
    number in `batch.ids`. O(N Z^3).
    """
    n_tags, steps = log_emit.size(1), batch.steps()
    shape = (batch.sizes[0], n_tags + 1, n_tags + 1)
    best = log_trans.new_full(shape, -torch.inf)  # (B, Z + 1, Z + 1) best path ending in v, w
    best[:, n_tags, n_tags] = 0.0  # before the first word: edge, edge
    came_from = []
    for n, step in zip(batch.sizes, steps, strict=True):
        score, previous = (best[:n, :, :, None] + log_trans[..., :n_tags]).max(dim=1)  # over u
        best[:n, :, :n_tags] = score + log_emit[batch.ids[step]][:, None, :]
        best[:n, :, n_tags] = -torch.inf
        came_from.append(previous)
    last = (best + log_trans[..., n_tags]).flatten(1).argmax(dim=1)  # (B,) the pair v, w in one
    v, w = last // (n_tags + 1), last % (n_tags + 1)
    path, rows = torch.empty_like(batch.ids), torch.arange(len(last))
    for n, step, previous in zip(batch.sizes[::-1], steps[::-1], came_from[::-1], strict=True):
        path[step] = w[:n]
        u = previous[rows[:n], v[:n], w[:n]]
        v, w = torch.cat([u, v[n:]]), torch.cat([v[:n], w[n:]])
    return path


class Tagger:
    """Learns from texts with tags and tags new ones. `weight` and `rare` as in `WordModel`."""

    def __init__(self, weight: float = 5.0, rare: int = 3) -> None:
        self.weight, self.rare = weight, rare
        self.tags: list[str] = []

    def fit(self, texts: Sequence[Sequence[str]], tags: Sequence[Sequence[str]]) -> None:
        """Count. Raises CourseError if there is no word, ValueError if a word lacks its tag."""
        if [len(words) for words in texts] != [len(path) for path in tags]:
            raise ValueError("texts and tags must have the same lengths")
        self.tags = sorted({tag for path in tags for tag in path})
        if not self.tags:
            raise CourseError(_("there is no tagged word to learn from: the texts are empty"))
        number = {tag: i for i, tag in enumerate(self.tags)}
        paths = [[number[tag] for tag in path] for path in tags]
        self.words = WordModel(len(self.tags), self.weight, self.rare)
        self.words.fit(texts, paths)
        self.log_trans = tag_probabilities(count_trigrams(paths, len(self.tags))).log()

    @one_thread()
    def tag(self, texts: Sequence[Sequence[str]]) -> list[list[str]]:
        """The most probable tags of each text."""
        if not self.tags:
            raise ValueError("this tagger has learnt nothing yet: call fit first")
        # Each word is looked up once, or twice if it also opens a text.
        views = dict.fromkeys((word, i == 0) for words in texts for i, word in enumerate(words))
        rows = {view: row for row, view in enumerate(views)}
        table = [self.words.log_emit(word, first) for word, first in rows]
        ids = [torch.tensor([rows[w, i == 0] for i, w in enumerate(words)]) for words in texts]
        found: list[list[str]] = [[] for _text in texts]
        # Every step compares n_texts * (Z + 1)^3 scores at once: about 16 MB of them.
        most = max(1, 2_000_000 // self.log_trans.numel())
        for batch in batches(ids, max_texts=most):
            path = best_tags(self.log_trans, torch.stack(table), batch)
            for place, numbers in batch.split(path):
                found[place] = [self.tags[n] for n in numbers.tolist()]
        return found
