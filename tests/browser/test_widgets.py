"""The lectures' widgets in JupyterLab, in a real browser: all cells run, and a hand moves them."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from .trimmed import bound_names, read_names, trimmed

# What a widget shows at the moment: its texts, and the bytes of its pictures.
SHOWN = """async () => {
  const areas = [...document.querySelectorAll('.jp-OutputArea-output .jupyter-widgets')];
  const pictures = areas.flatMap(area => [...area.querySelectorAll('img')]);
  const bytes = await Promise.all(pictures.map(async picture => {
    const content = await fetch(picture.src).then(answer => answer.arrayBuffer());
    return new Uint8Array(content).reduce((sum, byte) => (31 * sum + byte) >>> 0, 7);
  }));
  return JSON.stringify([areas.map(area => area.innerText), bytes]);
}"""
SECONDS = 300
BOX = ".jupyter-widgets"
CHANGED = f"async before => (await ({SHOWN})()) !== before"
# The kernel has nothing left to do, pictures are there, and nothing has moved since the last look.
READY = f"""async () => {{
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const pictures = [...document.querySelectorAll('.jp-OutputArea-output .jupyter-widgets img')];
  const drawn = pictures.every(picture => picture.complete && picture.naturalWidth > 0);
  const text = document.querySelector('.jp-OutputArea-output .jupyter-widgets')?.innerText;
  const now = await ({SHOWN})();
  const still = now === window.lastShown;
  window.lastShown = now;
  return kernel.status === 'idle' && drawn && (pictures.length > 0 || text) && still;
}}"""


def move_slider(page: Page, key: str = "ArrowLeft") -> None:
    """One step down, by key."""
    page.locator(".jupyter-widgets .noUi-handle").first.focus()
    page.keyboard.press(key)


def move_slider_up(page: Page) -> None:
    """One step up."""
    move_slider(page, "ArrowRight")


def type_text(text: str) -> Callable[[Page], None]:
    """Into the widget's box; then leave it."""

    def type_it(page: Page) -> None:
        page.locator(".jupyter-widgets textarea, .jupyter-widgets input[type=text]").first.fill(
            text
        )
        page.keyboard.press("Tab")

    return type_it


def press(name: str) -> Callable[[Page], None]:
    """A button of the widget."""
    return lambda page: page.locator(".jupyter-widgets button", has_text=name).first.click()


def choose_last(page: Page) -> None:
    """The last line of the first list to choose from."""
    choice = page.locator(".jupyter-widgets select").first
    choice.select_option(index=choice.locator("option").count() - 1)


WIDGETS = {
    "04_tokenization": ("TokenWidget", [type_text("岸 river"), choose_last]),
    "05_rnn": ("show_memory", [move_slider]),
    "11_bert": ("HoleWidget", [type_text("Nina ___ to the beach.")]),
    "13_translation": (
        "TranslatorWidget",
        [type_text("Nina walked to the beach."), press("headline"), choose_last],
    ),
    "14_prompting": (
        "riverbank_bench(",
        [move_slider_up, type_text("The soup was awful."), choose_last],
    ),
}


@pytest.mark.parametrize("lecture", WIDGETS)
def test_a_widget_follows_the_hand(page: Page, lab_url: str, lab_folder: Path, lecture: str):
    marker, hands = WIDGETS[lecture]
    trimmed(lecture, marker, lab_folder / f"{lecture}.ipynb")
    moved_by(hands, page, f"{lab_url}/lab/tree/{lecture}.ipynb?reset")


def moved_by(hands: list[Callable[[Page], None]], page: Page, url: str) -> None:
    """Run a notebook; whatever a hand does then changes what its widget shows."""
    run_all(page, url)
    for hand in hands:
        wait_until(page, READY)
        before = page.evaluate(SHOWN)
        hand(page)
        wait_until(page, CHANGED, before)
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0


def wait_until(page: Page, asynchronous: str, arg: str = "") -> None:
    """Until the script's promise brings true; `wait_for_function` takes any promise for a yes."""
    deadline = time.monotonic() + SECONDS
    while not page.evaluate(asynchronous, arg):
        assert time.monotonic() < deadline, "nothing has changed"
        page.wait_for_timeout(250)


def run_all(page: Page, url: str) -> None:
    """Open a notebook and run its cells, as soon as the kernel listens."""
    with page.expect_websocket(lambda socket: "/channels" in socket.url) as listening:
        page.goto(url)
    listening.value.wait_for_event("framereceived")
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    prompts = page.locator(".jp-CodeCell .jp-InputArea-prompt")
    for prompt in prompts.all():
        expect(prompt).to_have_text(re.compile(r"^\[\d+\]:$"))


def test_a_cell_is_kept_if_a_later_one_needs_it(tmp_path: Path):
    cell = "import a.b as c\nx: int = 1\ndef f(p):\n    y = x\n    return p + q\n"
    assert bound_names(cell) == {"c", "x", "f"}
    assert read_names(cell) == {"q"}
    assert read_names("print(f(x), [z for z in w], lambda v: v + u)") == {"f", "x", "w", "u"}
    trimmed("05_rnn", "show_memory", tmp_path / "a.ipynb")
    kept = nbformat.read(tmp_path / "a.ipynb", as_version=4).cells
    assert "show_memory" in kept[-1].source
    assert 2 <= len(kept) <= 6
    assert not any(cell.outputs for cell in kept)
