"""What `course bakeoff` does with one corpus: learn in one of three ways, and measure."""

import copy
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.cli.bakeoff_runs import Run
from course_lib.data.batching import parallel_batches
from course_lib.data.corpora import translation
from course_lib.data.corpora.records import TranslationPair
from course_lib.evaluation.bleu import bleu, chrf
from course_lib.inference.translating import translate, translate_best
from course_lib.models.modern_translator import ModernTranslator
from course_lib.text.fast import train_bpe
from course_lib.text.vocab import Vocab
from course_lib.training.loop import train
from course_lib.training.objectives import SequenceBatch, smoothed_sequence_loss
from course_lib.training.parallel_recipes import (
    LABEL_SMOOTHING,
    PLANS,
    Pair,
    Parallel,
    Plan,
    Translating,
)

MIN_COUNT = 3  # of a word, to be known
SUBWORDS = 4000  # of each language
LONGEST = 60  # tokens of a side that are learnt from, and that are written
N_TIMED = 60  # steps by which the speed is found


class Budget(NamedTuple):
    unit: str  # minutes or epochs
    amount: float


class Side(NamedTuple):
    """One language: from text to ids and back, and what BLEU counts in it."""

    encode: Callable[[str], Tensor]
    decode: Callable[[Tensor], str]
    tokens: Callable[[str], Sequence[str]]
    size: int


def words_side(texts: Sequence[str]) -> Side:
    """Texts whose words stand apart already: spaces tell them, and BLEU counts the same words."""
    vocab = Vocab.from_texts([text.split() for text in texts], MIN_COUNT)
    return Side(
        lambda text: vocab.encode(text.split()),
        lambda ids: " ".join(vocab.decode(ids)),
        str.split,
        len(vocab),
    )


def subwords_side(texts: Sequence[str]) -> Side:
    """Plain text, in the course's own subwords; BLEU counts its characters."""
    tokenizer = train_bpe(texts, SUBWORDS, byte_fallback=False, min_letter_count=3)
    return Side(
        tokenizer.encode,
        tokenizer.decode,
        lambda text: list("".join(text.split())),
        len(tokenizer),
    )


CORPORA = {"small_parallel_enja": words_side, "tatoeba_jpn_eng": subwords_side}


class Study:
    """One corpus, read once. Every model learns from the same pairs and is tested on the same."""

    def __init__(self, corpus: str, n_beams: int) -> None:
        self.corpus, self.n_beams = corpus, n_beams
        splits = translation(corpus)
        make = CORPORA[corpus]
        self.english = make([pair.english for pair in splits.train])
        self.japanese = make([pair.japanese for pair in splits.train])
        pairs = [self.encoded(pair) for pair in splits.train]
        pairs = [pair for pair in pairs if all(0 < len(side) <= LONGEST for side in pair)]
        self.parallel = Parallel(pairs, self.english.size, self.japanese.size)
        self.n_words = sum(len(target) + 1 for _source, target in pairs)
        self.sources = [self.english.encode(pair.english)[:LONGEST] for pair in splits.test]
        self.references = [self.japanese.tokens(pair.japanese) for pair in splits.test]

    def encoded(self, pair: TranslationPair) -> Pair:
        return self.english.encode(pair.english), self.japanese.encode(pair.japanese)

    def run(self, name: str, budget: Budget, seed: int) -> Run:
        """Train one model for the budget and measure it."""
        rng = torch.Generator().manual_seed(seed)
        plan = PLANS[name](self.parallel, rng)
        torch.manual_seed(seed)  # of dropout
        n_steps = self.n_steps(plan, budget, seed)
        n_words, seconds = self.learn(plan, n_steps, rng)
        never_unknown(plan.model)
        asked = [plan.source(source) for source in self.sources]
        greedy, _ = self.scores(translate(plan.model, asked, LONGEST))
        started = time.process_time()
        best = translate_best(plan.model, asked, LONGEST, self.n_beams)
        beam_seconds = time.process_time() - started
        epochs = n_words / self.n_words
        scores = (greedy, *self.scores(best))
        return Run(
            self.corpus, name, *budget, seed, n_steps, epochs, seconds, *scores, beam_seconds
        )

    def learn(self, plan: Plan, n_steps: int, rng: torch.Generator) -> tuple[int, float]:
        """Train in place; return how many words were predicted, and the seconds of CPU time."""
        batches = list(itertools.islice(self.batches(plan, rng), n_steps))
        started = time.process_time()
        train(plan.model, smoothed_sequence_loss(LABEL_SMOOTHING), batches, plan.settings(n_steps))
        seconds = time.process_time() - started
        return sum(int((targets >= 0).sum()) for _source, _inputs, targets in batches), seconds

    def batches(self, plan: Plan, rng: torch.Generator) -> Iterator[SequenceBatch]:
        pairs = [(plan.source(source), target) for source, target in self.parallel.pairs]
        return parallel_batches(pairs, plan.n_tokens, rng, Vocab.start_id, Vocab.end_id)

    def n_steps(self, plan: Plan, budget: Budget, seed: int) -> int:
        """As many as make so many passes, or as fit into the minutes: some are timed on a copy."""
        rng = torch.Generator().manual_seed(seed)
        if budget.unit == "epochs":
            some = itertools.islice(self.batches(plan, rng), N_TIMED)
            n_words = sum(int((targets >= 0).sum()) for _source, _inputs, targets in some)
            return max(1, round(budget.amount * self.n_words * N_TIMED / n_words))
        trial = plan._replace(model=copy.deepcopy(plan.model))
        self.learn(trial, N_TIMED // 3, rng)  # slower than the rest: memory is fetched
        _n_words, seconds = self.learn(trial, N_TIMED, rng)
        return max(1, int(60 * budget.amount * N_TIMED / seconds))

    def scores(self, found: Sequence[Tensor]) -> tuple[float, float]:
        """BLEU and chrF of the test part."""
        texts = [self.japanese.decode(ids) for ids in found]
        score = bleu([self.japanese.tokens(text) for text in texts], self.references)
        return score, chrf(texts, ["".join(words) for words in self.references])


def never_unknown(model: Translating) -> None:
    """<unk> is never right, so it is never written."""
    bias = model.output_bias if isinstance(model, ModernTranslator) else model.bias
    with torch.no_grad():
        bias[Vocab.unk_id] = -torch.inf
