"""What stands in a hole, as bars, and a box to type sentences with holes."""

import base64
from collections import Counter

import pytest
from matplotlib.colors import same_color

from course_lib.display.attention import attention_side_by_side
from course_lib.display.holes import HoleWidget, hole_bars
from course_lib.display.maps import point_map
from course_lib.display.style import VERMILION
from course_lib.display.widgets import png
from course_lib.errors import CourseError
from course_lib.inference.filling import words_with_holes

VIEW = "application/vnd.jupyter.widget-view+json"
GUESS = {"swam": 0.5, "ran": 0.125, "walked": 0.25, "was": 0.0}


def letters(words):
    """A model that expects the words of the text in its holes, by how often they stand there."""
    n_holes = words.count("[MASK]")
    if not n_holes:
        raise CourseError("there is no hole")
    others = Counter(word for word in words if word != "[MASK]")
    return [{w: n / others.total() for w, n in others.items()}] * n_holes


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def test_a_bar_for_each_of_the_likeliest_words():
    figure = hole_bars({"BERT": GUESS, "GPT": {"$a_": 1.0}}, right="ran", n_words=3, title="why")
    bert, gpt = figure.axes
    assert texts_of(bert) == ["swam  0.50", "walked  0.25", "ran  0.12"]
    assert [patch.get_width() for patch in bert.patches] == [0.5, 0.25, 0.125]
    reds = [same_color(patch.get_facecolor()[:3], VERMILION) for patch in bert.patches]
    assert reds == [False, False, True]
    assert texts_of(gpt) == ["$a_  1.00"]
    assert bert.get_xlim() == gpt.get_xlim() == (0, 1)
    assert figure.get_suptitle() == "why"
    with pytest.raises(ValueError, match="no guesses"):
        hole_bars({})


def test_the_box_follows_what_is_typed():
    widget = HoleWidget(letters, "She ___ home.", known=["she", "home", "."])
    assert widget.figure.get_suptitle() == "she ___ home ."
    assert len(widget.figure.axes) == 1
    assert widget.message.value == ""
    before = widget.image.value
    widget.box.value = "She <b> ___, ___"
    assert len(widget.figure.axes) == 2
    assert widget.message.value == "not known: &lt;, b, &gt;, ,"
    assert widget.image.value == png(widget.figure) != before


def test_a_text_that_cannot_be_shown_keeps_the_picture_and_says_why():
    widget = HoleWidget(letters, "she ___ home")
    before = widget.image.value
    widget.box.value = "she swam home"
    assert "no hole" in widget.message.value
    widget.box.value = "a" + " ___" * 5
    assert widget.message.value == "at most 4 holes can be shown"
    assert widget.image.value == before
    widget.box.value = "she ___ ___ ___ ___"
    assert widget.message.value == ""
    assert len(widget.figure.axes) == 4
    assert widget.image.value != before


def test_it_carries_a_picture_for_pages_without_a_kernel(monkeypatch):
    widget = HoleWidget(letters, "she ___ home")
    bundle = widget._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == widget.model_id
    assert base64.b64decode(bundle["image/png"]) == png(widget.figure)
    assert bundle["text/plain"] == "she ___ home"
    monkeypatch.setenv("COURSE_STATIC", "1")
    assert set(widget._repr_mimebundle_()) == {"image/png", "text/plain"}


def test_a_long_text_is_broken_into_lines():
    widget = HoleWidget(letters, "she ___ " + "home " * 40)
    assert words_with_holes(widget.box.value).count("home") == 40
    assert max(map(len, widget.figure.get_suptitle().splitlines())) <= 80


def test_one_text_under_several_eyes():
    maps = {"left": [[1, 0], [0.5, 0.5]], "both": [[0.2, 0.8], [0.5, 0.5]]}
    left, both = attention_side_by_side(maps, ["she", "swam"], "two", high=0.5).axes
    assert left.images[0].get_array().tolist() == maps["left"]
    assert both.images[0].get_clim() == (0, 0.5)
    assert [label.get_text() for label in both.get_xticklabels()] == ["she", "swam"]
    with pytest.raises(ValueError, match="2 rows"):
        attention_side_by_side({"left": [[1.0]]}, ["she", "swam"])


def test_many_points_by_group():
    (ax,) = point_map([[0, 1], [2, 3], [4, 5]], ["a", "b", "a"], "where").axes
    assert [c.get_offsets().tolist() for c in ax.collections] == [[[0, 1], [4, 5]], [[2, 3]]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    with pytest.raises(ValueError, match="2 groups"):
        point_map([[0, 1]], ["a", "b"])
