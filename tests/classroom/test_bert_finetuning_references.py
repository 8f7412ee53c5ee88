"""The references of lecture 12 equal the package and other libraries, or values worked by hand."""

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.preprocessing import StandardScaler

from course_lib.classroom.exercises.bert_finetuning.answer import best_answer
from course_lib.classroom.exercises.bert_finetuning.entities import read_entities
from course_lib.classroom.exercises.bert_finetuning.labels import labels_needed
from course_lib.classroom.exercises.bert_finetuning.pieces import piece_labels
from course_lib.classroom.exercises.bert_finetuning.scaling import standardise
from course_lib.inference.answering import best_span
from course_lib.text.alignment import pieces_of, tag_targets
from course_lib.text.bio import entities_of
from course_lib.training.numbers import NumberScaler

TAGS = ["O", "O", "B-PERSON", "I-PERSON", "B-PLACE", "I-PLACE"]


@pytest.mark.parametrize("seed", range(3))
def test_scaling(seed: int):
    rng = np.random.default_rng(seed)
    train, new = rng.normal(30, 9, 7), rng.normal(50, 20, 4)
    library = StandardScaler().fit(train[:, None]).transform(new[:, None])[:, 0]
    np.testing.assert_allclose(standardise(train.tolist(), new.tolist()), library)
    package = NumberScaler.fit(train[:, None].tolist())(new[:, None].tolist())[:, 0]
    np.testing.assert_allclose(standardise(train.tolist(), new.tolist()), package, rtol=1e-5)


def test_scaling_of_a_constant():
    package = NumberScaler.fit([[7.0]] * 3)([[7.0], [9.0]])[:, 0]
    assert standardise([7, 7, 7], [7, 9]) == package.tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_labels_of_pieces(seed: int):
    rng = random.Random(seed)
    counts = [rng.randint(1, 4) for _word in range(rng.randint(0, 6))]
    tags = [rng.randint(0, 9) for _word in counts]
    words = [str(n) for n in counts]
    pieces = pieces_of(words, lambda word: torch.arange(int(word)) + 7)
    expected = [-100, *tag_targets(pieces, tags).tolist(), -100]
    assert piece_labels(counts, tags) == expected


@pytest.mark.parametrize("seed", range(20))
def test_entities(seed: int):
    rng = random.Random(seed)
    tags = rng.choices(TAGS, k=rng.randint(0, 12))
    seqeval = [(start, end + 1, kind) for kind, start, end in get_entities(tags)]
    assert read_entities(tags) == seqeval
    assert [tuple(entity) for entity in entities_of(tags)] == seqeval


def in_passage(starts: Sequence[float], ends: Sequence[float], places, most: int):
    """The package's search, and the class token's score beside it."""
    logits = torch.tensor([starts, ends]).T
    first, end, score = best_span(logits, places, most)
    return (first, end - 1) if score > logits[0].sum() else (0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_answers(seed: int):
    rng = random.Random(seed)
    size = rng.randint(5, 12)
    starts, ends = ([rng.gauss(0, 2) for _place in range(size)] for _row in range(2))
    first = rng.randint(1, size - 2)
    may = [first <= place < size - 1 for place in range(size)]
    most = rng.randint(1, 5)
    assert best_answer(starts, ends, may, most) == in_passage(starts, ends, (first, size - 1), most)


def test_both_kinds_of_answers_were_tried():
    assert best_answer([0, 0, 1], [0, 0, 1], [False, True, True], 2) == (2, 2)
    assert best_answer([2, 0, 1], [1, 0, 1], [False, True, True], 2) == (0, 0)


def test_labels_needed_worked_by_hand():
    scores = {100: [0.4, 0.6], 400: [0.7, 0.7], 1600: [0.75, 0.85]}  # means 0.5, 0.7, 0.8
    assert labels_needed(scores, 0.6) == pytest.approx(200)  # half of the way: 100 * 4 ** 0.5
    assert labels_needed(scores, 0.7) == pytest.approx(400)
    assert labels_needed(scores, 0.75) == pytest.approx(800)
    assert labels_needed(scores, 0.3) == 100
    assert labels_needed(scores, 0.81) == math.inf
