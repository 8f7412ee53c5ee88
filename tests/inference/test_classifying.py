import pytest
import torch
from torch import Tensor, nn

from course_lib.data.task_batches import Example, TextBatch
from course_lib.inference.classifying import answers, classify, predict_numbers, probabilities


class Counting(nn.Module):
    """Logits of a text: how often each of the ids 1, 2, 3 is in it, times a weight."""

    def __init__(self, for_tokens: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(1.0))
        self.for_tokens, self.shapes = for_tokens, []
        self.drop = nn.Dropout(0.9)

    def forward(self, batch: TextBatch) -> Tensor:
        self.shapes.append(tuple(batch.ids.shape))
        one_hot = torch.stack([batch.ids == i for i in (1, 2, 3)], dim=-1).float()  # (B, T, 3)
        return self.drop(one_hot if self.for_tokens else one_hot.sum(dim=1)) * self.weight


def texts(*rows: list[int]) -> list[Example]:
    return [Example(torch.tensor(ids), torch.zeros(len(ids), dtype=torch.long)) for ids in rows]


MANY = texts([1, 1, 1, 1, 2], [3], [2, 2, 1], [3, 3, 3, 3, 3, 1, 2])


def test_answers_in_order_without_dropout():
    model = Counting()
    rows = answers(model, MANY)
    assert [row.tolist() for row in rows] == [[4, 1, 0], [0, 0, 1], [1, 2, 0], [1, 1, 5]]
    assert not any(row.requires_grad for row in rows)
    assert model.shapes == [(4, 7)]
    assert classify(model, MANY, ["one", "two", "three"]) == ["one", "three", "two", "three"]
    assert predict_numbers(model, MANY).tolist() == [4, 0, 1, 1]


def test_no_more_tokens_at_once_than_allowed():
    model = Counting()
    rows = answers(model, MANY, n_tokens=10)
    assert [row.tolist() for row in rows] == [row.tolist() for row in answers(model, MANY)]
    assert all(b * t <= 10 or b == 1 for b, t in model.shapes[:-1])
    assert len(model.shapes) == 1 + 3


def test_rows_for_tokens_are_cut_where_the_text_ends():
    rows = answers(Counting(for_tokens=True), MANY)
    assert [tuple(row.shape) for row in rows] == [(5, 3), (1, 3), (3, 3), (7, 3)]
    assert rows[2].argmax(dim=-1).tolist() == [1, 1, 0]


def test_padding_is_what_the_model_calls_padding():
    rows = answers(Counting(), MANY, pad_id=3)
    assert rows[1].tolist() == [0, 0, 7], "the model sees the id that it was told to expect"


def test_probabilities_sum_to_one():
    found = probabilities(Counting(), MANY)
    torch.testing.assert_close(found[1], torch.tensor([0.0, 0, 1]).softmax(0))
    torch.testing.assert_close(found.sum(dim=1), torch.ones(4))
    assert found.argmax(dim=1).tolist() == [0, 2, 1, 2]


def test_no_texts_no_answers():
    model = Counting()
    assert answers(model, []) == classify(model, [], ["a"]) == []
    assert probabilities(model, []).shape == (0, 0)
    assert predict_numbers(model, []).shape == (0,)
    assert model.shapes == []


@pytest.mark.parametrize("was_training", [True, False])
def test_weights_do_not_change(was_training: bool):
    model = Counting().train(was_training)
    answers(model, MANY)
    assert model.weight == 1
    assert model.weight.grad is None
