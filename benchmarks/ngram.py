"""The n-gram model beside nltk's and, for orientation, beside KenLM's scoring: one core, one run.

All read the same text, made on the spot: 300,000 words with Zipf's frequencies, each word followed
by one of twenty. Training is timed from lists of words to a model that can score; nltk's includes
its own padding and vocabulary, ours the vocabulary and the ids. Rates are per second of the
process's own CPU time.
"""

import importlib.util
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nltk.lm
import nltk.lm.preprocessing
import numpy as np
import torch

from benchmarks.report import Result
from course_lib.i18n import _
from course_lib.interop.arpa import write_arpa
from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_backoff import to_backoff
from course_lib.models.ngram_smoothing import KneserNey, ModifiedKneserNey
from course_lib.text.packed import PackedTexts
from course_lib.text.vocab import Vocab

ORDER, DISCOUNT = 3, 0.75
N_WORDS, N_NLTK_SCORES = 300_000, 40  # nltk looks through all its contexts for every score
Text = list[str]


def run() -> list[Result]:
    """Words per second in training and in scoring."""
    texts = zipf_texts(N_WORDS, np.random.default_rng(0))
    n_words = sum(len(text) for text in texts)
    seconds, (model, vocab) = timed(lambda: train(texts), 3)
    nltk_seconds, nltk_model = timed(lambda: train_nltk(texts), 1)
    ids = PackedTexts.encode(texts, vocab)
    scoring, _scores = timed(lambda: model.log_probs(ids), 3)
    nltk_scoring, _scores = timed(lambda: score_nltk(nltk_model, texts), 1)
    unit, rate = _("words/s"), n_words / scoring
    name = _("trigrams, Kneser-Ney: {what}")
    results = [
        Result(
            name.format(what=_("training beside nltk")),
            n_words / seconds,
            n_words / nltk_seconds,
            unit,
            target=30,
        ),
        Result(
            name.format(what=_("scoring beside nltk")),
            rate,
            N_NLTK_SCORES / nltk_scoring,
            unit,
            target=10_000,
        ),
    ]
    if importlib.util.find_spec("kenlm"):
        peer = n_words / score_kenlm(model.with_smoothing(ModifiedKneserNey()), vocab, texts)
        results.append(Result(name.format(what=_("scoring beside KenLM")), rate, peer, unit))
    return results


def zipf_texts(n_words: int, rng: np.random.Generator, n_types: int = 16_000) -> list[Text]:
    """Texts of 1 to 40 words; each word has twenty that may follow it, drawn by Zipf's law."""
    frequencies = 1 / np.arange(1, n_types + 1)
    frequencies /= frequencies.sum()
    following = rng.choice(n_types, size=(n_types, 20), p=frequencies).tolist()
    texts: list[Text] = []
    while n_words > 0:
        word = int(rng.choice(n_types, p=frequencies))
        text = [word]
        for branch in rng.integers(0, 20, size=rng.integers(0, 40)).tolist():
            text.append(following[text[-1]][branch])
        texts.append([f"w{i}" for i in text])
        n_words -= len(text)
    return texts


def timed(work: Callable, n_times: int) -> tuple[float, object]:
    """Median CPU seconds of the work, and what it returned."""
    seconds = []
    for _time in range(n_times):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds), result


def train(texts: Sequence[Text]) -> tuple[NGramModel, Vocab]:
    vocab = Vocab.from_texts(texts)
    ids = PackedTexts.encode(texts, vocab)
    return NGramModel(ORDER, KneserNey(DISCOUNT)).fit(ids, len(vocab)), vocab


def train_nltk(texts: Sequence[Text]) -> nltk.lm.KneserNeyInterpolated:
    model = nltk.lm.KneserNeyInterpolated(ORDER, discount=DISCOUNT)
    model.fit(*nltk.lm.preprocessing.padded_everygram_pipeline(ORDER, texts))
    return model


def score_nltk(model: nltk.lm.KneserNeyInterpolated, texts: Sequence[Text]) -> list[float]:
    grams = itertools.chain.from_iterable(zip(t, t[1:], t[2:], strict=False) for t in texts)
    return [model.score(w, (u, v)) for u, v, w in itertools.islice(grams, N_NLTK_SCORES)]


def score_kenlm(model: NGramModel, vocab: Vocab, texts: Sequence[Text]) -> float:
    """CPU seconds that KenLM takes for all texts, given the same model in an ARPA file.

    Raises ValueError if it does not give the text the probability that the model gives it.
    """
    import kenlm

    config = kenlm.Config()
    config.show_progress = False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.arpa"
        write_arpa(to_backoff(model), vocab, path)
        theirs = kenlm.Model(str(path), config)
    lines = [" ".join(text) for text in texts]
    seconds, total = timed(lambda: sum(theirs.score(line) for line in lines), 3)
    ours = torch.cat(model.log_probs(PackedTexts.encode(texts, vocab))).sum() / np.log(10)
    if abs(total / ours.item() - 1) > 1e-5:
        raise ValueError(f"KenLM gives {total}, this model {ours.item()}: one of them is wrong")
    return seconds
