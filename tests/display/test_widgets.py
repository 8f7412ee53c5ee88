import base64

import ipywidgets
import pytest

from course_lib.display import plots
from course_lib.display.widgets import explore, png

VIEW = "application/vnd.jupyter.widget-view+json"


def draw(n, k=0.5, kind="line", shown=True):
    return plots.bars({kind: n * k * shown, "one": 1.0}, "value")


def test_moving_a_slider_redraws_the_figure():
    explorer = explore(draw, n=(1, 5))
    before = explorer.image.value
    explorer.sliders["n"].value = 5
    assert explorer.figure.axes[0].patches[0].get_width() == 2.5
    assert explorer.image.value == png(draw(5)) != before
    explorer.sliders["n"].value = 3
    assert explorer.image.value == before == png(draw(3))


def test_each_kind_of_setting_has_its_widget_and_starts_at_the_default():
    explorer = explore(draw, n=(1, 5), k=(0.0, 1.0, 0.1), kind=["dot", "line"], shown=True)
    assert [type(s) for s in explorer.sliders.values()] == [
        ipywidgets.IntSlider,
        ipywidgets.FloatSlider,
        ipywidgets.Dropdown,
        ipywidgets.Checkbox,
    ]
    assert explorer.settings() == {"n": 3, "k": 0.5, "kind": "line", "shown": True}
    assert [s.description for s in explorer.sliders.values()] == ["n", "k", "kind", "shown"]
    assert explorer.children == (*explorer.sliders.values(), explorer.image)
    assert not explorer.sliders["n"].continuous_update


def test_a_widget_of_ones_own_is_taken_as_it_is():
    slider = ipywidgets.IntSlider(value=2, min=0, max=9, description="order")
    explorer = explore(draw, n=slider)
    assert explorer.sliders["n"] is slider
    assert slider.description == "order"
    assert explorer.settings() == {"n": 2}


def test_it_carries_a_picture_for_pages_without_a_kernel():
    explorer = explore(draw, n=(1, 5))
    explorer.sliders["n"].value = 4
    bundle = explorer._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == explorer.model_id
    assert base64.b64decode(bundle["image/png"]) == png(draw(4))
    assert bundle["text/plain"] == "n = 4"


def test_a_static_run_leaves_the_picture_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    assert set(explore(draw, n=(1, 5))._repr_mimebundle_()) == {"image/png", "text/plain"}


def test_a_setting_that_means_nothing_is_refused():
    with pytest.raises(ValueError, match="n=<object"):
        explore(draw, n=object())
