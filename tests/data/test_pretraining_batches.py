import itertools

import pytest
import torch

from course_lib.data.lengths import POOL
from course_lib.data.pretraining_batches import (
    IS_NEXT,
    NOT_NEXT,
    PretrainingTask,
    chunks,
    exchange,
    pretraining_batches,
    shortened,
    split,
)

CLS, SEP, MASK = 4, 5, 6
TASK = PretrainingTask(CLS, SEP, MASK, torch.arange(10, 5000), max_length=40)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def text(*ids):
    return torch.tensor(ids)


@pytest.fixture
def documents():
    """50 documents of 1 to 6 sentences; every token tells its document, and its place in it."""
    generator = rng(7)
    result = []
    for number in range(50):
        first = 1000 + 100 * number
        sizes = torch.randint(1, 9, (number % 6 + 1,), generator=generator).tolist()
        ends = [0, *itertools.accumulate(sizes)]
        pairs = itertools.pairwise(ends)
        result.append([torch.arange(first + a, first + b) for a, b in pairs])
    return result


def restored(batch):
    """The rows of a batch as they were before words were hidden."""
    ids = batch.ids.clone()
    ids.view(-1)[batch.places] = batch.targets
    return ids


def parts(row, segments):
    n_second = int(segments.sum())
    tokens = row[row != 0]
    return tokens[1 : len(tokens) - n_second - 1], tokens[len(tokens) - n_second : -1]


def batches(documents, n_tokens=200, task=TASK, seed=0):
    return pretraining_batches(documents, task, n_tokens, rng(seed))


def test_a_row_is_class_token_a_separator_b_separator(documents):
    for batch in itertools.islice(batches(documents), 20):
        rows = restored(batch)
        for row, segments in zip(rows, batch.segment_ids, strict=True):
            n = int((row != 0).sum())
            assert (row[n:] == 0).all()
            marks = (row == SEP).nonzero().flatten().tolist()
            assert row[0] == CLS
            assert marks[1] == n - 1
            assert segments.tolist() == [0] * (marks[0] + 1) + [1] * (n - marks[0] - 1) + [0] * (
                len(row) - n
            )


def test_labels_say_whether_b_goes_on_where_a_ends(documents):
    labels = []
    for batch in itertools.islice(batches(documents), 40):
        for row, segments, label in zip(
            restored(batch), batch.segment_ids, batch.nsp_targets, strict=True
        ):
            a, b = parts(row, segments)
            follows = bool(a[-1] + 1 == b[0])
            assert follows == (label == IS_NEXT)
            assert follows or a[-1] // 100 != b[0] // 100  # another document
            labels.append(int(label))
    assert abs(sum(labels) / len(labels) - 0.5) < 0.05


def test_a_pass_reads_every_token_once(documents):
    few = [d for d in documents if sum(map(len, d)) > 1]
    seen, total = [], sum(len(s) for d in few for s in d)
    for batch in batches(few):
        rows = restored(batch)
        seen += rows[rows >= 1000].tolist()
        if len(seen) >= total:
            break
    assert sorted(seen) == sorted(torch.cat([s for d in few for s in d]).tolist())


def test_no_token_of_a_book_is_lost_between_two_pools_of_rows():
    ends = range(1000, 1000 + 18 * 2 * (POOL + 60) + 1, 18)  # two sentences fill a row
    book = [torch.arange(start, end) for start, end in itertools.pairwise(ends)]
    seen = []
    for batch in batches([book], 600):
        rows = restored(batch)
        seen += rows[rows >= 1000].tolist()
        if len(seen) >= 18 * len(book):
            break
    assert sorted(seen) == list(range(1000, ends[-1]))


def test_batches_keep_to_their_size_and_pad_little(documents):
    padding = tokens = 0
    for batch in itertools.islice(batches(documents * 20, n_tokens=600), 60):
        assert batch.ids.numel() <= 600 or len(batch.ids) == 1
        assert batch.ids.size(1) <= TASK.max_length
        padding += int((batch.ids == 0).sum())
        tokens += batch.ids.numel()
    assert padding / tokens < 0.1


