"""A translator you type into."""

import base64

import pytest
import torch

from course_lib.display.translator import Translated, TranslatorWidget, translated, translation_map
from course_lib.display.widgets import png
from course_lib.errors import CourseError
from course_lib.inference.beam import beam_search
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_translator import ModernTranslator
from course_lib.text.translation_inputs import ASKED, TO_ENGLISH, TO_JAPANESE
from course_lib.text.vocab import Vocab

VIEW = "application/vnd.jupyter.widget-view+json"
VOCAB = Vocab([*ASKED, "he", "swam", ".", "$", "彼", "は", "泳ぎ", "まし", "た", "。"])
CFG = TransformerConfig(
    vocab_size=len(VOCAB), d_model=16, n_heads=2, n_layers=3, context_length=12, dropout=0.0
)


def title_of(ax):
    """Where it stands depends on whether the course's style is in use."""
    return ax.get_title(loc="left") or ax.get_title()


@pytest.fixture
def model():
    return ModernTranslator(CFG, torch.Generator().manual_seed(1))


def test_the_translation_is_the_best_beam_and_the_map_has_a_row_per_word(model):
    found = translated(model, VOCAB, TO_JAPANESE, ["he", "swam", "zebra"], n_beams=3)
    source = VOCAB.encode([TO_JAPANESE, "he", "swam", "zebra"])
    start = torch.tensor([[Vocab.start_id]])
    (best, *_others), *_none = beam_search(
        model.given(source[None]), start, 11, 3, Vocab.end_id, 1.0
    )
    ids = best.ids[best.ids != Vocab.end_id]
    assert found.source == ["<ja>", "he", "swam", "<unk>"]
    assert found.target == [*VOCAB.decode(ids), "</s>"]
    assert found.weights.shape == (3, 2, len(found.target), 4)
    torch.testing.assert_close(found.weights.sum(-1), torch.ones(found.weights.shape[:-1]))
    inputs = torch.cat([start[0], ids])
    all_weights = model.cross_attention_weights(source[None], inputs[None])
    torch.testing.assert_close(found.weights, all_weights[:, 0])


def test_too_little_and_too_much_to_translate(model):
    with pytest.raises(CourseError, match="no word"):
        translated(model, VOCAB, TO_JAPANESE, [])
    translated(model, VOCAB, TO_JAPANESE, ["he"] * 11)
    with pytest.raises(CourseError, match="12 words, but the model reads at most 11"):
        translated(model, VOCAB, TO_JAPANESE, ["he"] * 12)


def test_a_map_shows_one_head_or_a_mean():
    weights = torch.rand(3, 2, 4, 3, generator=torch.Generator().manual_seed(0))
    found = Translated(["<ja>", "a$b$", "$_"], ["he", "swam", ".", "</s>"], weights)
    expected = {
        (None, None): weights.mean(dim=(0, 1)),
        (2, None): weights[1].mean(dim=0),
        (None, 1): weights[:, 0].mean(dim=0),
        (3, 2): weights[2, 1],
    }
    for (layer, head), table in expected.items():
        (ax,) = translation_map(found, layer, head).axes
        torch.testing.assert_close(torch.as_tensor(ax.images[0].get_array()), table.double())
        darkest = 1 if (layer, head) == (3, 2) else float(table.max())
        assert ax.images[0].get_clim() == pytest.approx((0, darkest))
        assert title_of(ax).startswith("He swam.\n")
    assert [label.get_text() for label in ax.get_yticklabels()] == found.target
    assert [label.get_text() for label in ax.get_xticklabels()] == ["<ja>", r"a\$b\$", r"\$_"]
    png(translation_map(found))  # dollar signs are drawn, not read as mathematics


def test_a_long_translation_is_broken_into_lines():
    for word, most in (("swam", 72), ("岸", 36)):
        found = Translated(["<en>"], [word] * 60, torch.ones(1, 1, 60, 1))
        (ax,) = translation_map(found).axes
        assert max(map(len, title_of(ax).splitlines())) <= most


def test_the_box_follows_what_is_typed_and_chosen(model):
    widget = TranslatorWidget(model, VOCAB, "He swam.", n_beams=2)
    assert widget.found.source == ["<ja>", "he", "swam", "."]
    assert widget.message.value == ""
    before = widget.image.value
    widget.asked.value = TO_ENGLISH
    widget.box.value = "彼は泳ぎました。"
    assert widget.found.source == ["<en>", "彼", "は", "泳ぎ", "まし", "た", "。"]
    assert widget.image.value == png(widget.figure) != before
    whole = widget.image.value
    widget.layer.value, widget.head.value = 2, 1
    assert "layer 2, head 1" in title_of(widget.figure.axes[0])
    assert widget.image.value != whole


def test_a_text_that_cannot_be_translated_keeps_the_picture_and_says_why(model):
    widget = TranslatorWidget(model, VOCAB, "he swam")
    before = widget.image.value
    widget.box.value = "   "
    assert "no word" in widget.message.value
    widget.box.value = "he " * 30
    assert "30 words" in widget.message.value
    assert widget.image.value == before
    widget.box.value = "he <b> 😀 swam"
    assert widget.message.value == "not known: &lt;, b, &gt;, 😀"
    assert widget.found.source == ["<ja>", "he", *["<unk>"] * 4, "swam"]


def test_it_can_begin_with_nothing(model):
    widget = TranslatorWidget(model, VOCAB, "")
    assert "no word" in widget.message.value
    assert set(widget._repr_mimebundle_()) >= {"image/png", "text/plain"}


def test_it_carries_a_picture_for_pages_without_a_kernel(model, monkeypatch):
    widget = TranslatorWidget(model, VOCAB, "he swam .")
    bundle = widget._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == widget.model_id
    assert base64.b64decode(bundle["image/png"]) == png(widget.figure)
    assert bundle["text/plain"] == f"he swam . → {widget.found.text}"
    monkeypatch.setenv("COURSE_STATIC", "1")
    assert set(widget._repr_mimebundle_()) == {"image/png", "text/plain"}
