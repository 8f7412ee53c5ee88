import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_lib.display import maps, plots, style, tables
from course_lib.display.widgets import png
from course_lib.evaluation.ladder import Rung
from course_lib.evaluation.metrics import Estimate

BITS = {"unigram": 6.61, "bigram": 3.74, "GPT": 1.97}
RUNGS = [Rung(name, bits, 0.1) for name, bits in (BITS | {"floor": 1.9}).items()]


@pytest.fixture(autouse=True)
def look():
    with mpl.rc_context():
        style.use_style()
        yield


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_bars_show_the_values_in_the_order_given():
    (ax,) = plots.bars(BITS, "bits", highlight=["GPT"], decimals=1).axes
    assert [bar.get_width() for bar in ax.patches] == list(BITS.values())
    assert [label.get_text() for label in ax.get_yticklabels()] == list(BITS)
    assert texts(ax) == ["6.6", "3.7", "2.0"]
    assert ax.yaxis_inverted()  # the first on top
    assert [to_hex(bar.get_facecolor()).upper() for bar in ax.patches] == [
        style.BLUE,
        style.BLUE,
        style.VERMILION,
    ]


def test_whiskers_are_as_long_as_the_errors():
    (ax,) = plots.bars(BITS, "bits", errors={"unigram": 0.5, "GPT": 0.25}).axes
    (whiskers,) = ax.collections
    lengths = [segment[1][0] - segment[0][0] for segment in whiskers.get_segments()]
    assert lengths == pytest.approx([1.0, 0.0, 0.5])
    assert not plots.bars(BITS, "bits").axes[0].collections


def test_the_ladder_has_its_floor():
    (ax,) = plots.ladder(RUNGS, newest="GPT").axes
    (line,) = ax.lines
    assert list(line.get_xdata()) == [1.9, 1.9]
    assert [bar.get_width() for bar in ax.patches] == list(BITS.values())
    assert to_hex(ax.patches[-1].get_facecolor()).upper() == style.VERMILION
    assert any("1.90" in text for text in texts(ax))


def test_curves_count_from_zero_or_take_their_own_x():
    (ax,) = plots.curves({"a": [3, 2, 1], "b": ([10, 20], [5, 6])}, "x", "y", log_x=True).axes
    a, b = ax.lines
    assert a.get_xydata().tolist() == [[0, 3], [1, 2], [2, 1]]
    assert b.get_xydata().tolist() == [[10, 5], [20, 6]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")


def test_many_curves_are_told_apart_without_colour_names_running_out():
    (ax,) = plots.curves({str(n): [n, n] for n in range(20)}, "x", "y").axes
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 20


def test_a_reference_line_stands_where_it_should():
    ax = style.canvas()
    plots.reference_line(ax, 0.5, "chance")
    assert list(ax.lines[0].get_ydata()) == [0.5, 0.5]
    assert texts(ax) == ["chance"]


def test_a_matrix_writes_each_value_in_its_cell_and_darker_is_more():
    table = np.array([[0.0, 1.0, np.nan], [0.25, 0.5, 0.75]])
    (ax,) = tables.matrix(table, ["r", "s"], ["a", "b", "c"], decimals=1).axes
    cells = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in ax.texts}
    assert cells == {
        (0, 0): "0.0",
        (0, 1): "1.0",
        (0, 2): "–",
        (1, 0): "0.2",
        (1, 1): "0.5",
        (1, 2): "0.8",
    }
    image = ax.images[0]
    brightness = [sum(image.cmap(image.norm(value))[:3]) for value in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert brightness == sorted(brightness, reverse=True)
    assert not tables.matrix(table, "rs", "abc", decimals=None).axes[0].texts


def test_every_number_in_a_matrix_can_be_read_on_its_cell():
    """Contrast of at least 3 : 1 between the digits and the cell, as WCAG 2.1 counts it."""
    (ax,) = tables.matrix(np.linspace(0, 1, 40).reshape(4, 10), "abcd", "0123456789").axes
    image = ax.images[0]
    for text, value in zip(ax.texts, np.linspace(0, 1, 40), strict=True):
        inks = [luminance(text.get_color()), luminance(image.cmap(image.norm(value)))]
        assert (max(inks) + 0.05) / (min(inks) + 0.05) >= 3


def luminance(colour) -> float:
    """Relative luminance, from 0 (black) to 1 (white). Source: WCAG 2.1."""
    rgb = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_phenomena_put_models_in_columns_and_mark_what_was_not_asked():
    sure, likely, fair = Estimate(1.0, 0.0), Estimate(0.9, 0.1), Estimate(0.8, 0.1)
    scores = {"agreement": {"bigram": sure, "GPT": likely}, "names": {"GPT": fair}}
    (ax,) = tables.phenomena(scores).axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["bigram", "GPT"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["agreement", "names"]
    assert texts(ax) == ["1.00", "0.90", "–", "0.80"]
    assert ax.images[0].get_clim() == (0.5, 1.0)


def test_a_word_map_has_every_word_at_its_point_and_one_colour_per_group():
    points = [[0.0, 0.0], [1.0, 1.0], [0.5, 2.0]]
    (ax,) = maps.word_map(points, ["bank", "river", "loan"], ["x", "y", "x"]).axes
    assert {t.get_text(): t.xy for t in ax.texts} == {
        "bank": pytest.approx((0, 0)),
        "river": pytest.approx((1, 1)),
        "loan": pytest.approx((0.5, 2)),
    }
    assert [len(dots.get_offsets()) for dots in ax.collections] == [2, 1]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["x", "y"]


def test_words_do_not_cover_each_other_while_there_is_room():
    points = np.random.default_rng(0).normal(size=(25, 2))
    figure = maps.word_map(points, [f"word{n}" for n in range(25)])
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) == 25
    assert sum(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i]) == 0


@pytest.mark.parametrize(
    "draw",
    [
        lambda: tables.matrix([[1, 2]], ["a"], ["b"]),
        lambda: maps.word_map([[0, 0]], ["a", "b"]),
        lambda: maps.word_map([0, 0], ["a", "b"]),
    ],
)
def test_shapes_that_do_not_fit_are_refused(draw):
    with pytest.raises(ValueError, match="for"):
        draw()


def test_a_figure_is_the_same_to_the_byte_every_time():
    points = np.random.default_rng(1).normal(size=(9, 2))
    for draw in (
        lambda: plots.ladder(RUNGS),
        lambda: tables.phenomena({"a": {"x": Estimate(0.5, 0.1)}}),
        lambda: maps.word_map(points, list("abcdefghi")),
    ):
        assert png(draw()) == png(draw())


def test_japanese_is_drawn_without_a_missing_glyph(recwarn: pytest.WarningsRecorder):
    png(plots.bars({"岸まで泳いだ。銀行ヘ行った": 1.0, "Kneser–Ney": 2.0}, "確率"))
    assert not recwarn.list
    with pytest.warns(match="missing from font"):  # what the line above looks for
        png(plots.bars({"नमस्ते": 1.0}, ""))


def test_panels_are_parts_of_one_figure():
    left, right = style.panels(2)
    figure = plots.bars(BITS, "bits", ax=right)
    assert figure is plots.curves({"a": [1, 2]}, "x", "y", ax=left)
    assert len(figure.axes) == 2
    assert not left.patches
    assert len(right.patches) == 3


def test_nothing_is_left_open_behind_a_figure():
    import matplotlib.pyplot as plt

    plots.ladder(RUNGS)
    assert plt.get_fignums() == []
