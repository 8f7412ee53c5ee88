import itertools
import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.evaluation.metrics import perplexity
from course_lib.inference.decoding import cut_at_end, generate, sample
from course_lib.models.ngram import NGramModel, count_ngrams
from course_lib.models.ngram_counts import count_tables
from course_lib.models.ngram_smoothing import MLE, AddK, KneserNey, ModifiedKneserNey
from course_lib.text.vocab import Vocab

V, START, END = 9, 2, 3  # <pad> <unk> <s> </s> and five words
RNG = torch.Generator().manual_seed(0)
TRAIN = [torch.randint(4, V, (n % 7,), generator=RNG) for n in range(30)]
HELD_OUT = [torch.randint(4, V, (n,), generator=RNG) for n in (0, 1, 3, 8, 20)]
SMOOTHINGS = [AddK(0.3), KneserNey(), KneserNey(0.4, uniform=False), ModifiedKneserNey()]


def positions(text: torch.Tensor) -> list[tuple[int, tuple[int, ...]]]:
    """(word, everything before it) for each word of a text and its end."""
    row = [START, *text.tolist(), END]
    return [(row[i], tuple(row[:i])) for i in range(1, len(row))]


def test_plain_counting_on_a_sentence_a_person_can_check():
    tokens = ["the", "river", "and", "the", "bank", "and", "the", "river"]
    assert count_ngrams(tokens, 2)["the",] == {"river": 2, "bank": 1}
    assert count_ngrams(tokens, 1) == {(): Counter(tokens)}
    assert count_ngrams(tokens, 3)["and", "the"] == {"bank": 1, "river": 1}
    assert count_ngrams(["river"], 2) == {}


@given(st.lists(st.lists(st.integers(4, 7), max_size=6), min_size=1, max_size=8), st.integers(1, 5))
def test_fast_counting_equals_plain_counting(texts, order):
    expected = Counter()
    for text in texts:
        for context, words in count_ngrams([START, *text, END], order).items():
            expected.update({(*context, w): n for w, n in words.items() if w != START})
    model = NGramModel(order, "mle").fit([torch.tensor(t, dtype=torch.long) for t in texts], 8)
    assert model.counts(order) == expected


def test_the_number_of_parameters_counts_every_gram_once():
    model = NGramModel(2, "mle").fit([torch.tensor([4, 5, 4, 5])], V)
    assert model.counts(2) == {(2, 4): 1, (4, 5): 2, (5, 4): 1, (5, 3): 1}
    assert model.n_parameters == 3 + 4  # words 4, 5 and </s>; four pairs


@pytest.mark.parametrize("order", [1, 2, 3, 20])
@pytest.mark.parametrize("smoothing", SMOOTHINGS, ids=str)
def test_probabilities_sum_to_one_after_every_context(order: int, smoothing):
    model = NGramModel(order, smoothing).fit(TRAIN, V)
    contexts = [(START, *c) for n in range(3) for c in itertools.product((1, 4, 8), repeat=n)]
    for context in [*contexts, (), (4, 5), (3,), (0,)]:
        p = model.distribution(context)
        assert p.sum().item() == pytest.approx(1, abs=1e-12)
        assert p[[0, 2]].tolist() == [0, 0]
        assert (p >= 0).all()


@settings(max_examples=50)
@given(
    st.lists(st.lists(st.sampled_from([1, 4, 5, 6]), max_size=7), min_size=1, max_size=6),
    st.lists(st.sampled_from([1, 4, 5, 6, 7]), max_size=5),
    st.integers(1, 4),
    st.sampled_from([AddK(0.01), KneserNey(1.0), ModifiedKneserNey()]),
)
def test_sums_and_scores_agree_on_any_text(texts, context, order, smoothing):
    model = NGramModel(order, smoothing).fit([torch.tensor(t).long() for t in texts], 8)
    text = torch.tensor(context).long()
    p = model.distribution([START, *context])
    assert p.sum().item() == pytest.approx(1, abs=1e-12)
    assert p[END].item() == pytest.approx(model.log_probs([text])[0][-1].exp().item(), abs=1e-15)


@pytest.mark.parametrize("smoothing", [MLE(), *SMOOTHINGS], ids=str)
def test_scores_predictions_and_prob_are_the_same_numbers(smoothing):
    model = NGramModel(3, smoothing).fit(TRAIN, V)
    for text, log_probs in zip(HELD_OUT, model.log_probs(HELD_OUT), strict=True):
        for (word, context), expected in zip(positions(text), log_probs.tolist(), strict=True):
            ids = torch.tensor([context, [START] + len(context[1:]) * [4]])  # a row of another text
            logits = model.next_logits(ids)
            assert logits.shape == (2, V)
            assert logits[0, word].item() == pytest.approx(expected, abs=1e-12)
            assert model.prob(word, context) == pytest.approx(math.exp(expected), abs=1e-15)


