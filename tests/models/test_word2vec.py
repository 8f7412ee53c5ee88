import pytest
import torch

from course_lib.data.batching import (
    cbow_windows,
    count_ids,
    minibatches,
    negative_distribution,
    skip_gram_pairs,
    with_negatives,
)
from course_lib.models.word2vec import CBOW, SkipGram
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import negative_sampling_loss, softmax_loss

# 5 and 6 never meet, but both follow 4; likewise 8 and 9 follow 7.
TEXTS = [torch.tensor(text) for text in ([4, 5], [4, 6], [7, 8], [7, 9])]


@pytest.mark.parametrize("kind", [SkipGram, CBOW])
def test_scores_of_some_words_are_the_logits_of_all_words(kind):
    model = kind(9, 4)
    torch.nn.init.normal_(model.outputs.weight)
    inputs = torch.tensor([4, 5, 6]) if kind is SkipGram else torch.tensor([[4, 5], [0, 6], [7, 8]])
    words = torch.tensor([[1, 8], [3, 3], [0, 2]])
    logits = model(inputs)
    assert logits.shape == (3, 9)
    torch.testing.assert_close(model.score(inputs, words), logits.gather(1, words))


def test_cbow_takes_the_mean_of_the_words_that_are_there():
    model = CBOW(9, 4)
    vectors = model.inputs.weight
    hidden = model.hidden(torch.tensor([[4, 5, 0, 0], [7, 0, 7, 8], [0, 0, 0, 0]]))
    torch.testing.assert_close(hidden[0], (vectors[4] + vectors[5]) / 2)
    torch.testing.assert_close(hidden[1], (2 * vectors[7] + vectors[8]) / 3)
    assert hidden[2].tolist() == [0] * 4


@pytest.mark.parametrize("kind", [SkipGram, CBOW])
@pytest.mark.parametrize("loss_fn", [softmax_loss, negative_sampling_loss])
def test_words_of_the_same_company_become_neighbours(kind, loss_fn):
    rng = torch.Generator().manual_seed(0)
    rows = skip_gram_pairs(TEXTS, 2) if kind is SkipGram else cbow_windows(TEXTS, 2)
    batches = minibatches(rows, 8, rng)
    if loss_fn is negative_sampling_loss:
        batches = with_negatives(batches, negative_distribution(count_ids(TEXTS, 10)), 3, rng)
    model = kind(10, 4, rng)
    train(model, loss_fn, batches, TrainConfig(n_steps=200, lr=0.05))
    vectors = torch.nn.functional.normalize(model.inputs.weight, dim=1)
    cosine = (vectors @ vectors.T).detach()
    alike = torch.stack([cosine[5, 6], cosine[8, 9]])
    unlike = torch.stack([cosine[a, b] for a in (5, 6) for b in (8, 9)])
    assert alike.min() > 0.9
    assert unlike.max() < 0.7


def test_the_seed_decides_the_first_vectors():
    a, b, c = (SkipGram(5, 3, torch.Generator().manual_seed(s)).inputs.weight for s in (1, 1, 2))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
    assert a.abs().max() <= 0.5 / 3
