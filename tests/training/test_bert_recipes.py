import itertools

import pytest
import torch

from course_lib.data.masking import RATE
from course_lib.data.pretraining_batches import pretraining_batches
from course_lib.evaluation.masked import measure_pretraining
from course_lib.text.marks import MARKS, Marks
from course_lib.text.vocab import Vocab
from course_lib.training.bert_recipes import bert_riverbank, bert_text, pretraining_task

PEOPLE, FOODS = 6, 6


@pytest.fixture(scope="module")
def world():
    """Each person eats one food all their life, so that both tasks can be solved."""
    people = [f"person{i}" for i in range(PEOPLE)]
    vocab = Vocab([*MARKS, *people, *(f"food{i}" for i in range(FOODS)), "eats", "every", "day"])
    documents = [
        [vocab.encode([people[i], "eats", f"food{i}"]), vocab.encode(["every", "day", f"food{i}"])]
        for i in range(PEOPLE)
    ]
    return vocab, documents * 20


@pytest.mark.parametrize("recipe", [bert_riverbank, bert_text])
def test_both_tasks_are_learnt_in_a_small_world(world, recipe):
    vocab, documents = world
    model = recipe(documents, vocab, torch.Generator().manual_seed(0), n_steps=150, d_model=32)
    task, _ = pretraining_task(documents, vocab, 20, RATE)
    found = measure_pretraining(model, documents, task)
    assert found.hidden_words_right > 0.8
    assert found.pairs_right > 0.8


def test_random_words_are_those_of_the_texts(world):
    vocab, documents = world
    task, counts = pretraining_task(documents[:1], vocab, 20, RATE)
    assert vocab.decode(task.random_ids) == ["person0", "food0", "eats", "every", "day"]
    assert counts.sum() == 6
    assert task[:3] == Marks.of(vocab)[:3]


def test_a_model_that_knows_nothing_scores_like_one_that_guesses(world):
    vocab, documents = world
    model = bert_riverbank(documents, vocab, torch.Generator().manual_seed(0), 1, d_model=8)
    task, counts = pretraining_task(documents, vocab, 20, RATE)
    p = counts[counts > 0].double() / counts.sum()
    entropy = -(p * p.log2()).sum().item()
    found = measure_pretraining(model, documents, task, n_batches=4)
    assert abs(found.bits_per_hidden_word - entropy) < 0.5
    assert abs(found.pairs_right - 0.5) < 0.3


def test_measured_by_hand_it_is_the_same(world):
    vocab, documents = world
    model = bert_riverbank(documents, vocab, torch.Generator().manual_seed(0), 5, d_model=8)
    task, _ = pretraining_task(documents, vocab, 20, RATE)
    found = measure_pretraining(model, documents, task, seed=3, n_batches=2)
    batches = pretraining_batches(documents, task, 4096, torch.Generator().manual_seed(3))
    bits, right, n = 0.0, 0, 0
    for batch in itertools.islice(batches, 2):
        everything = model(batch.ids, batch.segment_ids)[0].flatten(0, 1).log_softmax(-1)
        for place, target in zip(batch.places, batch.targets, strict=True):
            bits -= everything[place, target].item() / torch.tensor(2.0).log().item()
            right += int(everything[place].argmax() == target)
            n += 1
    assert found.bits_per_hidden_word == pytest.approx(bits / n, abs=1e-4)
    assert found.hidden_words_right == pytest.approx(right / n)
