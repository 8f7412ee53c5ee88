"""A bench for prompts: choose a task, a wording and some shots, type a text, and see the answer."""

import base64
import html
import os
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import ipywidgets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.display.style import BLUE, GREY, VERMILION, figure_of, panels
from course_lib.display.widgets import png
from course_lib.errors import CourseError
from course_lib.i18n import _

N_ANSWERS = 8  # shown as bars
LINE, N_LINES = 52, 14  # of a prompt that fit beside the bars


class Reply(NamedTuple):
    """What came of a prompt: the prompt itself, p(answer) of each choice, and what was written."""

    prompt: str
    scores: Mapping[str, float]
    written: str


@dataclass(frozen=True)
class BenchTask:
    """What can be chosen for a task: its wordings, the most shots, and a text to begin with."""

    wordings: Sequence[str]
    n_shots: int
    text: str


Ask = Callable[[str, str, int, str], Reply]


def reply_figure(reply: Reply) -> Figure:
    """The choices as bars, the likeliest on top, beside the prompt and what the model wrote.

    Of a long prompt only its end is shown, where the question stands. Without choices there are no
    bars.
    """
    if not reply.scores:
        (page,) = panels(1, height=3.4)
        _page(page, reply, 2 * LINE)
        return figure_of(page)
    bars, page = panels(2, height=3.4)
    _bars(bars, reply.scores)
    _page(page, reply, LINE)
    return figure_of(bars)


def _bars(ax: Axes, scores: Mapping[str, float]) -> None:
    best = sorted(scores, key=lambda answer: -scores[answer])[:N_ANSWERS]
    for row, answer in enumerate(best):
        ax.barh(row, scores[answer], color=BLUE if row else VERMILION, alpha=0.45)
        beside = f"{answer}  {scores[answer]:.2f}"
        ax.text(0.02, row, beside, va="center", fontsize=9, parse_math=False)
    ax.set(xlim=(0, 1), ylim=(max(3, len(best)) - 0.5, -0.5), yticks=[])
    ax.set_xlabel(_("probability among the choices"))
    ax.set_title(_("answers compared"), fontsize=10, color=GREY)


def _page(ax: Axes, reply: Reply, line: int) -> None:
    """The end of the prompt, and below it the answer that was written."""
    lines = [part for row in reply.prompt.splitlines() for part in textwrap.wrap(row, line) or [""]]
    if len(lines) > N_LINES:
        lines = ["…", *lines[1 - N_LINES :]]
    ax.axis("off")
    ax.set_title(_("the prompt, and what the model writes"), fontsize=10, color=GREY)
    written = textwrap.fill(reply.written, line - 2, initial_indent="→ ", subsequent_indent="  ")
    note = ax.annotate(
        "\n".join(lines), (0, 1), xycoords="axes fraction", va="top", fontsize=8, parse_math=False
    )
    ax.annotate(
        written,
        (0, 0),
        xycoords=note,
        xytext=(0, -6),
        textcoords="offset points",
        va="top",
        fontsize=9,
        color=VERMILION,
        parse_math=False,
    )


class PromptBench(ipywidgets.VBox):
    """Task, wording, number of shots and a text to type; below them what the model answers.

    A notebook with a running kernel follows every choice, and the text when the box is left;
    everything else that shows notebooks, and every program if COURSE_STATIC is 1, has a picture of
    the bench as it stood when the cell ran.

    Args:
        ask: (task, wording, number of shots, text) -> `Reply`; a CourseError that it raises is
            shown to the reader, and the picture stays.
        tasks: name -> what can be chosen for it. The first is shown at first.

    Attributes: task, wording, shots, box: set their `value` to do by program what a hand would do.
    message: what is wrong, if anything. figure: the picture as it stands. Raises ValueError if
    there are no tasks.
    """

    def __init__(self, ask: Ask, tasks: Mapping[str, BenchTask]) -> None:
        if not tasks:
            raise ValueError("there are no tasks to choose from")
        self.ask, self.tasks = ask, tasks
        wide = ipywidgets.Layout(width="95%")
        self.task = ipywidgets.Dropdown(options=list(tasks), description=_("task"))
        self.wording = ipywidgets.Dropdown(description=_("wording"), layout=wide)
        self.shots = ipywidgets.IntSlider(description=_("shots"), continuous_update=False)
        self.box = ipywidgets.Textarea(rows=3, layout=wide, continuous_update=False)
        self.message, self.image = ipywidgets.HTML(), ipywidgets.Image(format="png")
        parts = [self.task, self.wording, self.shots, self.box, self.message, self.image]
        super().__init__(parts)
        self.figure = Figure()
        self._busy = False
        self.task.observe(self._choose, names="value")
        for part in (self.wording, self.shots, self.box):
            part.observe(self._show, names="value")
        self._choose()

    def _choose(self, _change: Any = None) -> None:
        """Another task: its own wordings, shots and text; then one answer, not three."""
        task = self.tasks[self.task.value]
        self._busy = True
        self.wording.options = list(task.wordings)
        self.wording.value = task.wordings[0]
        self.shots.max = task.n_shots
        self.box.value = task.text
        self._busy = False
        self._show()

    def _show(self, _change: Any = None) -> None:
        if self._busy:
            return
        try:
            reply = self.ask(self.task.value, self.wording.value, self.shots.value, self.box.value)
            self.figure, notes = reply_figure(reply), ""
            self.image.value = png(self.figure)
        except CourseError as error:  # a prompt too long, an empty text
            notes = str(error)
        self.message.value = html.escape(notes)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """What Jupyter asks for: the same thing in several forms, of which it shows the best."""
        live = {} if os.environ.get("COURSE_STATIC") == "1" else super()._repr_mimebundle_(**kwargs)
        picture = base64.b64encode(png(self.figure)).decode("ascii")
        text = f"{self.task.value}, {self.shots.value}: {self.box.value}"
        return {**live, "image/png": picture, "text/plain": text}
