import matplotlib as mpl
import pytest

from course_lib.display.style import use_style
from course_lib.display.transfer import score_by_labels, score_by_minutes

SCORES = {
    "fine-tuned": {100: [0.8, 0.9, 0.7], 1000: [0.95, 0.97, 0.9]},
    "from scratch": {1000: [0.6, 0.7, 0.65], 100: [0.5, 0.55]},
}


@pytest.fixture(autouse=True)
def look():
    with mpl.rc_context():
        use_style()
        yield


def test_lines_are_means_in_the_order_of_the_labels():
    (ax,) = score_by_labels(SCORES, "accuracy").axes
    tuned, scratch = (line.get_xydata() for line in ax.lines)
    assert tuned.ravel().tolist() == pytest.approx([100, 0.8, 1000, 0.94])
    assert scratch.ravel().tolist() == pytest.approx([100, 0.525, 1000, 0.65])
    assert [t.get_text() for t in ax.get_legend().get_texts()] == list(SCORES)
    assert ax.get_xscale() == "log"


def test_the_band_reaches_from_the_worst_seed_to_the_best():
    (ax,) = score_by_labels(SCORES, "accuracy").axes
    band = ax.collections[0].get_paths()[0].vertices
    for x, low, high in ((100, 0.7, 0.9), (1000, 0.9, 0.97)):
        heights = [y for place, y in band if place == x]
        assert (min(heights), max(heights)) == pytest.approx((low, high))


def test_every_number_of_labels_is_named_on_its_axis():
    figure = score_by_labels(SCORES, "accuracy", title="what labels are worth")
    figure.draw_without_rendering()
    (ax,) = figure.axes
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["100", "1,000"]
    assert (ax.get_ylabel(), ax.get_title(loc="left")) == ("accuracy", "what labels are worth")


def test_lines_without_labels():
    (ax,) = score_by_labels(SCORES, "accuracy", lines={"chance": 0.5, "ceiling": 1.0}).axes
    assert [line.get_ydata()[0] for line in ax.lines[2:]] == [0.5, 1.0]
    assert [text.get_text() for text in ax.texts] == ["chance", "ceiling"]


def test_a_number_of_labels_without_a_score_is_refused():
    with pytest.raises(ValueError, match="scratch: no score at 50 labels"):
        score_by_labels({"scratch": {50: [], 100: [1.0]}}, "accuracy")


def test_minutes_begin_at_none():
    scores = {"100 labels": {20.0: [0.8, 0.9], 0.0: [0.5, 0.6], 1.0: [0.7]}}
    figure = score_by_minutes(scores, "accuracy", "task", {"linear": 0.65})
    figure.draw_without_rendering()
    (ax,) = figure.axes
    assert ax.lines[0].get_xydata().ravel().tolist() == pytest.approx([0, 0.55, 1, 0.7, 20, 0.85])
    assert ax.lines[1].get_ydata()[0] == 0.65
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "1", "20"]