def test_only_words_are_hidden(documents):
    for batch in itertools.islice(batches(documents), 20):
        assert (batch.targets >= 1000).all()
        assert (batch.ids[:, 0] == CLS).all()
        assert (batch.places < batch.ids.numel()).all()
        assert batch.places.equal(batch.places.sort().values)


def test_long_documents_are_cut_into_rows_that_fit_and_nothing_is_lost():
    book = [torch.arange(i, i + 7) for i in range(1000, 1700, 7)] + [torch.arange(1700, 1990)]
    found = [torch.cat(chunk) for chunk in chunks(book, 30, rng())]
    assert torch.cat(found).equal(torch.arange(1000, 1990))
    assert all(1 < len(chunk) <= 30 for chunk in found)
    starts = {int(next(chunks(book, 30, rng(seed)))[-1][-1]) for seed in range(20)}
    assert len(starts) > 3  # cut elsewhere in each pass


def test_a_chunk_is_cut_between_sentences_and_a_single_one_within():
    chunk = [text(1, 2, 3), text(4, 5), text(6)]
    cuts = {len(split(chunk, rng(seed))[0]) for seed in range(30)}
    assert cuts == {3, 5}
    cuts = {len(split([text(1, 2, 3, 4)], rng(seed))[0]) for seed in range(40)}
    assert cuts == {1, 2, 3}


@pytest.mark.parametrize(("n", "n_moved"), [(1, 0), (2, 2), (3, 2), (7, 3), (8, 4)])
def test_half_of_the_pairs_exchange_their_second_parts(n, n_moved):
    if n == 1:
        pairs = [(text(0), text(0))]
        result, labels = exchange(pairs, rng())
        assert labels.tolist() == [IS_NEXT]
        return
    pairs = [(text(i), text(i)) for i in range(n)]
    result, labels = exchange(pairs, rng())
    assert int((labels == NOT_NEXT).sum()) == n_moved
    assert sorted(int(b) for _, b in result) == list(range(n))
    for (a, b), label in zip(result, labels, strict=True):
        assert bool(a == b) == (label == IS_NEXT)


def test_what_is_too_long_loses_the_tokens_far_from_the_cut():
    a, b = shortened(torch.arange(10), torch.arange(10, 20), 8)
    assert (a.tolist(), b.tolist()) == ([6, 7, 8, 9], [10, 11, 12, 13])
    a, b = shortened(torch.arange(10), torch.arange(10, 12), 8)
    assert (a.tolist(), b.tolist()) == ([4, 5, 6, 7, 8, 9], [10, 11])
    a, b = shortened(torch.arange(2), torch.arange(10, 20), 8)
    assert (a.tolist(), b.tolist()) == ([0, 1], [10, 11, 12, 13, 14, 15])


def test_whole_words_are_hidden_where_the_task_knows_their_first_pieces():
    starts = torch.zeros(3000, dtype=torch.bool)
    starts[1000::2] = True  # every even id begins a word of two pieces
    starts[[CLS, SEP]] = True
    documents = [[torch.arange(1000 + 40 * i, 1040 + 40 * i)] for i in range(40)]
    task = TASK._replace(word_starts=starts, max_length=60)
    n_words = 0
    for batch in itertools.islice(batches(documents, 600, task), 20):
        hidden = torch.zeros(batch.ids.numel(), dtype=torch.bool)
        hidden[batch.places] = True
        hidden, rows = hidden.view_as(batch.ids), restored(batch)
        firsts = (rows >= 1000) & (rows % 2 == 0)
        followed = torch.zeros_like(firsts)
        followed[:, :-1] = firsts[:, :-1] & (rows[:, 1:] == rows[:, :-1] + 1)
        where = followed.nonzero()
        assert hidden[where[:, 0], where[:, 1]].equal(hidden[where[:, 0], where[:, 1] + 1])
        n_words += int(hidden[where[:, 0], where[:, 1]].sum())
    assert n_words > 50


def test_the_same_seed_gives_the_same_batches(documents):
    one, two = batches(documents, seed=3), batches(documents, seed=3)
    for first, again in itertools.islice(zip(one, two, strict=False), 5):
        assert all(a.equal(b) for a, b in zip(first, again, strict=True))


def test_texts_of_which_no_pair_can_be_made_are_refused():
    with pytest.raises(ValueError, match="two tokens"):
        next(batches([[text(1000)], []]))
