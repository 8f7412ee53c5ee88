"""The references of lecture 04 equal the package's own functions."""

import random

import pytest
import torch

from course_lib.classroom.exercises.tokenization.bits import bits_per_character
from course_lib.classroom.exercises.tokenization.joining import merge_pair
from course_lib.classroom.exercises.tokenization.learning import learn_bpe
from course_lib.classroom.exercises.tokenization.matching import longest_match
from course_lib.classroom.exercises.tokenization.segmentation import best_segmentation, try_all
from course_lib.classroom.exercises.tokenization.utf8 import byte_tokens
from course_lib.evaluation.metrics import bits_per_word
from course_lib.text import bpe, pair_counts
from course_lib.text.word_tokenizer import CharacterTokenizer
from course_lib.text.wordpiece import WordPieceTokenizer

seeds = pytest.mark.parametrize("seed", range(5))


def words(rng: random.Random, n: int) -> dict[str, int]:
    return {"".join(rng.choices("abc", k=rng.randint(1, 8))): rng.randint(1, 4) for _ in range(n)}


@seeds
def test_joining(seed: int):
    rng = random.Random(seed)
    symbols, pair = rng.choices(["a", "b", "ab"], k=12), (rng.choice("ab"), rng.choice("ab"))
    assert merge_pair(symbols, pair) == pair_counts.merge(symbols, pair, "".join(pair))


@seeds
def test_learning(seed: int):
    counts = words(random.Random(seed), 10)
    letters = sorted(set("".join(counts)))
    assert learn_bpe(counts, 12) == bpe.learn_merges(counts, letters, 12, min_count=1)


@seeds
def test_bytes(seed: int):
    rng = random.Random(seed)
    alphabet = rng.sample("abcd岸é", 4)
    text = "".join(rng.choices("abcd岸é\n🏦", k=12))
    assert byte_tokens(text, alphabet) == CharacterTokenizer(alphabet).tokens(text)


@seeds
def test_longest_match(seed: int):
    rng = random.Random(seed)
    pieces = [*words(rng, 4), *("##" + piece for piece in words(rng, 5))]
    package = WordPieceTokenizer(pieces, byte_fallback=False)
    for word in words(rng, 20):
        assert longest_match(word, pieces) == package.tokens(word)


@seeds
def test_the_best_segmentation_is_the_best_of_all(seed: int):
    rng = random.Random(seed)
    log_probs = {piece: rng.uniform(-6, -1) for piece in words(rng, 12)}
    for word in words(rng, 20):
        cut, best = best_segmentation(word, log_probs), try_all(word, log_probs)
        assert sum(map(log_probs.get, cut)) == pytest.approx(sum(map(log_probs.get, best)))
        assert "".join(cut) in (word, "")
        assert bool(cut) == bool(best)


@seeds
def test_bits(seed: int):
    log_probs = -torch.rand(7, generator=torch.Generator().manual_seed(seed)).double()
    per_token = bits_per_word([log_probs]).value
    assert bits_per_character(log_probs.tolist(), "a b") == pytest.approx(per_token * 7 / 3)
