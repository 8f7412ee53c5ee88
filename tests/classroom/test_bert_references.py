"""The references of lecture 11 that are not the package's own functions equal them."""

import random

import pytest
import torch

from course_lib.classroom.exercises.bert import both_sides
from course_lib.classroom.exercises.bert.hiding import hide
from course_lib.classroom.exercises.bert.loss import bert_loss
from course_lib.classroom.exercises.bert.pairs import pair_input
from course_lib.classroom.exercises.bert.senses import sense_share
from course_lib.data import riverbank
from course_lib.data.masking import mask_tokens
from course_lib.data.pretraining_batches import PretrainingBatch
from course_lib.data.riverbank import holes
from course_lib.evaluation.contextual import Use, nearest_senses
from course_lib.text.marks import MARKS, Marks
from course_lib.text.task_inputs import sentence_input
from course_lib.text.vocab import Vocab
from course_lib.training.objectives import pretraining_loss


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("lengths", [(1, 3), (4, 1)])
def test_pairs(lengths: tuple[int, int]):
    vocab = Vocab([*MARKS, "emma", "swam"])
    first, second = (["emma"] * n for n in lengths)
    tokens, segments = pair_input(first, second)
    read = sentence_input(vocab.encode(first), vocab.encode(second), Marks.of(vocab), 20)
    assert vocab.decode(read.ids) == tokens
    assert read.segment_ids.tolist() == segments


@pytest.mark.parametrize("seed", range(3))
def test_hiding_with_the_dice_of_the_package(seed: int):
    ids = torch.randint(7, 99, (1, 200), generator=generator(seed))
    ids[0, ::40] = 4
    pool = torch.arange(7, 99)
    package = mask_tokens(ids, ids >= 7, 6, pool, generator(seed))
    rng = generator(seed)
    first, second = (torch.rand(1, 200, generator=rng)[0].tolist() for _die in range(2))
    drawn = pool[torch.randint(len(pool), (1, 200), generator=rng)][0].tolist()
    assert hide(ids[0].tolist(), first, second, drawn, 6) == tuple(t[0].tolist() for t in package)


@pytest.mark.parametrize("seed", range(3))
def test_loss(seed: int):
    rng = generator(seed)
    words, follows = torch.randn(3, 5, 9, generator=rng), torch.randn(3, 2, generator=rng)
    targets = torch.randint(0, 9, (3, 5), generator=rng)
    targets[0, 2:], targets[2, 1:4] = -100, -100
    labels = torch.tensor([0, 1, 1])
    places = (targets >= 0).flatten().nonzero()[:, 0]
    batch = PretrainingBatch(targets, targets, places, targets.flatten()[places], labels)

    def model(_ids, _segments, places):
        return words.flatten(0, 1)[places], follows

    torch.testing.assert_close(
        bert_loss(words, targets, follows, labels), pretraining_loss(model, batch)
    )


def test_holes_against_the_grammar():
    story = riverbank.sample(1, seed=3)[0].words
    place = len(story) // 2
    exact = holes.fill(story, place)
    chances = {}
    for word in riverbank.vocabulary():
        text = (*story[:place], word, *story[place + 1 :])
        chances[" ".join(text)] = torch.tensor(riverbank.log_probs(text)).sum().exp().item()
    fitting = {text: p for text, p in chances.items() if p > 0}
    asked = " ".join((*story[:place], "___", *story[place + 1 :]))
    assert both_sides.fill_hole(fitting, asked) == pytest.approx(exact)


@pytest.mark.parametrize("seed", range(3))
def test_senses(seed: int):
    rng, chance = generator(seed), random.Random(seed)
    words = [chance.choice(["bank", "light"]) for _use in range(30)]
    senses = [f"{word}/{chance.randint(1, 2)}" for word in words]
    vectors = torch.randn(30, 4, generator=rng)
    n_right = 0
    for i in range(30):
        others = [j for j in range(30) if j != i]
        uses = [Use(words[j], senses[j]) for j in others]
        found = nearest_senses(vectors[others], uses, vectors[i : i + 1], [words[i]])
        n_right += found[0] == senses[i]
    assert sense_share(vectors, words, senses, range(30)) == n_right / 30
