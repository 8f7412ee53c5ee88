"""A translator you type into: what it writes, and where it looked for each word."""

import base64
import html
import os
import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

import ipywidgets
import torch
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.data.riverbank.tasks.plain import readable
from course_lib.display.tables import matrix
from course_lib.display.widgets import png
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.inference.translating import translate_best
from course_lib.models.encoder_decoder import EncoderDecoder
from course_lib.text.segmentation import typed_words
from course_lib.text.translation_inputs import ASKED, HEADLINE, TO_ENGLISH, TO_JAPANESE
from course_lib.text.translation_inputs import translation_source as source_ids
from course_lib.text.vocab import END, Vocab

N_NEW = 60  # words of a translation at most
LINE = 72  # letters of a title that fit beside each other; of Japanese, half as many


class Translated(NamedTuple):
    """A translation, with where each of its words looked.

    source: what was read, its mark first; an unknown word was read as <unk>. target: what was
    written, </s> last. weights: (L, H, T, S), a row per word of the target.
    """

    source: list[str]
    target: list[str]
    weights: Tensor

    @property
    def text(self) -> str:
        """The translation as a reader expects it."""
        return readable(self.target[:-1])


def translated(
    model: EncoderDecoder, vocab: Vocab, asked: str, words: Sequence[str], n_beams: int = 5
) -> Translated:
    """The best translation that beam search finds.

    Raises CourseError if there is no word to translate, or more than the model can read.
    """
    source = source_ids(vocab, asked, words)
    if len(source) == 1:
        raise CourseError(_("there is no word to translate"))
    if len(source) > model.context_length:
        message = _("{n} words, but the model reads at most {most}")
        raise CourseError(message.format(n=len(words), most=model.context_length - 1))
    n_new = min(N_NEW, model.context_length - 1)  # <s> and all words are read for the map
    written = translate_best(model, [source], n_new, n_beams)[0]
    inputs = torch.cat([torch.tensor([Vocab.start_id]), written])
    weights = model.cross_attention_weights(source[None], inputs[None])[:, 0]
    return Translated(vocab.decode(source), [*vocab.decode(written), END], weights)


def translation_map(found: Translated, layer: int | None = None, head: int | None = None) -> Figure:
    """A row per word written, a column per word read, darker where it looked more.

    layer, head: counted from 1; None is the mean over all of them. The darkest cell stands for 1,
    in a mean, where no cell comes near it, for the largest of the table.
    """
    weights = found.weights
    if layer is not None:
        weights = weights[layer - 1 : layer]
    if head is not None:
        weights = weights[:, head - 1 : head]
    table = weights.mean(dim=(0, 1))
    lines = textwrap.wrap(found.text, LINE if found.text.isascii() else LINE // 2)
    title = "\n".join([*lines, whose(layer, head)])
    rows, columns = (
        [word.replace("$", r"\$") for word in side] for side in (found.target, found.source)
    )
    is_mean = None in (layer, head)
    return matrix(table, rows, columns, title, 0, float(table.max()) if is_mean else 1, None)


def whose(layer: int | None, head: int | None) -> str:
    """Which weights a map shows, in words."""
    if layer is None and head is None:
        return _("mean over all layers and heads")
    if layer is None:
        return _("head {head}, mean over the layers").format(head=head)
    if head is None:
        return _("layer {layer}, mean over the heads").format(layer=layer)
    return _("layer {layer}, head {head}").format(layer=layer, head=head)


class TranslatorWidget(ipywidgets.VBox):
    """A box to type a sentence, buttons for what to write, the translation and its attention map.

    A notebook with a running kernel answers at Enter, or when the box is left; everything else that
    shows notebooks, and every program if COURSE_STATIC is 1, has a picture of the translation as it
    stood when the cell ran.

    Args:
        model, vocab: an encoder-decoder that understands the marks of `translation_inputs`.
        text: what stands in the box at first.

    Attributes: box, asked, layer, head: set their `value` to do by program what a hand would do.
    message: what is wrong with the text, if anything. figure: the picture as it stands.
    """

    def __init__(self, model: EncoderDecoder, vocab: Vocab, text: str, n_beams: int = 5) -> None:
        self.model, self.vocab, self.n_beams = model, vocab, n_beams
        wide = ipywidgets.Layout(width="95%")
        self.box = ipywidgets.Text(text, layout=wide, continuous_update=False)
        names = (_("Japanese"), _("English"), _("headline"))
        options = list(zip(names, (TO_JAPANESE, TO_ENGLISH, HEADLINE), strict=True))
        self.asked = ipywidgets.ToggleButtons(options=options, description=_("write"))
        n_layers, n_heads = model.cfg.n_layers, model.cfg.n_heads
        self.layer = _choice(_("layer"), n_layers)
        self.head = _choice(_("head"), n_heads)
        self.message, self.image = ipywidgets.HTML(), ipywidgets.Image(format="png")
        settings = ipywidgets.HBox([self.layer, self.head])
        super().__init__([self.box, self.asked, settings, self.message, self.image])
        self.figure, self.found = Figure(), None
        for part in (self.box, self.asked):
            part.observe(self._translate, names="value")
        for part in (self.layer, self.head):
            part.observe(self._draw, names="value")
        self._translate()

    found: Translated | None

    def _translate(self, _change: Any = None) -> None:
        words = [word for word in typed_words(self.box.value, self.vocab.ids) if word not in ASKED]
        try:
            found = translated(self.model, self.vocab, self.asked.value, words, self.n_beams)
        except CourseError as error:
            self.message.value = html.escape(str(error))
            return
        new = [word for word in words if word not in self.vocab]
        note = _("not known: {words}").format(words=", ".join(new)) if new else ""
        self.message.value, self.found = html.escape(note), found
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        if self.found is not None:
            self.figure = translation_map(self.found, self.layer.value, self.head.value)
            self.image.value = png(self.figure)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """What Jupyter asks for: the same thing in several forms, of which it shows the best."""
        live = {} if os.environ.get("COURSE_STATIC") == "1" else super()._repr_mimebundle_(**kwargs)
        picture = base64.b64encode(png(self.figure)).decode("ascii")
        text = f"{self.box.value} → {self.found.text if self.found else ''}"
        return {**live, "image/png": picture, "text/plain": text}


def _choice(name: str, n: int) -> ipywidgets.Dropdown:
    """One of n, or all of them (None)."""
    options = [(_("all"), None), *((str(i), i) for i in range(1, n + 1))]
    return ipywidgets.Dropdown(options=options, value=None, description=name)
