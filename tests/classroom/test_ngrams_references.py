"""The plain-Python references of lecture 01 equal the package's own models."""

import math
import random
from collections import Counter

import pytest
import torch

from course_lib.classroom.exercises.ngrams.add_k import add_k_probs
from course_lib.classroom.exercises.ngrams.chain_rule import chain_rule_log_prob
from course_lib.classroom.exercises.ngrams.kneser_ney import kneser_ney_prob
from course_lib.classroom.exercises.ngrams.order import WORDS, bits_by_order
from course_lib.classroom.exercises.ngrams.perplexity import text_perplexity
from course_lib.classroom.exercises.ngrams.sampling import sample_next
from course_lib.evaluation.metrics import bits_per_word, perplexity
from course_lib.models.ngram import NGramModel, count_ngrams
from course_lib.models.ngram_smoothing import MLE, AddK, KneserNey
from course_lib.text.vocab import Vocab

VOCAB = Vocab(WORDS)
PREDICTED = [*WORDS, "<unk>", "</s>"]  # what can come next: V = 9


def texts(seed: int, n: int) -> list[list[str]]:
    rng = random.Random(seed)
    return [[rng.choice(WORDS[:6]) for _ in range(rng.randint(0, 9))] for _ in range(n)]


def fitted(order: int, smoothing, words: list[list[str]]) -> NGramModel:
    return NGramModel(order, smoothing).fit([VOCAB.encode(t) for t in words], len(VOCAB))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [1, 2, 3])
def test_add_k(seed: int, n: int):
    train = texts(seed, 12)
    model = fitted(n, AddK(0.3), train)
    counts: dict[tuple[str, ...], Counter[str]] = {}
    for text in train:
        padded = ["<s>"] * (n - 1) + text + ["</s>"]
        for context, after in count_ngrams(padded, n).items():
            counts[context] = counts.get(context, Counter()) + after
    for context in [*counts, ("bank",) * (n - 1)]:
        probs = add_k_probs(context, counts, PREDICTED, 0.3)
        n_marks = context.count("<s>")  # the model fills its context up by itself: one is enough
        known = context[max(0, n_marks - 1) :]
        expected = model.distribution([VOCAB.ids[word] for word in known])
        for word, p in probs.items():
            assert p == pytest.approx(expected[VOCAB.ids[word]].item(), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_kneser_ney(seed: int):
    train = texts(seed, 12)
    model = fitted(2, KneserNey(0.6, uniform=False), train)
    bigrams = Counter(pair for t in train for pair in zip(["<s>", *t], [*t, "</s>"], strict=True))
    for previous in ["<s>", *WORDS]:
        expected = model.distribution([VOCAB.ids[previous]])
        for word in PREDICTED:
            p = kneser_ney_prob(word, previous, bigrams, 0.6)
            assert p == pytest.approx(expected[VOCAB.ids[word]].item(), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_bits_by_order(seed: int):
    train, dev = texts(seed, 12), texts(100 + seed, 5)
    curve = bits_by_order(train, dev, [1, 2, 3, 4], len(PREDICTED), 0.2)
    for order, bits in enumerate(curve, start=1):
        log_probs = fitted(order, AddK(0.2), train).log_probs([VOCAB.encode(t) for t in dev])
        assert bits == pytest.approx(bits_per_word(log_probs).value, abs=1e-10)


def test_chain_rule_and_perplexity():
    words = texts(0, 1)[0]
    log_probs = fitted(2, AddK(1.0), texts(1, 9)).log_probs([VOCAB.encode(words)])[0]
    total = chain_rule_log_prob(log_probs.exp().tolist())
    assert total == pytest.approx(log_probs.sum().item(), abs=1e-10)
    assert text_perplexity(log_probs.tolist()) == pytest.approx(perplexity(-log_probs), abs=1e-10)


def test_sampling_with_evenly_spread_numbers_gives_back_the_distribution():
    model = fitted(1, MLE(), texts(0, 12))
    p = model.distribution([])
    probs = {word: p[VOCAB.ids[word]].item() for word in PREDICTED}
    drawn = Counter(sample_next(probs, (i + 0.5) / 10_000) for i in range(10_000))
    assert math.isclose(torch.as_tensor(list(probs.values())).sum(), 1.0, abs_tol=1e-9)
    for word, p_word in probs.items():
        assert drawn[word] / 10_000 == pytest.approx(p_word, abs=1e-4)
