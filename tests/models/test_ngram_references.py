"""The n-gram model against its textbooks, written with dictionaries, and against nltk."""

import math
from collections import Counter
from collections.abc import Sequence

import nltk.lm
import pytest
import torch
from torch import Tensor

from course_lib.evaluation.metrics import perplexity
from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_smoothing import MLE, AddK, KneserNey, ModifiedKneserNey

V, START, END = 9, 2, 3  # <pad> <unk> <s> </s> and five words


def random_texts(seed: int, n_texts: int) -> list[Tensor]:
    """Texts of 0 to 9 words, the first ids much more often than the last."""
    rng = torch.Generator().manual_seed(seed)
    frequencies = 1 / torch.arange(1.0, V - 3)
    lengths = torch.randint(0, 10, (n_texts,), generator=rng).tolist()
    return [
        torch.multinomial(frequencies, n, replacement=True, generator=rng) + 4
        if n
        else torch.zeros(0, dtype=torch.long)
        for n in lengths
    ]


TRAIN, HELD_OUT = random_texts(0, 40), random_texts(1, 12)


class Oracle:
    """p(word | context) by Chen & Goodman's recursion; `discounts` maps an order to D(count)."""

    def __init__(self, texts: Sequence[Tensor], order: int, vocab_size: int) -> None:
        self.order, self.n_words = order, vocab_size - 2
        self.counts: Counter[tuple[int, ...]] = Counter()
        for text in texts:
            row = [START, *text.tolist(), END]
            for k in range(1, order + 1):
                for end in range(k, len(row) + 1):
                    if row[end - 1] != START:
                        self.counts[tuple(row[end - k : end])] += 1

    def add_k(self, word: int, context: tuple[int, ...], k: float) -> float:
        context = self.last(context)
        total = sum(n for gram, n in self.counts.items() if gram[:-1] == context)
        if total + k == 0:
            return 0.0
        return (self.counts[(*context, word)] + k) / (total + k * self.n_words)

    def adjusted(self, gram: tuple[int, ...]) -> int:
        if len(gram) == self.order or gram[0] == START:
            return self.counts[gram]
        return sum(longer[1:] == gram for longer in self.counts if len(longer) == len(gram) + 1)

    def discounts(self, k: int) -> list[float]:
        """D for counts 0, 1, 2, 3+ at order k, by equation 26."""
        n = Counter(self.adjusted(gram) for gram in self.counts if len(gram) == k)
        if not (n[1] and n[2] and n[3]):
            return [0, 0.5, 1, 1.5]
        y = n[1] / (n[1] + 2 * n[2])
        found = [1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]]
        return (
            [0, *found] if all(0 <= d <= j + 1 for j, d in enumerate(found)) else [0, 0.5, 1, 1.5]
        )

    def kneser_ney(
        self, word: int, context: tuple[int, ...], discounts: dict[int, list[float]], base: float
    ) -> float:
        context = self.last(context)
        below = self.kneser_ney(word, context[1:], discounts, base) if context else base
        seen = [gram for gram in self.counts if gram[:-1] == context]
        if not seen:
            return below
        d = discounts[len(context) + 1]
        total = sum(map(self.adjusted, seen))
        left = sum(d[min(self.adjusted(gram), 3)] for gram in seen) / total
        n = self.adjusted((*context, word))
        return (n - d[min(n, 3)]) / total + left * below

    def last(self, context: tuple[int, ...]) -> tuple[int, ...]:
        return context[max(0, len(context) - self.order + 1) :]


def positions(text: torch.Tensor) -> list[tuple[int, tuple[int, ...]]]:
    """(word, everything before it) for each word of a text and its end."""
    row = [START, *text.tolist(), END]
    return [(row[i], tuple(row[:i])) for i in range(1, len(row))]


