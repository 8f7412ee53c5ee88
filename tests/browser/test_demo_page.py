"""The page of `course demo` in a real browser: every button, good and bad input, no network."""

import re

import pytest
from playwright.sync_api import Page, expect

from course_lib.cli.demo_tasks import TASKS

ANSWERS = {  # what must be in the answer to the text that stands in the box at first
    "Translate": "岸",
    "Summarise": "Nina",
    "Classify": "river",
    "Tag": "PERSON",
    "Answer": "",
    "Prompt": "River",
}


def opened(page: Page, url: str, name: str) -> None:
    """The page with this tab in front."""
    page.goto(url)
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()


def asked(page: Page, name: str, text: str | None = None) -> None:
    """Type the text, if there is any, and press the button."""
    if text is not None:
        page.get_by_role("textbox", name=name).fill(text)
    page.get_by_role("button", name=name, exact=True).click()


def test_every_tab_has_an_answer_that_is_awaited_here():
    assert set(ANSWERS) == {task.name for task in TASKS}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_button_brings_its_answer(page: Page, demo_url: str, name: str):
    opened(page, demo_url, name)
    answer = page.locator(".answer")
    expect(answer).to_have_text("")
    asked(page, name)
    expect(answer).to_have_text(re.compile(rf"{ANSWERS[name]}[\s\S]*\S"))
    expect(page.get_by_role("alert")).to_have_text("")
    expect(page.get_by_role("button", name=name, exact=True)).to_be_enabled()
    expect(page.locator(".picture img")).to_have_count(int(name == "Translate"))
    assert page.hosts == {demo_url.removeprefix("http://")}  # nobody else was asked for anything


def test_another_text_another_answer(page: Page, demo_url: str):
    opened(page, demo_url, "Translate")
    for text, expected in {"Nina walked to the river.": "川", "川に行きました。": "river"}.items():
        asked(page, "Translate", text)
        expect(page.locator(".answer")).to_contain_text(expected)
    asked(page, "Translate", "🌊 Zanzibar swam.")
    expect(page.locator(".note")).to_contain_text("does not know: 🌊, zanzibar")


@pytest.mark.parametrize("name", ANSWERS)
def test_wrong_input_is_one_clear_line_and_the_page_goes_on(page: Page, demo_url: str, name: str):
    opened(page, demo_url, name)
    asked(page, name, "  ")
    expect(page.get_by_role("alert")).to_have_text("type a text first")
    expect(page.locator(".answer")).to_have_text("")
    asked(page, name, "Nina walked to the river.")
    expect(page.locator(".answer")).not_to_have_text("")
    expect(page.get_by_role("alert")).to_have_text("")


def test_a_language_that_is_not_read_and_a_text_without_end(page: Page, demo_url: str):
    opened(page, demo_url, "Classify")
    asked(page, "Classify", "川に行きました。")
    expect(page.get_by_role("alert")).to_contain_text("reads English only")
    asked(page, "Classify", "river " * 5000)
    expect(page.get_by_role("alert")).to_contain_text("letters are too many")
    opened(page, demo_url, "Answer")
    page.get_by_role("textbox", name="question").fill("")
    asked(page, "Answer")
    expect(page.get_by_role("alert")).to_have_text("type a question, too")
    opened(page, demo_url, "Prompt")
    page.get_by_role("textbox", name="answers to choose from").fill("river, dragons")
    asked(page, "Prompt")
    expect(page.get_by_role("alert")).to_contain_text("cannot write the answer 'dragons'")
    opened(page, demo_url, "Summarise")
    asked(page, "Summarise", "川に行きました。")
    expect(page.get_by_role("alert")).to_contain_text("first `course translate --to en`")
