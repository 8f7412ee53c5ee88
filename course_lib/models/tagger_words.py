"""Which tags a word is likely to have: from the word itself, or from how words like it look."""

import re
from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

LONGEST_SUFFIX = 8  # letters


def looks_of(word: str, first: bool) -> list[tuple[str, ...]]:
    """How a word looks, from the vaguest view to the closest: case, shape, then longer endings.

    `first` says that it opens its sentence, where a capital means little.
    """
    case = _case_of(word, first)
    endings = (word[-n:].lower() for n in range(1, min(LONGEST_SUFFIX, len(word)) + 1))
    return [("case", case), ("shape", case, _shape_of(word)), *(("end", case, e) for e in endings)]


def _case_of(word: str, first: bool) -> str:
    """ "WORD", "First" (a capital at the start of a sentence), "Word" or "word"."""
    if len(word) > 1 and word.isupper():
        return "WORD"
    if word[:1].isupper():
        return "First" if first else "Word"
    return "word"


def _shape_of(word: str) -> str:
    """Letters to X or x, digits to 0, runs shortened: "McDonald's-2006" -> "XxXx'x-0"."""
    shape = re.sub(r"[^\W\d_]", lambda letter: "X" if letter[0].isupper() else "x", word)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"\d", "0", shape))


class WordModel:
    """p(tag | word) for any word at all, of a list of Z tags numbered 0 .. Z - 1.

    Each view of a word, from the vaguest to the word itself, corrects the one before it:
    p = (count of the tag here + weight * p of the vaguer view) / (count here + weight).
    A view that was never seen changes nothing, so an unseen word is judged by its longest known
    ending. Endings are counted over words seen at most `rare` times: new words resemble rare
    words, not frequent ones. Source: suffixes of rare words as in TnT (Brants, 2000), with
    Dirichlet weights in place of its standard deviations.
    """

    def __init__(self, n_tags: int, weight: float = 5.0, rare: int = 3) -> None:
        self.n_tags, self.weight, self.rare = n_tags, weight, rare
        self.prior = torch.full((n_tags,), 1 / n_tags, dtype=torch.float64)
        self.counts: dict[tuple[str, ...], Tensor] = {}  # view -> (Z,)

    def fit(self, texts: Sequence[Sequence[str]], tags: Sequence[Sequence[int]]) -> None:
        """Count how often each view of each word has each tag."""
        seen = Counter(
            (word, i == 0, tag)
            for words, numbers in zip(texts, tags, strict=True)
            for i, (word, tag) in enumerate(zip(words, numbers, strict=True))
        )
        frequency = Counter(word for words in texts for word in words)
        self.counts, total = {}, torch.zeros(self.n_tags, dtype=torch.float64)
        for (word, first, tag), n in seen.items():
            views = looks_of(word, first) if frequency[word] <= self.rare else []
            for view in [*views, *_spellings(word)]:
                self.counts.setdefault(view, torch.zeros_like(total))[tag] += n
            total[tag] += n
        # Half a count each: no tag is impossible.
        self.prior = (total + 0.5) / (total + 0.5).sum()

    def probabilities(self, word: str, first: bool) -> Tensor:
        """p(tag | word): (Z,), all above 0, sum 1."""
        p = self.prior
        for view in [*looks_of(word, first), *_spellings(word)]:
            if view in self.counts:
                count = self.counts[view]
                p = (count + self.weight * p) / (count.sum() + self.weight)
        return p

    def log_emit(self, word: str, first: bool) -> Tensor:
        """log p(word | tag) - log p(word): (Z,), by Bayes' rule.

        p(word) is the same for every tag, so the best path does not depend on it.
        """
        return self.probabilities(word, first).log() - self.prior.log()


def _spellings(word: str) -> list[tuple[str, ...]]:
    """The two closest views: the word in small letters, and the word exactly."""
    return [("lower", word.lower()), ("word", word)]
