"""The fast skip-gram trainer beside gensim's: same text, size and number of epochs, one thread.

Rates are words of the text per second of this process's CPU time. Building the vocabulary is in
neither clock, looking the words up is in both. Where the data folder holds the Gutenberg books and
the word tests they are used, else a text of random words, which shows the speed only.

`python -m benchmarks.word2vec` measures quality over three seeds (needs the data; a few minutes).
"""

import logging
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from benchmarks.report import Result
from course_lib.data.corpora import State, analogies, language_modelling, verify, word_similarity
from course_lib.evaluation.word_vectors import all_sections, analogy_scores, similarity_score
from course_lib.i18n import _
from course_lib.models.word_vectors import WordVectors
from course_lib.text.vocab import Vocab
from course_lib.text.words import words
from course_lib.training.word2vec import Word2VecConfig, train_word2vec

CFG = Word2VecConfig()  # the word2vec program's defaults, which gensim is given too
MIN_COUNT = 5
DATA = ("gutenberg_en_core", "word_similarity_en", "word_analogies")
Texts = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Trained:
    """Vectors, and the words of text per second that learning them took."""

    vectors: WordVectors
    rate: float


def run() -> list[Result]:
    """Speed; and with the data at hand, quality for one seed in per cent."""
    real = has_data()
    texts = gutenberg() if real else random_texts()
    ours, peer = train_ours(texts, seed=1), train_gensim(texts, seed=1)
    name = _("word2vec, {n} epochs, beside gensim").format(n=CFG.n_epochs)
    results = [Result(name, ours.rate, peer.rate, _("words/s"), target=1.8)]
    if real:
        theirs = scores(peer.vectors)
        for test, score in scores(ours.vectors).items():
            results.append(Result(f"word2vec: {test}", 100 * score, 100 * theirs[test], "%"))
    return results


def quality(seeds: Sequence[int] = (1, 2, 3)) -> Iterator[str]:
    """Lines of a table: each test's mean and standard deviation over the seeds, ours and gensim's.

    gensim's is the spread that decides whether a difference means anything.
    """
    texts = gutenberg()
    ours = [train_ours(texts, seed) for seed in seeds]
    peers = [train_gensim(texts, seed) for seed in seeds]
    measured = [[{**scores(t.vectors), "words/s": t.rate} for t in side] for side in (ours, peers)]
    yield f"{'':16}{'course':>22}{'gensim':>22}"
    for test in measured[0][0]:
        columns = [[run[test] for run in side] for side in measured]
        yield f"{test:16}" + "".join(
            f"{statistics.mean(column):>12.4g} ± {statistics.stdev(column):<7.2g}"
            for column in columns
        )


def has_data() -> bool:
    """Whether the data folder holds all that is needed, with nothing to fetch."""
    return all(state is State.RIGHT for name in DATA for state in verify(name).values())


def gutenberg() -> list[list[str]]:
    """All 27 books by paragraph, in lower case, without punctuation."""
    splits = language_modelling("gutenberg_en_core")
    documents = [*splits.train, *splits.dev, *splits.test]
    return [
        [word for word in words(paragraph) if word[0].isalnum()]
        for document in documents
        for paragraph in document.paragraphs
    ]


def random_texts(n_words: int = 400_000, vocab_size: int = 10_000) -> list[list[str]]:
    """Words drawn at random by Zipf's law in Mandelbrot's form, as in English; texts of 50."""
    zipf = 1 / (torch.arange(1, vocab_size + 1).double() + 2.7)
    rng = torch.Generator().manual_seed(0)
    ids = torch.multinomial(zipf, n_words, replacement=True, generator=rng)
    return [[str(i) for i in text] for text in ids.view(-1, 50).tolist()]


def train_ours(texts: Texts, seed: int) -> Trained:
    vocab = Vocab.from_texts(texts, min_count=MIN_COUNT)
    rng = torch.Generator().manual_seed(seed)
    start = time.process_time()
    model = train_word2vec([vocab.encode(text) for text in texts], len(vocab), CFG, rng)
    seconds = time.process_time() - start
    vectors = WordVectors.from_table(vocab, model.inputs.weight)
    return Trained(vectors, _n_words(texts) / seconds)


def train_gensim(texts: Texts, seed: int) -> Trained:
    from gensim.models import Word2Vec  # slow to import, and only needed here

    logging.getLogger("gensim").setLevel(logging.ERROR)
    model = Word2Vec(
        sg=1,
        vector_size=CFG.d_model,
        window=CFG.window,
        negative=CFG.n_negatives,
        sample=CFG.threshold,
        alpha=CFG.lr,
        min_count=MIN_COUNT,
        seed=seed,
        workers=1,
    )
    model.build_vocab(texts)
    start = time.process_time()
    model.train(texts, total_examples=len(texts), epochs=CFG.n_epochs)
    seconds = time.process_time() - start
    vectors = WordVectors(model.wv.index_to_key, torch.from_numpy(model.wv.vectors))
    return Trained(vectors, _n_words(texts) / seconds)


def _n_words(texts: Texts) -> int:
    """Words read in all epochs."""
    return CFG.n_epochs * sum(len(text) for text in texts)


def scores(vectors: WordVectors) -> dict[str, float]:
    """Rank correlations with WordSim-353 and MEN, and the share of analogies solved."""
    pairs = word_similarity("word_similarity_en")
    solved = all_sections(analogy_scores(vectors, analogies("word_analogies")).values())
    return {
        "WordSim-353": similarity_score(vectors, pairs["WS-353-ALL"]).spearman,
        "MEN": similarity_score(vectors, pairs["MEN-TR-3k"]).spearman,
        "analogies": solved.accuracy,
    }


if __name__ == "__main__":
    for line in quality():
        print(line)
