"""A hand on a slider: one figure that is drawn again whenever a setting changes."""

import base64
import inspect
import io
import os
from collections.abc import Callable
from typing import Any

import ipywidgets
from matplotlib.figure import Figure


class Explorer(ipywidgets.VBox):
    """Sliders above a figure. Make it with `explore`.

    A notebook with a running kernel shows the sliders; everything else that shows notebooks (a web
    page, a printer) shows the figure as it stood when the cell ran. So does every program if
    COURSE_STATIC is 1, as `course run` sets it: a saved slider without a kernel moves nothing.

    Attributes:
        sliders: name -> widget; set its `value` to do by program what a hand would do.
        figure: the figure as it stands.
    """

    def __init__(
        self, draw: Callable[..., Figure], sliders: dict[str, ipywidgets.ValueWidget]
    ) -> None:
        self.draw, self.sliders = draw, sliders
        self.image = ipywidgets.Image(format="png")
        super().__init__([*sliders.values(), self.image])
        for slider in sliders.values():
            slider.observe(self._redraw, names="value")
        self._redraw()

    def _redraw(self, _change: Any = None) -> None:
        self.figure = self.draw(**self.settings())
        self.image.value = png(self.figure)

    def settings(self) -> dict[str, Any]:
        """Name -> present value of each slider."""
        return {name: slider.value for name, slider in self.sliders.items()}

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """What Jupyter asks for: the same thing in several forms, of which it shows the best."""
        live = {} if os.environ.get("COURSE_STATIC") == "1" else super()._repr_mimebundle_(**kwargs)
        settings = ", ".join(f"{name} = {value}" for name, value in self.settings().items())
        picture = base64.b64encode(self.image.value).decode("ascii")
        return {**live, "image/png": picture, "text/plain": settings}


def explore(draw: Callable[..., Figure], **sliders: Any) -> Explorer:
    """Draw a figure, and draw it again whenever one of its settings is changed.

    Args:
        draw: settings, by name -> Figure. A default value is where its slider starts.
        sliders: for each setting (low, high) or (low, high, step), a list of choices, True or
            False, or an ipywidgets widget.

    Example: explore(show_smoothing, k=(0.0, 1.0, 0.05), order=[1, 2, 3])
    """
    parameters = inspect.signature(draw).parameters
    made = {}
    for name, setting in sliders.items():
        default = parameters[name].default if name in parameters else inspect.Parameter.empty
        made[name] = _slider(name, setting, default)
    return Explorer(draw, made)


def _slider(name: str, setting: Any, default: Any) -> ipywidgets.ValueWidget:
    if isinstance(setting, ipywidgets.Widget):
        return setting
    widget = ipywidgets.interactive.widget_from_abbrev(setting, default)
    if widget is None:
        raise ValueError(f"{name}={setting!r} is no range, list of choices, or widget")
    widget.description = name
    if hasattr(widget, "continuous_update"):
        widget.continuous_update = False  # a slow figure is drawn once, when the hand lets go
    return widget


def png(figure: Figure) -> bytes:
    """The figure as the bytes of a PNG file; the same figure gives the same bytes."""
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight")
    return file.getvalue()
