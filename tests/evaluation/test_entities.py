import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import classification_report, f1_score, precision_score, recall_score

from course_lib.evaluation.entities import entity_score, entity_scores

TAGS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG"]


@st.composite
def tagged_pairs(draw):
    sizes = draw(st.lists(st.integers(1, 7), min_size=1, max_size=4))
    tags = st.sampled_from(TAGS)
    return [[draw(st.lists(tags, min_size=n, max_size=n)) for n in sizes] for _side in range(2)]


@given(tagged_pairs())
def test_scores_equal_seqeval(pair):
    predicted, right = pair
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a score that divides by 0
        expected = [score(right, predicted) for score in (precision_score, recall_score, f1_score)]
        report = classification_report(right, predicted, output_dict=True)
    assert entity_score(predicted, right) == pytest.approx(expected, abs=1e-12)
    ours = entity_scores(predicted, right)
    assert list(ours) == sorted(label for label in report if not label.endswith("avg"))
    for label, score in ours.items():
        row = [report[label][name] for name in ("precision", "recall", "f1-score")]
        assert score == pytest.approx(row, abs=1e-12)


def test_known_scores():
    right = [["B-PER", "I-PER", "O", "B-ORG"], ["O", "B-PER"]]
    half = [["B-PER", "I-PER", "O", "O"], ["B-PER", "I-PER"]]
    assert entity_score(half, right) == pytest.approx((1 / 2, 1 / 3, 0.4))
    assert entity_score(right, right) == (1, 1, 1)
    # Half an entity is no entity, and neither is one of another kind.
    assert entity_score([["B-PER", "O", "O", "B-PER"], ["O", "O"]], right).f1 == 0
    # The same place in another sentence is another place.
    assert entity_score([["O", "B-PER"], ["O", "O"]], [["O", "O"], ["O", "B-PER"]]).f1 == 0
    assert entity_score([["O"]], [["O"]]) == (0, 0, 0)
    assert entity_scores([["O"]], [["O"]]) == {}


def test_other_sentences_are_refused():
    for predicted, right in (([["O"]], []), ([["O"]], [["O", "O"]])):
        with pytest.raises(ValueError, match="same sentences"):
            entity_score(predicted, right)
