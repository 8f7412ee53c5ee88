import numpy as np
import pytest
import torch

from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_smoothing import (
    MLE,
    AddK,
    KneserNey,
    ModifiedKneserNey,
    estimate_discounts,
)


def test_discounts_of_a_known_table_of_counts():
    """n_1 ... n_4 = 10, 5, 3, 2, so Y = 1/2 and D = 1 - 1/2, 2 - 3/2 * 3/5, 3 - 2 * 2/3."""
    counts = np.repeat([0, 1, 2, 3, 4, 7, 1000], [4, 10, 5, 3, 2, 6, 1])
    assert estimate_discounts(counts) == pytest.approx([0, 0.5, 1.1, 5 / 3])


@pytest.mark.parametrize(
    "numbers",
    [
        (0, 0, 0, 0),  # no gram at all
        (5, 0, 0, 0),  # everything seen once: 0 / 0
        (9, 3, 0, 0),
        (0, 2, 2, 2),
        (1, 50, 1, 1),  # D_1 is 1/101, nearly 0: unusual, but usable
        (10, 2, 9, 1),  # D_2 would be negative
    ],
)
def test_discounts_stay_usable_whatever_the_counts(numbers: tuple[int, ...]):
    discounts = estimate_discounts(np.repeat([1, 2, 3, 4], numbers))
    assert (discounts >= 0).all()
    assert (discounts <= [0, 1, 2, 3]).all()
    if 0 in numbers[:3] or numbers == (10, 2, 9, 1):
        assert discounts.tolist() == [0, 0.5, 1, 1.5]


def test_a_bigram_worked_out_with_pencil():
    """Texts: "a b", "a c" (ids 4, 5, 6). Words seen after: <s>: a; a: b, c; b: </s>; c: </s>."""
    texts = [torch.tensor([4, 5]), torch.tensor([4, 6])]
    model = NGramModel(2, KneserNey(0.5, uniform=False)).fit(texts, 7)
    # Different words before: a 1, b 1, c 1, </s> 2; five kinds of pairs.
    assert model.prob(4, []) == pytest.approx(1 / 5)
    assert model.prob(3, []) == pytest.approx(2 / 5)
    assert model.prob(5, [4]) == pytest.approx((1 - 0.5) / 2 + 0.5 * 2 / 2 * 1 / 5)
    assert model.prob(4, [2]) == pytest.approx((2 - 0.5) / 2 + 0.5 * 1 / 2 * 1 / 5)
    assert model.prob(1, [4]) == 0
    mixed = model.with_smoothing(KneserNey(0.5))  # five tokens can come next: 1/5 each below
    assert mixed.prob(1, []) == pytest.approx(4 * 0.5 / 5 * 1 / 5)
    assert mixed.prob(3, []) == pytest.approx((2 - 0.5) / 5 + 4 * 0.5 / 5 * 1 / 5)
    lidstone = model.with_smoothing(AddK(0.5))
    assert lidstone.prob(5, [4]) == pytest.approx((1 + 0.5) / (2 + 5 * 0.5))
    assert lidstone.prob(5, [6, 6]) == pytest.approx(0.5 / (1 + 5 * 0.5))
    assert model.with_smoothing(MLE()).prob(5, [4]) == 0.5


def test_words_of_many_companions_win_where_nothing_else_is_known():
    """Kneser-Ney's point: "francisco" (5) is frequent, but after "san" (4) only."""
    san_francisco = [torch.tensor([4, 5])] * 10
    others = [torch.tensor([word, 6]) for word in (7, 8, 9)]  # 6 after three different words
    model = NGramModel(2, "kneser-ney").fit([*san_francisco, *others], 11)
    unigram = NGramModel(1, "mle").fit([*san_francisco, *others], 11)
    assert unigram.prob(5, []) > unigram.prob(6, [])
    assert model.prob(5, [10]) < model.prob(6, [10])  # 10 was never seen
    assert model.prob(5, [4]) > 0.8


def test_smaller_k_trusts_the_counts_more():
    model = NGramModel(2, AddK(1)).fit([torch.tensor([4, 5, 4, 5])], 8)
    seen = [model.with_smoothing(AddK(k)).prob(5, [4]) for k in (10, 1, 0.1, 0.001)]
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("k", [0, -1, float("nan")])
def test_k_must_be_positive(k: float):
    with pytest.raises(ValueError, match="positive"):
        AddK(k)


@pytest.mark.parametrize("discount", [0, -0.1, 1.1, float("nan")])
def test_a_discount_lies_between_0_and_1(discount: float):
    with pytest.raises(ValueError, match="discount"):
        KneserNey(discount)


def test_three_discounts_beat_one_on_text_with_a_long_tail():
    """On held-out text of the same source, with k and the discount at their defaults."""
    rng = torch.Generator().manual_seed(0)
    frequencies = 1 / torch.arange(1.0, 201)
    following = torch.stack([torch.randperm(200, generator=rng) for _ in range(200)])

    def text() -> torch.Tensor:
        ranks = torch.multinomial(frequencies**1.5, 30, replacement=True, generator=rng)
        words = [int(ranks[0])]
        for rank in ranks[1:]:
            words.append(int(following[words[-1], rank]))
        return torch.tensor(words) + 4

    train, held_out = [text() for _ in range(150)], [text() for _ in range(50)]
    model = NGramModel(3, ModifiedKneserNey()).fit(train, 204)
    nll = {
        name: -torch.cat(model.with_smoothing(name).log_probs(held_out)).mean().item()
        for name in ("modified-kneser-ney", "kneser-ney", "add-k")
    }
    assert nll["modified-kneser-ney"] < nll["kneser-ney"] < nll["add-k"] - 0.5