def test_after_the_end_nothing_follows():
    logits = NGramModel(3, "mle").fit(TRAIN, V).next_logits(torch.tensor([[2, 4, 3], [2, 3, 4]]))
    assert logits.exp().tolist() == [[0, 0, 0, 1, 0, 0, 0, 0, 0]] * 2


def test_relative_frequencies_forbid_what_they_have_not_seen():
    model = NGramModel(2, "mle").fit([torch.tensor([4, 5]), torch.tensor([4, 4])], V)
    assert model.distribution([START]).tolist()[4] == 1
    assert model.distribution([START, 4]).tolist()[3:6] == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    log_probs = torch.cat(model.log_probs([torch.tensor([4, 6])]))
    assert log_probs.tolist() == [0, -math.inf, -math.inf]
    assert perplexity(-log_probs) == math.inf


def test_another_smoothing_needs_no_second_count():
    model = NGramModel(3, AddK(1)).fit(TRAIN, V)
    other = model.with_smoothing(KneserNey(0.5))
    again = NGramModel(3, KneserNey(0.5)).fit(TRAIN, V)
    for a, b in zip(other.log_probs(HELD_OUT), again.log_probs(HELD_OUT), strict=True):
        assert a.equal(b)
    assert other.tables is model.tables
    assert model.smoothing == AddK(1)


def test_an_order_larger_than_every_text_adds_nothing_but_weight():
    texts = [torch.tensor([4, 5, 4]), torch.tensor([5])]
    assert NGramModel(50, "mle").fit(texts, V).counts(50) == {}
    for a, b in zip(
        NGramModel(50).fit(texts, V).log_probs(HELD_OUT),
        NGramModel(6).fit(texts, V).log_probs(HELD_OUT),
        strict=True,
    ):
        assert a.equal(b)


def test_a_corpus_of_one_word_and_one_of_none():
    model = NGramModel(3).fit([torch.tensor([4])], 5)
    assert model.log_probs([torch.tensor([4])])[0].exp().prod() > 0.1
    empty = NGramModel(2, AddK(1)).fit([torch.tensor([]).long()], 5)
    assert empty.log_probs([torch.tensor([]).long()])[0].exp().item() == pytest.approx(2 / 4)
    assert model.log_probs([]) == []


def test_keys_do_not_overflow_at_a_high_order_and_a_large_vocabulary():
    """Ten words of 2 million written side by side would need 209 bits."""
    size = 2_000_000
    text = torch.randint(4, size, (2000,), generator=torch.Generator().manual_seed(0))
    model = NGramModel(10, "mle").fit([text], size)
    assert model.counts(10)[(START, *text[:9].tolist())] == 1
    assert len(model.counts(10)) == 2000 + 2 - 9
    assert torch.cat(model.log_probs([text])).exp().prod() == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ([9], "id 9 cannot be a word"),
        ([-1], "id -1"),
        ([4, 0], "id 0"),
        ([2], "id 2"),
        ([3], "id 3"),
    ],
)
def test_ids_that_are_no_words_are_refused(text: list[int], problem: str):
    with pytest.raises(ValueError, match=problem):
        NGramModel(2).fit([torch.tensor([4]), torch.tensor(text)], V)
    with pytest.raises(ValueError, match=problem):
        NGramModel(2).fit(TRAIN, V).log_probs([torch.tensor(text)])


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        NGramModel(0)
    with pytest.raises(ValueError, match="no smoothing 'katz'; there are mle, add-k"):
        NGramModel(2, "katz")
    with pytest.raises(ValueError, match="no texts"):
        NGramModel(2).fit([], V)
    with pytest.raises(ValueError, match="call fit first"):
        NGramModel(2).log_probs(TRAIN)
    with pytest.raises(ValueError, match="outside the vocabulary"):
        NGramModel(2).fit(TRAIN, V).next_logits(torch.tensor([[2, 9]]))


def test_text_generated_from_a_model_has_its_statistics():
    model, rng = NGramModel(2, "mle").fit(TRAIN, V), torch.Generator().manual_seed(0)
    start = torch.full((3000, 1), Vocab.start_id)
    rows = generate(model.with_smoothing(AddK(1e-9)), start, 2, lambda z: sample(z, rng))
    first = torch.bincount(rows[:, 1], minlength=V) / 3000
    torch.testing.assert_close(
        first, model.distribution([START]).float(), atol=4 * (0.25 / 3000) ** 0.5, rtol=0
    )
    assert {len(row) for row in cut_at_end(rows, END)} == {1, 2, 3}


@pytest.mark.parametrize("n_at_once", [1, 5, 30])
def test_counting_in_parts_gives_the_same_tables(n_at_once: int):
    parts = count_tables(TRAIN, 4, V, n_at_once)
    for part, whole in zip(parts, count_tables(TRAIN, 4, V), strict=True):
        assert part.keys.tolist() == whole.keys.tolist()
        assert part.counts.tolist() == whole.counts.tolist()
    assert len(parts) == 4
    assert sum(parts[1].counts) == sum(len(text) + 1 for text in TRAIN)
