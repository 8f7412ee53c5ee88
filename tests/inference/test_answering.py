import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_lib.data.task_batches import TextBatch
from course_lib.errors import CourseError
from course_lib.inference.answering import Span, answered, best_span, find_answers
from course_lib.text.marks import Marks

MARKS = Marks(class_id=4, separator_id=5, mask_id=6)
NONE = 2.5  # what the model below says for "no answer", twice


class Looking(nn.Module):
    """Ids from 50 are good first tokens, ids from 80 good last ones; [CLS] has NONE for each."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.longest = nn.Parameter(torch.ones(())), 0

    def forward(self, batch: TextBatch) -> Tensor:
        ids = batch.ids
        self.longest = max(self.longest, ids.size(1))
        starts = torch.where(ids >= 50, (ids % 10).float(), 0.0)
        lasts = torch.where(ids >= 80, (ids % 10).float(), 0.0)
        logits = torch.stack([starts, lasts], dim=-1)
        logits[:, 0] = NONE
        return logits * self.weight


@given(st.integers(1, 9), st.integers(1, 6), st.integers(0, 2), st.integers(0, 10**6))
def test_the_best_span_is_the_best_of_all_pairs(n, max_tokens, first, seed):
    logits = torch.randn(first + n + 2, 2, generator=torch.Generator().manual_seed(seed))
    end = first + n
    pairs = {
        (i, j + 1): (logits[i, 0] + logits[j, 1]).item()
        for i in range(first, end)
        for j in range(i, min(i + max_tokens, end))
    }
    start, last, score = best_span(logits, (first, end), max_tokens)
    assert score == pytest.approx(max(pairs.values()))
    assert pairs[start, last] == pytest.approx(score)


def test_known_spans():
    logits = torch.tensor([[9.0, 9], [1, 5], [3, 0], [0, 2]])
    assert best_span(logits, (1, 4), 9) == (1, 2, 6)
    assert best_span(logits, (2, 4), 9) == (2, 4, 5), "the end never stands before the start"
    assert best_span(logits, (2, 4), 1) == (2, 3, 3)
    assert best_span(logits, (1, 1), 9) == (1, 1, -math.inf)


def test_answers_inside_the_passage_with_their_margin():
    question = torch.tensor([59, 89])  # would be a fine answer, but is the question
    passages = [[10, 51, 11, 84, 12], [10, 11, 52], [86, 10], []]
    asked = [(question, torch.tensor(p, dtype=torch.long)) for p in passages]
    found = find_answers(Looking(), asked, MARKS, max_length=20)
    assert found[0] == Span(3, 4, 8, 3), "84 alone is the best first and last token"
    assert found[1] == Span(2, 3, 2, -3)
    assert found[2] == Span(0, 1, 12, 7)
    assert found[3].margin == -math.inf
    assert [answered(span) for span in found] == [True, False, True, False]
    assert [answered(span, threshold=5) for span in found] == [False, False, True, False]


@pytest.mark.parametrize("place", [0, 5, 17, 30, 44])
def test_long_passages_are_read_in_windows(place: int):
    passage = torch.full((46,), 10)
    passage[place : place + 2] = torch.tensor([53, 84])
    model = Looking()
    asked = [(torch.tensor([11]), passage), (torch.tensor([11, 12]), torch.tensor([10, 81]))]
    long, short = find_answers(model, asked, MARKS, max_length=16, overlap=4)
    assert model.longest == 16
    assert (long.start, long.end) == (place + 1, place + 2)
    assert (long.score, long.margin) == (8, 3)
    assert short == Span(1, 2, 2, -3)


def test_no_answer_is_weighed_where_it_is_least_likely():
    class Doubting(Looking):
        """More sure that there is no answer where the passage has a 20."""

        def forward(self, batch: TextBatch) -> Tensor:
            logits = super().forward(batch)
            logits[:, 0] += (batch.ids == 20).any(dim=1).float()[:, None]
            return logits

    passage = torch.tensor([20, *[10] * 10, 83])
    (span,) = find_answers(Doubting(), [(torch.tensor([11]), passage)], MARKS, 12, overlap=2)
    assert (span.start, span.score) == (11, 6)
    assert span.margin == 6 - 2 * NONE


def test_a_question_that_leaves_no_room_is_refused():
    with pytest.raises(CourseError, match="question of 9 tokens"):
        find_answers(
            Looking(), [(torch.full((9,), 10), torch.ones(5).long())], MARKS, 12, overlap=0
        )
    assert find_answers(Looking(), [], MARKS, 12) == []
