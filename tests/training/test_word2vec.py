import math
from collections import Counter

import pytest
import torch
import torch.nn.functional as F

from course_lib.data.batching import skip_gram_pairs
from course_lib.errors import CourseError
from course_lib.training.word2vec import (
    Word2VecConfig,
    add_rows,
    block_step,
    blocks,
    train_word2vec,
    window_weights,
    with_safe_steps,
)

CFG = Word2VecConfig(d_model=6, window=2, n_negatives=3, block_length=4, n_shared=5, n_blocks=2)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def example_step():
    """Two blocks over a vocabulary so small that words, and negatives, repeat within a block."""
    rng = generator()
    inputs, outputs = (torch.randn(7, 6, generator=rng, dtype=torch.double) for _ in range(2))
    ids = torch.randint(4, 7, (2, 8), generator=rng)
    texts = torch.tensor([[0, 0, 0, 0, 0, 1, 1, 1], [1, 2, 2, 3, 3, 3, 3, -5]])
    same_text = texts[:, 2:6, None] == texts[:, None, :]
    weights = (window_weights(CFG) * same_text).double()
    return inputs, outputs, ids, weights, torch.randint(4, 7, (2, 5), generator=rng)


def stated_loss(inputs, outputs, ids, weights, negatives):
    """The docstring's loss, in the plainest tensors."""
    u, v, n = inputs[ids[:, 2:6]], outputs[ids], outputs[negatives]
    pull = (weights * F.logsigmoid(u @ v.mT)).sum()
    push = weights.sum(dim=2) * (3 / 5) * F.logsigmoid(-u @ n.mT).sum(dim=2)
    return -pull - push.sum()


def test_a_step_goes_down_the_gradient_that_autograd_finds_for_the_stated_loss():
    inputs, outputs, *batch = example_step()
    tables = [table.clone().requires_grad_() for table in (inputs, outputs)]
    gradients = torch.autograd.grad(stated_loss(*tables, *batch), tables)
    expected = [t - 0.1 * g for t, g in zip((inputs, outputs), gradients, strict=True)]
    block_step(inputs, outputs, *batch, lr=0.1, cfg=CFG)
    torch.testing.assert_close([inputs, outputs], expected)


def test_a_step_equals_the_slow_twin_that_takes_one_pair_at_a_time():
    inputs, outputs, ids, weights, negatives = example_step()
    d_inputs, d_outputs = torch.zeros_like(inputs), torch.zeros_like(outputs)

    def pair(centre, word, label, weight):
        u, v = inputs[centre], outputs[word]
        error = weight * (1 / (1 + math.exp(-float(u @ v))) - label)
        d_inputs[centre] -= 0.1 * error * v
        d_outputs[word] -= 0.1 * error * u

    for m in range(2):
        for i in range(4):
            for s in range(8):
                pair(ids[m, i + 2], ids[m, s], 1, float(weights[m, i, s]))
                for negative in negatives[m]:
                    pair(ids[m, i + 2], negative, 0, float(weights[m, i, s]) * 3 / 5)
    expected = [inputs + d_inputs, outputs + d_outputs]
    block_step(inputs, outputs, ids, weights, negatives, lr=0.1, cfg=CFG)
    torch.testing.assert_close([inputs, outputs], expected)


@pytest.mark.parametrize("n_words", [[9], [4, 4], [1, 6, 0, 3], [2], [1]])
def test_blocks_hold_every_pair_of_neighbours_once_at_its_expected_weight(n_words):
    texts = [torch.randint(4, 9, (n,), generator=generator(n)) for n in n_words]
    numbers = torch.arange(len(texts)).repeat_interleave(torch.tensor(n_words))
    ids, text_numbers = blocks(torch.cat(texts), numbers, CFG)
    assert ids.shape == (math.ceil(sum(n_words) / 4), 8)
    same = text_numbers[:, 2:6, None] == text_numbers[:, None, :]
    weights = window_weights(CFG) * same
    found, expected = Counter(), Counter()
    for m, i, s in weights.nonzero().tolist():
        found[ids[m, i + 2].item(), ids[m, s].item()] += weights[m, i, s].item()
    for window in (1, 2):  # word2vec draws the window from 1 to 2, each half the time
        for centre, word in zip(*skip_gram_pairs(texts, window), strict=True):
            expected[centre.item(), word.item()] += 0.5
    assert found == expected


