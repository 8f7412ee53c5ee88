import itertools

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex

from course_lib.display.passages import EDGE, LINE, passages
from course_lib.display.style import ORANGE, WIDTH, use_style

STORY = ["nina", "swam", "across", "the", "river", "to", "get", "to", "the", "other", "bank", "."]


@pytest.fixture(autouse=True)
def look():
    with mpl.rc_context():
        use_style()
        yield


def drawn(figure) -> list:
    """The artists of all names and words, in the order in which they were written."""
    return list(figure.axes[0].texts)


def boxes(figure, skip=1) -> list:
    """Where the words are, in inches."""
    figure.draw_without_rendering()
    extents = [artist.get_window_extent() for artist in drawn(figure)[skip:]]
    return [extent.transformed(figure.dpi_scale_trans.inverted()) for extent in extents]


def test_every_word_stands_there_under_its_name():
    figure = passages({"one": STORY, "two": STORY[:3]})
    assert [a.get_text() for a in drawn(figure)] == ["one", *STORY, "two", *STORY[:3]]


def test_words_stay_on_the_page_and_do_not_touch():
    figure = passages({"long": STORY * 9})
    places = boxes(figure)
    assert all(p.x0 > EDGE * 0.9 and p.x1 <= WIDTH for p in places)
    assert all(p.y0 >= 0 and p.y1 <= figure.get_figheight() for p in places)
    rows = [round(p.y0 / LINE) for p in places]
    assert len(set(rows)) > 3  # it took several lines
    assert rows == sorted(rows, reverse=True)  # from the top downwards
    for left, right in itertools.pairwise(places):
        assert right.x0 > left.x1 or right.x0 < left.x0


def test_the_next_passage_begins_below_the_last():
    figure = passages({"one": STORY * 5, "two": STORY})
    places = boxes(figure, skip=0)
    first_of_two = len(STORY) * 5 + 1
    assert max(p.y1 for p in places[first_of_two:]) < min(p.y0 for p in places[1:first_of_two])


def test_darker_means_more():
    values = [0.0, 3.0, 6.0] + [1.0] * (len(STORY) - 3)
    artists = drawn(passages({"s": STORY}, {"s": values}, label="bits"))[1:]
    colours = [artist.get_bbox_patch().get_facecolor() for artist in artists]
    assert to_hex(colours[0]) == "#ffffff"
    assert to_hex(colours[2]).upper() == ORANGE
    blue = [colour[2] for colour in colours]  # orange on white: the darker, the less blue
    assert blue[0] > blue[3] > blue[1] > blue[2]


def test_high_fixes_the_scale_and_the_bar_says_what_it_is():
    figure = passages({"s": ["a", "b"]}, {"s": [1.0, 2.0]}, label="bits", high=4.0)
    assert figure.axes[1].get_xlim() == (0.0, 4.0)
    assert "bits" in [text.get_text() for text in figure.texts]
    assert len(passages({"s": ["a"]}).axes) == 1  # no values, no bar


def test_characters_stand_close():
    def width(sep):
        places = boxes(passages({"日本語": list("川を泳いだ")}, sep=sep))
        return places[-1].x1 - places[0].x0

    assert width("") < width(" ") - 4 * 0.03


def test_words_and_values_must_match():
    with pytest.raises(ValueError, match="s: 1 values for 2 words"):
        passages({"s": ["a", "b"]}, {"s": [1.0]})


def test_empty_passage():
    assert [a.get_text() for a in drawn(passages({"nothing": []}))] == ["nothing"]
