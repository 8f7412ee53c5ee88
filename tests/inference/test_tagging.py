import pytest
import torch
from torch import Tensor, nn

from course_lib.data.task_batches import TextBatch
from course_lib.inference.tagging import tag_scores, tag_texts
from course_lib.text.alignment import Pieces, pieces_of
from course_lib.text.marks import Marks

MARKS = Marks(class_id=4, separator_id=5, mask_id=6)
TAGS = ["small", "large", "edge"]


class ByNeighbours(nn.Module):
    """Tag 0 for ids below 50, 1 above; 2 beside a mark: near the edge it cannot tell."""

    def __init__(self, blind: int) -> None:
        super().__init__()
        self.weight, self.blind, self.longest = nn.Parameter(torch.ones(())), blind, 0

    def forward(self, batch: TextBatch) -> Tensor:
        ids = batch.ids
        self.longest = max(self.longest, ids.size(1))
        logits = torch.stack([ids < 50, ids >= 50, torch.zeros_like(ids)], dim=-1).float()
        for row, text in enumerate(ids):
            n = int((text != 0).sum())
            logits[row, 1 : 1 + self.blind, 2] = 2.0
            logits[row, n - 1 - self.blind : n - 1, 2] = 2.0
        return logits * self.weight


def two_pieces(word: str) -> Tensor:
    """Numbers as words: the first piece is the number, the second says nothing."""
    return torch.tensor([int(word), 99] if int(word) % 2 else [int(word)])


def test_each_word_has_the_tag_of_its_first_piece():
    texts = [pieces_of(["11", "60", "13"], two_pieces), pieces_of(["71"], two_pieces)]
    found = tag_texts(ByNeighbours(0), texts, TAGS, MARKS, max_length=10)
    assert found == [["small", "large", "small"], ["large"]]
    rows = tag_scores(ByNeighbours(0), texts, MARKS, max_length=10)
    assert [tuple(row.shape) for row in rows] == [(3, 3), (1, 3)]


@pytest.mark.parametrize("n_words", [7, 30, 61, 200])
def test_a_long_text_is_read_in_windows_and_each_word_where_it_stands_most_central(n_words: int):
    words = [str(10 + (37 * i) % 80) for i in range(n_words)]
    model = ByNeighbours(blind=3)
    text = pieces_of(words, two_pieces)
    (found,) = tag_texts(model, [text], TAGS, MARKS, max_length=20, overlap=8)
    assert model.longest <= 20
    assert len(found) == n_words
    right = ["small" if int(word) < 50 else "large" for word in words]
    # The text itself begins and ends here: 3 pieces on either side, and no more, are at an edge.
    inside = [3 <= i < len(text.ids) - 3 for i in text.is_first.nonzero()[:, 0].tolist()]
    for tag, expected, can_be_told in zip(found, right, inside, strict=True):
        assert tag == (expected if can_be_told else "edge")


def test_with_too_little_overlap_words_would_be_judged_at_an_edge():
    text = pieces_of([str(10 + 2 * i) for i in range(30)], two_pieces)
    (found,) = tag_texts(ByNeighbours(3), [text], TAGS, MARKS, max_length=14, overlap=0)
    assert found.count("edge") > 6


def test_without_being_told_windows_overlap():
    text = pieces_of([str(10 + 2 * i) for i in range(38)], two_pieces)
    (found,) = tag_texts(ByNeighbours(1), [text], TAGS, MARKS, max_length=14)
    assert [i for i, tag in enumerate(found) if tag == "edge"] == [0, 37]


def test_texts_without_words():
    empty = Pieces(torch.empty(0, dtype=torch.long), torch.empty(0, dtype=torch.long))
    texts = [empty, pieces_of(["60"], two_pieces), empty]
    assert tag_texts(ByNeighbours(0), texts, TAGS, MARKS, 10) == [[], ["large"], []]
    assert tag_texts(ByNeighbours(0), [], TAGS, MARKS, 10) == []