@pytest.mark.parametrize("order", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("k", [0, 0.3, 1])
def test_add_k_and_mle_equal_the_textbook(order: int, k: float):
    oracle = Oracle(TRAIN, order, V)
    model = NGramModel(order, AddK(k) if k else MLE()).fit(TRAIN, V)
    for text, log_probs in zip(HELD_OUT, model.log_probs(HELD_OUT), strict=True):
        expected = [oracle.add_k(word, context, k) for word, context in positions(text)]
        assert log_probs.exp().tolist() == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("order", [1, 2, 3, 5, 12])
@pytest.mark.parametrize(
    "smoothing", [KneserNey(), KneserNey(0.4, uniform=False), ModifiedKneserNey()], ids=str
)
def test_kneser_ney_equals_the_textbook(order: int, smoothing):
    oracle = Oracle(TRAIN, order, V)
    if isinstance(smoothing, ModifiedKneserNey):
        discounts, base = {k: oracle.discounts(k) for k in range(1, order + 1)}, 1 / 7
    else:
        d = 3 * [smoothing.discount]
        discounts = {k: [0, *(d if k > 1 or smoothing.uniform else 3 * [0])] for k in range(1, 13)}
        base = 1 / 7
    model = NGramModel(order, smoothing).fit(TRAIN, V)
    for text, log_probs in zip(HELD_OUT, model.log_probs(HELD_OUT), strict=True):
        expected = [oracle.kneser_ney(*at, discounts, base) for at in positions(text)]
        assert log_probs.exp().tolist() == pytest.approx(expected, abs=1e-14)


def fitted_nltk(model: nltk.lm.api.LanguageModel, texts: list[torch.Tensor]):
    """nltk's model on the same texts: one <s>, which counts as a context and never as a word.

    It is not in nltk's vocabulary, or add-k would share with it; nltk's own look-up takes care.
    """
    rows = [["<s>", *map(str, text.tolist()), "</s>"] for text in texts]
    grams = [
        [gram for gram in nltk.everygrams(row, max_len=model.order) if gram != ("<s>",)]
        for row in rows
    ]
    model.fit(grams, [word for row in rows for word in row[1:]])
    return model


def nltk_nll(model, texts, order: int, skip: int = 0) -> torch.Tensor:
    """Negative log-likelihoods of the words that have at least `skip` real words before them."""
    rows = [["<s>", *map(str, text.tolist()), "</s>"] for text in texts]
    p = [
        model.score(row[i], tuple(row[max(0, i - order + 1) : i]))
        for row in rows
        for i in range(1 + skip, len(row))
    ]
    return -torch.tensor(p, dtype=torch.float64).log()


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("gamma", [0, 0.2])
def test_mle_and_add_k_perplexities_equal_nltk(order: int, gamma: float):
    theirs = nltk.lm.Lidstone(gamma, order) if gamma else nltk.lm.MLE(order)
    texts = HELD_OUT if gamma else TRAIN  # relative frequencies know nothing of other texts
    expected = perplexity(nltk_nll(fitted_nltk(theirs, TRAIN), texts, order))
    model = NGramModel(order, AddK(gamma) if gamma else MLE()).fit(TRAIN, V)
    assert math.isfinite(expected)
    assert perplexity(-torch.cat(model.log_probs(texts))) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("discount", [0.1, 0.75])
def test_kneser_ney_perplexity_equals_nltk(order: int, discount: float):
    """nltk's unigrams are not discounted; grams that begin with <s> have no counts there.

    So the definitions coincide without the uniform part, and for words whose whole context consists
    of words: all of them for bigrams, those with two or three words before them for larger orders.
    """
    skip = 0 if order == 2 else order - 1
    theirs = fitted_nltk(nltk.lm.KneserNeyInterpolated(order, discount=discount), TRAIN)
    expected = nltk_nll(theirs, HELD_OUT, order, skip)
    model = NGramModel(order, KneserNey(discount, uniform=False)).fit(TRAIN, V)
    ours = -torch.cat([text[skip:] for text in model.log_probs(HELD_OUT)])
    torch.testing.assert_close(ours, expected, rtol=1e-12, atol=0)
    assert perplexity(ours) == pytest.approx(perplexity(expected), rel=1e-12)
