import itertools
import math

import pytest
import torch

from course_lib.data.batching import (
    IGNORED,
    PAD_ID,
    cbow_windows,
    count_ids,
    keep_probability,
    minibatches,
    negative_distribution,
    padded_batches,
    parallel_batches,
    random_windows,
    skip_gram_pairs,
    subsample,
    with_negatives,
)
from course_lib.text.vocab import Vocab

TEXTS = [torch.tensor([4, 5, 6, 5]), torch.tensor([7]), torch.tensor([8, 9])]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_both_rooms_agree_on_padding():
    assert Vocab.pad_id == PAD_ID


def test_targets_are_inputs_moved_on_by_one_and_every_window_can_be_drawn():
    batches = random_windows(torch.arange(10), 3, 8, generator())
    starts = set()
    for inputs, targets in itertools.islice(batches, 50):
        assert inputs.shape == targets.shape == (8, 3)
        assert torch.equal(targets, inputs + 1)
        starts |= set(inputs[:, 0].tolist())
    assert starts == set(range(7))


def test_a_text_shorter_than_the_window_is_refused():
    with pytest.raises(ValueError, match="3 tokens cannot fill"):
        next(random_windows(torch.arange(3), 3, 2, generator()))


def test_minibatches_visit_every_row_once_a_pass_and_keep_rows_together():
    rows = torch.arange(10), torch.arange(10) * 2
    passes = minibatches(rows, 4, generator())
    orders = []
    for _ in range(2):
        batches = list(itertools.islice(passes, 3))
        assert [len(a) for a, b in batches] == [4, 4, 2]
        assert all(torch.equal(b, 2 * a) for a, b in batches)
        orders.append(torch.cat([a for a, b in batches]).tolist())
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(10))
    assert orders[0] != orders[1]


@pytest.mark.parametrize("rows", [(torch.arange(3), torch.arange(4)), (torch.arange(0),)])
def test_rows_that_do_not_match_or_are_none_are_refused(rows):
    with pytest.raises(ValueError, match="number of rows"):
        next(minibatches(rows, 2, generator()))


def test_windows_by_hand():
    contexts, centres = cbow_windows(TEXTS, 2)
    assert centres.tolist() == [4, 5, 6, 5, 8, 9]  # 7 stands alone: nothing to predict it from
    assert contexts.tolist() == [
        [0, 0, 5, 6],
        [0, 4, 6, 5],
        [4, 5, 5, 0],
        [5, 6, 0, 0],
        [0, 0, 9, 0],
        [0, 8, 0, 0],
    ]


@pytest.mark.parametrize("window", [1, 2, 5])
def test_pairs_are_all_neighbours_in_the_same_text(window: int):
    texts = [torch.randint(4, 9, (n,), generator=generator(n)) for n in (6, 1, 0, 3)]
    expected = [
        (text[i].item(), text[j].item())
        for text in texts
        for i in range(len(text))
        for j in range(max(0, i - window), min(len(text), i + window + 1))
        if i != j
    ]
    centres, contexts = skip_gram_pairs(texts, window)
    assert list(zip(centres.tolist(), contexts.tolist(), strict=True)) == expected


def test_no_text_gives_no_windows_and_no_pairs():
    for texts in ([], [torch.tensor([], dtype=torch.long)], [torch.tensor([4])]):
        contexts, centres = cbow_windows(texts, 3)
        assert contexts.shape == (0, 6)
        assert centres.shape == (0,)
        assert [len(part) for part in skip_gram_pairs(texts, 3)] == [0, 0]


def test_a_window_of_nothing_is_refused():
    with pytest.raises(ValueError, match="window"):
        cbow_windows(TEXTS, 0)


def test_counts():
    assert count_ids(TEXTS, 10).tolist() == [0, 0, 0, 0, 1, 2, 1, 1, 1, 1]


def test_frequent_words_are_kept_as_the_formula_says():
    counts = torch.tensor([0, 1, 99, 900])
    f = 0.9
    keep = keep_probability(counts, threshold=1e-3)
    assert keep[:2].tolist() == [1, 1]  # never seen; exactly at the threshold
    assert keep[3].item() == pytest.approx(math.sqrt(1e-3 / f) + 1e-3 / f)
    text = torch.full((100_000,), 3)
    (rest,) = subsample([text], keep, generator())
    error = math.sqrt(keep[3] * (1 - keep[3]) / len(text))
    assert len(rest) / len(text) == pytest.approx(keep[3].item(), abs=4 * error)


