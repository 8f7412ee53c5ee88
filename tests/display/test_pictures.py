"""Pictures with captions, and where a captioner looks."""

import numpy as np
import pytest

from course_lib.data.riverbank import tasks
from course_lib.display.pictures import DARKEST, caption_maps, pictures_with_captions
from course_lib.display.widgets import png

PICTURES = tasks.pictures(3, seed=0)


def test_pictures_are_shown_as_they_are_with_their_captions():
    figure = pictures_with_captions([p.pixels for p in PICTURES], ["a $b$ " * 9, "c", "d"])
    assert len(figure.axes) == 3
    for ax, picture in zip(figure.axes, PICTURES, strict=True):
        shown = np.asarray(ax.images[0].get_array())
        assert (shown == picture.pixels.transpose(1, 2, 0)).all()
    first = figure.axes[0].get_xlabel()
    assert " ".join(first.split()) == " ".join(["a", "$b$"] * 9)
    assert max(map(len, first.splitlines())) <= 25
    png(figure)
    with pytest.raises(ValueError, match="zip"):
        pictures_with_captions([PICTURES[0].pixels], ["a", "b"])


def test_a_map_is_bright_where_the_word_looked():
    pixels = np.full((3, 24, 24), 200)
    weights = np.zeros((8, 36))
    weights[:, 0] = 0.5
    weights[2, 8] = 1.0  # second row, third column: pixels 4 to 7 down, 8 to 11 to the right
    figure = caption_maps(pixels, [*"abcdefg", "</s>"], weights)
    used = [ax for ax in figure.axes if ax.images]
    assert len(figure.axes) == 12
    assert [ax.get_title() or ax.get_title(loc="left") for ax in used] == [*"abcdefg", "</s>"]
    first, third = (np.asarray(used[i].images[0].get_array())[..., 0] for i in (0, 2))
    dark = round(200 * DARKEST)
    assert (first[:4, :4] == 200).all()
    assert (first == dark).sum() == 24 * 24 - 16
    assert (third[4:8, 8:12] == 200).all()
    assert third[0, 0] == round(200 * (DARKEST + (1 - DARKEST) / 2))


@pytest.mark.parametrize("shape", [(1, 36), (2, 35), (2, 49)])
def test_sizes_must_fit_together(shape):
    with pytest.raises(ValueError, match="weights for 2 words"):
        caption_maps(PICTURES[0].pixels, ["a", "b"], np.ones(shape))
