import numpy as np
import pytest

from course_lib.display.attention import attention_explorer, attention_table


def title_of(figure) -> str:
    """Wherever the style in force puts it."""
    axes = figure.axes[0]
    return axes.get_title(loc="left") + axes.get_title(loc="center")


WORDS = ["she", "swam", "to", "the", "bank"]


@pytest.fixture
def maps():
    """(2 layers, 3 heads, T, S): in layer l, head h every query looks at key l + h alone."""
    weights = np.zeros((2, 3, 5, 5))
    for layer in range(2):
        for head in range(3):
            weights[layer, head, :, layer + head] = 1.0
    return weights


def test_the_title_says_where_the_framed_token_looks():
    weights = np.array([[0.9, 0.1], [0.25, 0.75], [0.5, 0.5]])
    figure = attention_table(weights, ["a", "b", "c"], ["x", "y"], token=1, name="layer 1")
    axes = figure.axes[0]
    assert title_of(figure) == "layer 1: “b” looks most at “y” (0.75)"
    (frame,) = axes.patches
    assert (frame.get_y(), frame.get_height(), frame.get_width()) == (0.5, 1, 2)
    assert {text.get_text() for text in axes.texts} >= {"0.90", "0.75"}


def test_without_a_token_nothing_is_framed():
    figure = attention_table(np.eye(5), WORDS, WORDS, name="one head")
    assert not figure.axes[0].patches
    assert title_of(figure) == "one head"


def test_the_sliders_choose_layer_head_and_token(maps):
    explorer = attention_explorer(maps, WORDS, layer=2, head=1, token=4)
    assert explorer.settings() == {"layer": 2, "head": 1, "token": 4}
    title = title_of(explorer.figure)
    assert title == "layer 2, head 1: “bank” looks most at “swam” (1.00)"
    explorer.sliders["head"].value = 3
    explorer.sliders["token"].value = 0
    title = title_of(explorer.figure)
    assert title == "layer 2, head 3: “she” looks most at “the” (1.00)"
    assert explorer.sliders["token"].options[1] == ("2 swam", 1)


def test_keys_may_be_other_tokens(maps):
    explorer = attention_explorer(maps[:, :, :2], ["a", "b"], WORDS)
    assert title_of(explorer.figure).endswith("“a” looks most at “she” (1.00)")


def test_sizes_must_fit(maps):
    with pytest.raises(ValueError, match="5 queries and 4 keys"):
        attention_explorer(maps, WORDS, WORDS[:4])
    with pytest.raises(ValueError, match="weights for"):
        attention_explorer(maps[0], WORDS)