def test_rows_that_repeat_are_added_up():
    table = torch.zeros(4, 2)
    add_rows(table, torch.tensor([1, 3, 1]), torch.tensor([[1.0, 2], [3, 4], [10, 20]]))
    assert table.tolist() == [[0, 0], [11, 22], [0, 0], [3, 4]]


# 5 and 6 never meet, but both follow 4; likewise 8 and 9 follow 7.
TEXTS = [torch.tensor(text) for text in ([4, 5], [4, 6], [7, 8], [7, 9])] * 50
SMALL = Word2VecConfig(d_model=8, n_epochs=10, threshold=1.0, lr=0.1)


def test_words_of_the_same_company_become_neighbours():
    epochs = []
    model = train_word2vec(TEXTS, 10, SMALL, generator(), lambda epoch, _: epochs.append(epoch))
    vectors = F.normalize(model.inputs.weight, dim=1)
    cosine = (vectors @ vectors.T).detach()
    assert min(cosine[5, 6], cosine[8, 9]) > 0.9
    assert max(cosine[a, b] for a in (5, 6) for b in (8, 9)) < 0.7
    assert epochs == list(range(10))


def test_the_seed_decides_and_the_number_of_threads_does_not():
    n_threads = torch.get_num_threads()
    try:
        results = []
        for seed, threads in [(1, 1), (1, 2), (1, 1), (2, 1)]:
            torch.set_num_threads(threads)
            results.append(train_word2vec(TEXTS, 10, SMALL, generator(seed)).inputs.weight)
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(n_threads)
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])
    assert not torch.allclose(results[0], results[3], atol=1e-3)


def test_special_words_are_left_out_and_their_neighbours_meet():
    texts = [torch.tensor([4, 1, 5])] * 40
    model = train_word2vec(texts, 6, SMALL, generator())
    without = train_word2vec([text[text != 1] for text in texts], 6, SMALL, generator())
    assert torch.equal(model.inputs.weight, without.inputs.weight)
    assert model.outputs.weight[:4].abs().max() == 0


@pytest.mark.parametrize("n_words", [1, 2, 10, 300])
@pytest.mark.parametrize("threshold", [1e-3, 1.0])
def test_a_few_very_frequent_words_do_not_make_the_vectors_explode(n_words, threshold):
    zipf = 1 / torch.arange(1, n_words + 1).double()
    words = torch.multinomial(zipf, 20_000, replacement=True, generator=generator()) + 4
    cfg = Word2VecConfig(d_model=16, n_epochs=2, threshold=threshold)
    model = train_word2vec(words.split(30), n_words + 4, cfg, generator())
    assert model.inputs.weight.norm(dim=1).max() < 10
    assert model.outputs.weight.norm(dim=1).max() < 10


def test_steps_shrink_only_where_one_word_is_too_common():
    cfg, many = Word2VecConfig(), torch.full((5000,), 1 / 5000)
    assert with_safe_steps(cfg, many, many) == cfg
    few = torch.full((2,), 0.5)
    # each centre brings a word 6 (.5 + 5 x .5) = 18 updates; 4 / (.025 x 18) = 8.9 centres
    safe = with_safe_steps(cfg, few, few)
    assert (safe.block_length, safe.n_blocks) == (8, 1)


@pytest.mark.parametrize(
    "texts", [[], [torch.tensor([], dtype=torch.long)], [torch.tensor([4])] * 3]
)
def test_a_corpus_without_neighbours_is_a_clear_error(texts):
    with pytest.raises(CourseError, match=f"side by side in {len(texts)} texts"):
        train_word2vec(texts, 5, CFG, generator())


def test_everything_subsampled_away_leaves_the_first_vectors():
    texts, cfg = [torch.tensor([4, 4])], Word2VecConfig(d_model=4, threshold=1e-12)
    model = train_word2vec(texts, 5, cfg, generator())
    assert model.inputs.weight.isfinite().all()
    assert model.outputs.weight.abs().max() == 0


@pytest.mark.parametrize("wrong", [{"window": 0}, {"lr": -1.0}, {"threshold": 0.0}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(ValueError, match="above 0"):
        Word2VecConfig(**wrong)
