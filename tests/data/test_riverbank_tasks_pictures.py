"""Pictures: what they show can be read from the pixels and from the caption, without a loss."""

import re

import numpy as np
import pytest

from course_lib.data.riverbank import tasks
from course_lib.data.riverbank.tasks.pictures import draw, picture
from course_lib.data.riverbank.tasks.sprites import COLOURS, SPRITES

PICTURES = tasks.pictures(600, seed=0)
MANY = {"houses": "house", "people": "person", "boats": "boat", "fish": "fish"}
MANY |= {"birds": "bird", "kites": "kite", "trees": "tree"}


def test_pixels():
    for one in PICTURES:
        assert one.pixels.shape == (3, 24, 24)
        assert one.pixels.dtype == np.uint8


def test_the_view_is_read_back_from_the_pixels():
    for one in PICTURES:
        assert tasks.read(one.pixels) == one.view


def view_told(caption: str) -> tasks.View:
    """The view, read from the caption's words alone."""
    told = re.findall(r"(a|two|three) (\w+) (\w+) on the (left|right)", caption)
    numbers = {"a": 1, "two": 2, "three": 3}
    groups = tuple(
        tasks.Group(MANY.get(noun, noun), colour, numbers[number], side)
        for number, colour, noun, side in told
    )
    return tasks.View(groups, "at night" in caption, "with a bridge" in caption)


def test_the_view_is_read_back_from_the_caption():
    for one in PICTURES:
        assert view_told(" ".join(one.caption)) == one.view


def test_a_picture_by_hand():
    groups = (tasks.Group("boat", "red", 2, "left"), tasks.Group("person", "white", 1, "right"))
    one = picture(tasks.View(groups, night=True, bridge=True))
    assert one.caption.text == (
        "Two red boats on the left and a white person on the right, at night, with a bridge."
    )
    assert "".join(one.japanese) == "夜、橋のある川、左に赤い舟が二艘、右に白い人が一人。"
    red = (one.pixels == np.array([220, 40, 40])[:, None, None]).all(axis=0)
    assert red.sum() == 2 * 6  # six pixels each
    assert sorted(set(np.nonzero(red)[1])) == [0, 1, 2, 4, 5, 6]  # with a gap, on the left


def test_all_that_can_be_shown_is_shown():
    groups = [group for one in PICTURES for group in one.view.groups]
    assert {group.thing for group in groups} == set(SPRITES)
    assert {group.colour for group in groups} == set(COLOURS)
    assert {group.number for group in groups} == {1, 2, 3}
    assert {len(one.view.groups) for one in PICTURES} == {1, 2}
    assert {(one.view.night, one.view.bridge) for one in PICTURES} == {
        (a, b) for a in (False, True) for b in (False, True)
    }


def test_every_group_looks_different():
    views = [
        tasks.View((tasks.Group(thing, colour, number, side),), night, bridge)
        for thing in SPRITES
        for colour in COLOURS
        for number in (1, 2, 3)
        for side in ("left", "right")
        for night, bridge in ((False, True), (True, False))
    ]
    assert len({draw(view).tobytes() for view in views}) == len(views)


def test_what_is_no_view_is_refused():
    with pytest.raises(ValueError, match="no view of the town"):
        tasks.read(np.zeros((3, 24, 24), np.uint8))


def test_the_same_seed_makes_the_same_pictures():
    again, other = tasks.pictures(50, seed=0), tasks.pictures(50, seed=1)
    assert again == PICTURES[:50] != other
    assert all((a.pixels == b.pixels).all() for a, b in zip(again, PICTURES, strict=False))


def test_every_word_is_known():
    known = set(tasks.vocabulary())
    assert all(known >= set(one.caption) for one in PICTURES)
