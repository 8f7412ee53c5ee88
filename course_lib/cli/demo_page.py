"""The page of `course demo`: a tab for each task, a box to type, a button, and the answer below.

NiceGUI serves everything the page needs, fonts and scripts, from this machine.
"""

import base64
from pathlib import Path

import matplotlib_fontja
from nicegui import app, run, ui

from course_lib.cli.demo_tasks import TASKS, DemoTask, Shown
from course_lib.errors import CourseError
from course_lib.i18n import _

# Japanese also where the browser's machine has no font for it; fetched only if a letter needs it.
app.add_static_files("/fonts", Path(matplotlib_fontja.__file__).parent / "fonts")
FONT = """
@font-face { font-family: Japanese; src: url(/fonts/ipaexg.ttf); unicode-range: U+3000-9FFF; }
body { font-family: Roboto, Japanese, sans-serif; }
"""


def build() -> None:
    """The whole page; called anew for each visitor."""
    ui.colors(primary="#0072B2")
    ui.add_css(FONT)
    with ui.column().classes("w-full max-w-4xl mx-auto"):
        ui.label(_("The trained models of the course")).classes("text-2xl")
        ui.label(_("Everything runs on this machine; nothing that you type leaves it."))
        with ui.tabs() as tabs:
            for task in TASKS:
                ui.tab(task.name).mark(task.name)
        with ui.tab_panels(tabs, value=TASKS[0].name, animated=False).classes("w-full"):
            for task in TASKS:
                with ui.tab_panel(task.name):
                    Panel(task)


class Panel:
    """One tab: what the task does, a box, a button, and its answer."""

    def __init__(self, task: DemoTask) -> None:
        self.task = task
        ui.label(task.summary)
        box = ui.textarea(value=task.text).props("outlined autogrow").classes("w-full")
        self.boxes: list[ui.textarea | ui.input] = [box.props(f'aria-label="{task.name}"')]
        if task.second_label:
            second = ui.input(task.second_label, value=task.second).props("outlined")
            self.boxes.append(second.classes("w-full"))
        with ui.row().classes("items-center"):
            self.button = ui.button(task.name, on_click=self.answer)
            self.spinner = ui.spinner(size="lg")
        self.problem = ui.label().classes("text-red-700").props('role="alert"')
        with ui.element("div").classes("answer text-xl").props('role="status"'):
            self.text = ui.label().classes("whitespace-pre-wrap break-words")
            self.markup = ui.html("", sanitize=False)
        self.note = ui.label().classes("note text-gray-600")
        self.picture = ui.html("", sanitize=False).classes("picture")
        self.show(Shown(""))
        self.spinner.visible = False

    async def answer(self) -> None:
        """Ask the model, in a thread of its own, so that the page stays alive."""
        self.button.disable()
        self.spinner.visible = True
        self.problem.text = ""
        try:
            found = await run.io_bound(self.task.run, *(box.value or "" for box in self.boxes))
            if found is not None:  # which it is if the page ends meanwhile
                self.show(found)
        except (CourseError, ValueError) as error:
            self.show(Shown(""))
            self.problem.text = str(error)
        finally:
            self.spinner.visible = False
            self.button.enable()

    def show(self, found: Shown) -> None:
        """Put an answer onto the page; an empty one takes the last away."""
        self.text.text, self.note.text = found.text, found.note
        self.markup.content = found.markup.html if found.markup else ""
        self.picture.content = ""
        if found.picture is not None:
            encoded = base64.b64encode(found.picture).decode("ascii")
            source = f"data:image/png;base64,{encoded}"
            self.picture.content = f'<img src="{source}" alt="{_("where each word looked")}">'