def test_subsampling_keeps_the_order_and_each_text_apart():
    keep = torch.tensor([0.0] * 5 + [1.0] * 5)
    rest = subsample([torch.tensor([9, 4, 5]), torch.tensor([4])], keep, generator())
    assert [text.tolist() for text in rest] == [[9, 5], []]


def test_negatives_follow_the_counts_to_the_power_three_quarters():
    counts = torch.tensor([0, 1, 16, 81])
    probs = negative_distribution(counts)
    assert probs.tolist() == pytest.approx([0, 1 / 36, 8 / 36, 27 / 36])
    pairs = torch.zeros(2, 1000, dtype=torch.long)
    ((_, _, negatives),) = with_negatives([(pairs[0], pairs[1])], probs, 20, generator())
    assert negatives.shape == (1000, 20)
    drawn = torch.bincount(negatives.flatten(), minlength=4) / negatives.numel()
    error = (probs * (1 - probs) / negatives.numel()).sqrt()
    assert ((drawn - probs).abs() <= 4 * error).all()
    assert drawn[0] == 0  # what never occurred is never drawn


@pytest.mark.parametrize("function", [negative_distribution, keep_probability])
def test_no_counts_is_an_error(function):
    with pytest.raises(ValueError, match="no words were counted"):
        function(torch.zeros(5))


def test_whole_texts_share_padded_batches_and_each_pass_has_every_text_once():
    rng = torch.Generator().manual_seed(3)
    texts = [torch.randint(4, 9, (n,), generator=rng) for n in [3, 0, 5, 1, 4, 4, 2, 6, 1, 3]]
    batches = padded_batches(texts, 12, generator(), start_id=2, end_id=3)
    for _one_pass in range(3):
        seen = []
        while len(seen) < len(texts):
            inputs, targets = next(batches)
            assert inputs.numel() <= 12 or len(inputs) == 1
            for row, target in zip(inputs, targets, strict=True):
                real = target != IGNORED
                assert row[0] == 2
                assert target[real][-1] == 3
                assert (row[~real] == PAD_ID).all()
                assert torch.equal(row[real][1:], target[real][:-1])
                seen.append(tuple(target[real][:-1].tolist()))
        assert sorted(seen) == sorted(tuple(text.tolist()) for text in texts)


def test_texts_of_like_length_stand_together():
    texts = [torch.full((n,), 5) for n in [1, 9] * 8]
    batches = padded_batches(texts, 40, generator(), start_id=2, end_id=3)
    assert all((next(batches)[1] != IGNORED).all() for _ in range(6))


def test_the_order_of_texts_is_the_generators():
    texts = [torch.tensor([i]) for i in range(4, 12)]

    def order(seed):
        batches = padded_batches(texts, 2, generator(seed), 2, 3)
        return [int(next(batches)[1][0, 0]) for _text in texts]

    assert order(1) == order(1) != order(2)


def test_no_texts_make_no_batches():
    with pytest.raises(ValueError, match="no texts"):
        next(padded_batches([], 8, generator(), 2, 3))


def test_pairs_stay_together_and_each_pass_has_every_pair_once():
    rng = torch.Generator().manual_seed(4)
    sizes = [(3, 1), (1, 0), (2, 5), (6, 6), (1, 2), (4, 4), (4, 3), (9, 1), (2, 2)]
    pairs = [(torch.full((s,), 10 + i), torch.full((t,), 30 + i)) for i, (s, t) in enumerate(sizes)]
    batches = parallel_batches(pairs, 14, rng, start_id=2, end_id=3)
    for _one_pass in range(3):
        seen = []
        while len(seen) < len(pairs):
            source, inputs, targets = next(batches)
            assert max(source.numel(), inputs.numel()) <= 14 or len(source) == 1
            for s, row, target in zip(source, inputs, targets, strict=True):
                i, n = int(s[0]) - 10, int((target != IGNORED).sum()) - 1
                expected = [30 + i] * sizes[i][1]
                assert s.tolist() == [10 + i] * sizes[i][0] + [0] * (len(s) - sizes[i][0])
                assert row.tolist() == [2, *expected] + [0] * (len(row) - n - 1)
                assert target.tolist() == [*expected, 3] + [IGNORED] * (len(row) - n - 1)
                seen.append(i)
        assert sorted(seen) == list(range(len(pairs)))


def test_no_pairs_make_no_batches():
    with pytest.raises(ValueError, match="no pairs"):
        next(parallel_batches([], 8, generator(), 2, 3))
