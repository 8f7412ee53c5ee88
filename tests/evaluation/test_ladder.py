import math

import pytest
import torch
from torch import Tensor

from course_lib.evaluation.ladder import ladder
from course_lib.evaluation.phenomena import phenomena_table, phenomenon_accuracy
from course_lib.models.ngram import NGramModel
from course_lib.text.vocab import Vocab


def markov_texts(n: int, seed: int) -> tuple[list[Tensor], list[Tensor]]:
    """Texts of a small language and their true log-probabilities.

    From <s> (as 0), 4 and 5 the next token is 4, 5 or </s> with the probabilities of the table.
    """
    p = {0: [0.6, 0.4, 0.0], 4: [0.1, 0.7, 0.2], 5: [0.5, 0.25, 0.25]}
    rng = torch.Generator().manual_seed(seed)
    texts, floor = [], []
    for _ in range(n):
        words, logs = [0], []
        while words[-1] != 6:
            probs = torch.tensor(p[words[-1]])
            choice = int(torch.multinomial(probs, 1, generator=rng))
            logs.append(math.log(p[words[-1]][choice]))
            words.append(4 + choice)
        texts.append(torch.tensor(words[1:-1], dtype=torch.long))
        floor.append(torch.tensor(logs, dtype=torch.float64))
    return texts, floor


def test_the_rungs_stand_above_the_floor_in_the_right_order():
    train, _ = markov_texts(3000, 0)
    held_out, floor = markov_texts(500, 1)
    models = {
        name: NGramModel(order, "modified-kneser-ney").fit(train, 6)
        for name, order in (("unigram", 1), ("bigram", 2))
    }
    rungs = ladder(models, held_out, floor)
    assert [rung.name for rung in rungs] == ["unigram", "bigram", "floor"]
    unigram, bigram, bottom = rungs
    assert unigram.bits_per_word > bigram.bits_per_word + 0.1
    assert bottom.gap == (0, 0)
    # The bigram model has the right form: its gap is what 3000 texts leave to learn.
    assert bigram.gap.value == pytest.approx(bigram.bits_per_word - bottom.bits_per_word)
    assert -0.001 < bigram.gap.value < 0.005
    assert bigram.gap.standard_error < bigram.standard_error / 5


def test_without_a_floor_there_are_no_gaps():
    texts, _ = markov_texts(50, 0)
    (rung,) = ladder({"unigram": NGramModel(1).fit(texts, 6)}, texts)
    assert rung.gap is None
    assert rung.bits_per_word > 0 < rung.standard_error


class Pair:
    def __init__(self, context: str, right: str, wrong: str) -> None:
        self.context, self.right, self.wrong = tuple(context.split()), right, wrong


def test_each_phenomenon_needs_its_reach():
    lines = ["the dog runs", "the dogs run", "a dog here runs", "the dogs here run"]
    vocab = Vocab.from_texts([line.split() for line in lines])
    texts = [vocab.encode(line.split()) for line in lines]
    models = {str(n): NGramModel(n).fit(texts, len(vocab)) for n in (1, 2, 3)}
    near = [Pair("the dog", "runs", "run"), Pair("a dogs", "run", "runs")]
    far = [Pair("the dog here", "runs", "run"), Pair("the dogs here", "run", "runs")]
    table = phenomena_table(models, {"near": near, "far": far}, vocab)
    assert [table["near"][n].value for n in "123"] == [0.5, 1, 1]
    assert [table["far"][n].value for n in "123"] == [0.5, 0.5, 1]


def test_a_tie_counts_half_and_no_pairs_are_refused():
    vocab = Vocab(["a", "b", "c"])
    model = NGramModel(2, "mle").fit([vocab.encode(["a", "b"])], len(vocab))
    assert phenomenon_accuracy(model, [Pair("a", "c", "a")] * 2, vocab) == (0.5, 0)  # 0 = 0
    assert phenomenon_accuracy(model, [Pair("", "a", "b"), Pair("a", "c", "b")], vocab)[0] == 0.5
    with pytest.raises(ValueError, match="no pairs"):
        phenomenon_accuracy(model, [], vocab)
