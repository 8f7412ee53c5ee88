import pytest
import torch
from torch import Tensor

from course_lib.display.sampling import distribution, reshaped, sampling_bench
from course_lib.text.vocab import Vocab

VOCAB = Vocab(["river", "bank", "boat", "tide"])
PROBS = torch.tensor([0, 0, 0, 0.1, 0.4, 0.3, 0.15, 0.05])


class Always:
    """Gives every next word the same chances, whatever stands before."""

    def next_logits(self, ids: Tensor) -> Tensor:
        return PROBS.log().expand(len(ids), -1)

    def log_probs(self, texts: list[Tensor]) -> list[Tensor]:
        raise NotImplementedError


def bars_of(figure) -> tuple[list[str], list[float], list[float]]:
    """Names of the rows, then the widths of the grey and of the blue bars."""
    axes = figure.axes[0]
    before, after = ([bar.get_width() for bar in bars] for bars in axes.containers)
    return [label.get_text() for label in axes.get_yticklabels()], before, after


def test_heat_then_k_then_p():
    left = reshaped(PROBS.log(), 0.5, 3, 0.9).softmax(-1)
    squares = torch.tensor([0.16, 0.09, 0.0225])  # .4, .3, .15 squared: shares .587, .330, .083
    expected = torch.zeros(8).index_copy(0, torch.tensor([4, 5]), squares[:2] / 0.25)
    torch.testing.assert_close(left, expected)
    torch.testing.assert_close(reshaped(PROBS.log(), 1.0, 99, 1.0).softmax(-1), PROBS)


def test_a_slider_changes_what_is_drawn_from_and_not_what_the_model_says():
    bench = sampling_bench(Always(), VOCAB, ["the"], n_new=5)
    words, before, after = bars_of(bench.figure)
    assert words[:3] == ["river", "bank", "boat"]
    assert before == after == pytest.approx([0.4, 0.3, 0.15, 0.1, 0.05, 0, 0, 0])
    bench.sliders["k"].value = 2
    words, unchanged, after = bars_of(bench.figure)
    assert unchanged == before
    assert after[:3] == pytest.approx([4 / 7, 3 / 7, 0])
    assert bench.figure.axes[0].get_title(loc="left") == "2 words are left"


def test_the_texts_are_drawn_from_what_is_left():
    bench = sampling_bench(Always(), VOCAB, ["the"], n_new=30, seed=1)

    def text() -> str:
        return bench.figure.axes[1].texts[0].get_text()

    first = text()
    assert {"bank", "boat"} <= set(first.split())
    bench.sliders["temperature"].value = 0.0
    assert set(text().split()) == {"…", "river"}
    assert text().split().count("river") == 3 * 30
    bench.sliders["temperature"].value = 1.0
    assert text() == first  # the seed is fixed


def test_the_truth_is_a_mark_on_each_bar():
    probs = {"river": 0.7, "bank": 0.3}
    assert not distribution(probs, probs).axes[0].lines
    marks = distribution(probs, probs, {"bank": 0.6}).axes[0].lines[0]
    assert list(marks.get_xdata()) == [0.0, 0.6]
