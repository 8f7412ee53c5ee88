import pytest
import torch

from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_backoff import to_backoff
from course_lib.models.ngram_smoothing import AddK, KneserNey, ModifiedKneserNey

RNG = torch.Generator().manual_seed(3)
TRAIN = [torch.randint(4, 9, (n % 8,), generator=RNG) for n in range(40)]
HELD_OUT = [torch.randint(4, 10, (n,), generator=RNG) for n in (0, 1, 2, 7, 30)]


@pytest.mark.parametrize("order", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("smoothing", [KneserNey(), ModifiedKneserNey()], ids=str)
def test_an_interpolated_model_is_a_back_off_model(order: int, smoothing):
    model = NGramModel(order, smoothing).fit(TRAIN, 10)
    backoff = to_backoff(model)
    for ours, theirs in zip(backoff.log_probs(HELD_OUT), model.log_probs(HELD_OUT), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
    ids = torch.tensor([[2, 4, 5], [2, 9, 9], [2, 8, 8]])
    torch.testing.assert_close(backoff.next_logits(ids), model.next_logits(ids))


def test_probability_zero_stays_zero():
    model = NGramModel(2, KneserNey(uniform=False)).fit(TRAIN, 10)
    assert to_backoff(model).prob(9, [2]) == 0 == model.prob(9, [2])


@pytest.mark.parametrize("smoothing", ["mle", AddK(1)])
def test_a_smoothing_that_does_not_back_off_is_refused(smoothing):
    with pytest.raises(ValueError, match="no back-off form"):
        to_backoff(NGramModel(2, smoothing).fit(TRAIN, 10))
