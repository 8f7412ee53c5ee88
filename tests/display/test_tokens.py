import base64
import itertools

import ipywidgets
import pytest

from course_lib.display.style import WIDTH
from course_lib.display.token_widget import TokenWidget
from course_lib.display.tokens import lay_out, shown, token_rows
from course_lib.display.widgets import png
from course_lib.text.byte_bpe import ByteBPETokenizer
from course_lib.text.word_tokenizer import CharacterTokenizer, WordTokenizer

VIEW = "application/vnd.jupyter.widget-view+json"
TOKENIZERS = {
    "words": WordTokenizer(["the", " bank"]),
    "characters": CharacterTokenizer("abkn< "),
    "bytes": ByteBPETokenizer([("b", "a")]),
}


def texts_of(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_every_token_is_written_once_with_its_notes():
    figure = token_rows({"a": ["the", " bank"], "b": ["\n", "岸"]}, {"a": [["7", "x"], ["8", "y"]]})
    assert texts_of(figure) == ["a · 2", "the", "7", "x", "␣bank", "8", "y", "b · 2", "⏎", "岸"]
    assert len(figure.axes[0].patches) == 4
    with pytest.raises(ValueError):
        token_rows({"a": ["the", "bank"]}, {"a": [["7"]]})


def test_long_rows_go_on_in_the_next_line_inside_the_figure():
    row = [(f"token{i}", ["12345"] * (i % 2)) for i in range(40)]
    places = list(lay_out(row))
    assert [line for *_x, line in places] == sorted(line for *_x, line in places)
    assert places[-1][2] > 1
    assert all(x > 0 and x + wide < WIDTH for x, wide, _line in places)
    for (x, wide, line), (following, _wide, next_line) in itertools.pairwise(places):
        assert next_line > line or following > x + wide
    tall, flat = token_rows({"a": [t for t, _ in row]}), token_rows({"a": ["token"]})
    assert tall.get_figheight() > flat.get_figheight() + 0.4


@pytest.mark.filterwarnings("error")  # of characters that no font has
def test_what_cannot_be_drawn_is_shown_by_its_code():
    assert shown(" a\n") == "␣a⏎"
    assert shown("\x00🏦岸") == "U+0000U+1F3E6岸"
    assert shown("a\u0301\u200b") == "a\u0301U+200B"
    figure = token_rows({"strange": ["\x00", "🏦", "Ġ", "\u0301", "𠮷", "$x$", "\\alpha_"]})
    assert png(figure)
    assert not any(text.get_parse_math() for text in figure.axes[0].texts)


def test_typing_changes_tokens_ids_and_bytes():
    widget = TokenWidget(TOKENIZERS, "the bank")
    assert "2 tokens for 8 characters, 8 bytes" in widget.view.value
    assert "260<br>74 68 65" in widget.view.value
    widget.box.value = "bank <b>岸"
    assert "&lt;0x62&gt;" in widget.view.value
    widget.choice.value = "characters"
    assert "&lt;</span>" in widget.view.value
    assert "<b>" not in widget.view.value
    assert "&lt;0xE5&gt;" in widget.view.value
    widget.choice.value = "bytes"
    assert f"{TOKENIZERS['bytes'].vocab.ids['ba']}<br>62 61" in widget.view.value
    widget.box.value = "\ud83c"
    assert widget.view.value.startswith("character 1 is U+D83C")
    assert isinstance(widget.box, ipywidgets.Textarea)


def test_it_carries_a_picture_for_pages_without_a_kernel(monkeypatch: pytest.MonkeyPatch):
    widget = TokenWidget(TOKENIZERS, "the bank")
    bundle = widget._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == widget.model_id
    assert base64.b64decode(bundle["image/png"]) == png(widget.figure())
    assert bundle["text/plain"] == "words: the | ␣bank"
    assert texts_of(widget.figure())[:4] == ["words · 2", "the", "260", "74 68 65"]
    monkeypatch.setenv("COURSE_STATIC", "1")
    assert set(widget._repr_mimebundle_()) == {"image/png", "text/plain"}
    with pytest.raises(ValueError, match="no tokenizer"):
        TokenWidget({}, "the bank")
