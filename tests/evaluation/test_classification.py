import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from course_lib.evaluation.classification import (
    Score,
    accuracy,
    class_scores,
    macro_f1,
    matthews,
)

labelled = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abcd")), min_size=1, max_size=25
)


@pytest.mark.filterwarnings("ignore:A single label")  # scikit-learn's, on its own table
@given(labelled)
def test_all_equal_scikit_learn(pairs):
    predicted, right = map(list, zip(*pairs, strict=True))
    assert accuracy(predicted, right) == sklearn.metrics.accuracy_score(right, predicted)
    expected = sklearn.metrics.f1_score(right, predicted, average="macro", zero_division=0)
    assert macro_f1(predicted, right) == pytest.approx(expected, abs=1e-12)
    expected = sklearn.metrics.matthews_corrcoef(right, predicted)
    assert matthews(predicted, right) == pytest.approx(expected, abs=1e-12)
    scores = class_scores(predicted, right)
    columns = sklearn.metrics.precision_recall_fscore_support(
        right, predicted, labels=list(scores), zero_division=0
    )
    for i, score in enumerate(scores.values()):
        assert score == pytest.approx([column[i] for column in columns[:3]], abs=1e-12)


def test_a_rare_label_counts_as_much_as_a_common_one():
    right = ["spam"] * 1 + ["mail"] * 9
    lazy = ["mail"] * 10
    assert accuracy(lazy, right) == 0.9
    assert macro_f1(lazy, right) == pytest.approx((0 + 18 / 19) / 2)
    assert matthews(lazy, right) == 0
    assert matthews(right, right) == 1
    assert class_scores(lazy, right)["spam"] == Score(0, 0, 0)


def test_nothing_to_compare_is_refused():
    for measure in (class_scores, macro_f1, matthews):
        for predicted, right in (([], []), (["a"], ["a", "b"])):
            with pytest.raises(ValueError, match="cannot compare"):
                measure(predicted, right)
