"""The page of `course demo`: a tab for each task, a box to type, a button, and the answer below.

NiceGUI serves everything the page needs, fonts and scripts, from this machine.
"""

import base64

from nicegui import run, ui

from course_lib.cli.demo_tasks import TASKS, DemoTask, Shown
from course_lib.errors import CourseError
from course_lib.i18n import _


def build() -> None:
    """The whole page; called anew for each visitor."""
    ui.colors(primary="#0072B2")
    with ui.column().classes("w-full max-w-4xl mx-auto"):
        ui.label(_("The trained models of the course")).classes("text-2xl")
        ui.label(_("Everything runs on this machine; nothing that you type leaves it."))
        with ui.tabs() as tabs:
            for task in TASKS:
                ui.tab(task.name).mark(task.name)
        with ui.tab_panels(tabs, value=TASKS[0].name).classes("w-full"):
            for task in TASKS:
                with ui.tab_panel(task.name):
                    Panel(task)


class Panel:
    """One tab: what the task does, a box, a button, and its answer."""

    def __init__(self, task: DemoTask) -> None:
        self.task = task
        ui.label(task.summary)
        self.box = ui.textarea(value=task.text).props("outlined autogrow").classes("w-full")
        self.box.props(f'aria-label="{task.name}"')
        with ui.row().classes("items-center"):
            self.button = ui.button(task.name, on_click=self.answer)
            self.spinner = ui.spinner(size="lg")
        self.problem = ui.label().classes("text-red-700").props('role="alert"')
        self.text = ui.label().classes("text-xl whitespace-pre-wrap").props('role="status"')
        self.markup = ui.html("", sanitize=False).classes("text-xl")
        self.note = ui.label().classes("text-gray-600")
        self.picture = ui.image().classes("w-full").props("no-spinner")
        self.show(Shown(""))
        self.spinner.visible = False

    async def answer(self) -> None:
        """Ask the model, in a thread of its own, so that the page stays alive."""
        self.button.disable()
        self.spinner.visible = True
        self.problem.text = ""
        try:
            self.show(await run.io_bound(self.task.run, self.box.value or ""))
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
        self.picture.visible = found.picture is not None
        if found.picture is not None:
            encoded = base64.b64encode(found.picture).decode("ascii")
            self.picture.source = f"data:image/png;base64,{encoded}"
