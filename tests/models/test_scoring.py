"""Scores of texts in batches, against the same texts one at a time."""

import pytest
import torch
from torch import Tensor

from course_lib.models.scoring import score_texts, without_never_next
from course_lib.text.vocab import Vocab

V = 9
CPU = torch.device("cpu")


def logits_by_place_and_id(ids: Tensor) -> Tensor:
    """Random-looking logits that depend on each id, on all before it and on the place."""
    mixed = (
        ids.cumsum(dim=1)[..., None] * torch.arange(1, V + 1) + torch.arange(ids.size(1))[:, None]
    )
    return (mixed % 7).float()


@pytest.mark.parametrize("n_tokens", [1, 12, 4096])
def test_batches_of_any_size_score_like_single_texts(n_tokens: int):
    torch.manual_seed(0)
    texts = [torch.randint(4, V, (n,)) for n in (5, 0, 2, 9, 2, 1, 5)]
    sizes = []

    def logits_of(ids: Tensor) -> Tensor:
        sizes.append(ids.shape)
        return logits_by_place_and_id(ids)

    found = score_texts(logits_of, texts, CPU, n_tokens)
    assert all(n_rows == 1 or n_rows * length <= n_tokens for n_rows, length in sizes)
    assert len(found) == len(texts)
    for text, log_probs in zip(texts, found, strict=True):
        ids = torch.cat([torch.tensor([Vocab.start_id]), text, torch.tensor([Vocab.end_id])])
        logits = without_never_next(logits_by_place_and_id(ids[None, :-1])[0]).double()
        alone = logits.log_softmax(dim=1)[torch.arange(len(ids) - 1), ids[1:]]
        assert log_probs.dtype == torch.float64
        torch.testing.assert_close(log_probs, alone, rtol=0, atol=0)


def test_no_texts_have_no_scores():
    assert score_texts(logits_by_place_and_id, [], CPU) == []


def test_pad_and_start_are_ruled_out_in_a_copy():
    logits = torch.zeros(2, 3, V)
    ruled = without_never_next(logits)
    assert ruled.isinf().nonzero()[:, 2].unique().tolist() == [Vocab.pad_id, Vocab.start_id]
    assert ruled.isinf().sum() == 12
    assert not logits.isinf().any()


def test_no_graph_is_kept():
    weight = torch.ones(1, requires_grad=True)
    texts = [torch.tensor([4, 5])]
    (found,) = score_texts(lambda ids: logits_by_place_and_id(ids) * weight, texts, CPU)
    assert not found.requires_grad
