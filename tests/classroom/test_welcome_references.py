"""The plain-Python references of lecture 00 equal the package's own counts and measures."""

import random

import pytest
import torch

from course_lib.classroom.exercises.welcome.bits import mean_bits
from course_lib.classroom.exercises.welcome.counting import count_words
from course_lib.classroom.exercises.welcome.following import most_common_after
from course_lib.data import riverbank
from course_lib.evaluation.metrics import bits_per_word
from course_lib.inference.decoding import greedy
from course_lib.models.ngram import NGramModel, count_ngrams
from course_lib.text.vocab import Vocab

TEXTS = [list(story.words) for story in riverbank.sample(40, seed=3)]


def test_counting_words_is_counting_unigrams():
    (text,) = TEXTS[:1]
    assert count_words([word.capitalize() for word in text]) == count_ngrams(text, 1)[()]


@pytest.mark.parametrize("seed", range(3))
def test_bits(seed: int):
    rng = random.Random(seed)
    log_probs = [-rng.expovariate(1) for _token in range(rng.randint(1, 9))]
    assert mean_bits(log_probs) == pytest.approx(bits_per_word([torch.tensor(log_probs)]).value)


def test_what_comes_next_is_the_choice_of_a_bigram_model():
    vocab = Vocab.from_texts(TEXTS)
    bigram = NGramModel(2, "mle").fit([vocab.encode(text) for text in TEXTS], len(vocab))
    compared = 0
    for word in vocab.words[4:]:
        best, second = bigram.distribution([vocab.ids[word]]).topk(2).values.tolist()
        scores = bigram.next_logits(torch.tensor([[vocab.start_id, vocab.ids[word]]]))
        (likeliest,) = vocab.decode(greedy(scores)[0])
        if best > second and likeliest != "</s>":  # with a tie both would be right
            assert most_common_after(word, TEXTS) == likeliest
            compared += 1
    assert compared > 50
