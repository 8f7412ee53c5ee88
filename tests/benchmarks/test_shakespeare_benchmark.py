"""What the Shakespeare benchmark scores and promises; the training itself takes minutes."""

import math

import pytest
import torch

from benchmarks import shakespeare
from benchmarks.shakespeare import Trained
from course_lib.data.corpora import State
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT


@pytest.mark.parametrize("length", [2, 7, 9, 10, 8 * 70 + 1])
def test_windows_predict_each_character_once(length: int):
    text = torch.arange(length)
    parts = list(shakespeare.windows(text, 8))
    assert torch.cat([targets.flatten() for _, targets in parts]).equal(text[1:])
    assert torch.cat([inputs.flatten() for inputs, _ in parts]).equal(text[:-1])


def test_the_loss_is_the_mean_over_characters_not_over_windows():
    model = GPT(
        TransformerConfig(vocab_size=11, context_length=4, d_model=8, n_heads=2, n_layers=1)
    )
    text = torch.randint(11, (11,), generator=torch.Generator().manual_seed(0))
    model.eval()
    nll = 0.0
    for t in range(10):
        window = text[t // 4 * 4 : t + 1]
        nll -= model(window[None])[0, -1].log_softmax(-1)[text[t + 1]].item()
    assert shakespeare.held_out_loss(model, text) == pytest.approx(nll / 10, rel=1e-5)


@pytest.mark.parametrize(
    ("seconds", "loss", "met"),
    [(9.9, 1.879, [True, True]), (10.1, 1.879, [False, True]), (9.9, 1.881, [True, False])],
)
def test_the_promise_is_a_fifth_of_the_time_and_the_known_loss(seconds, loss, met):
    speed, known, _here = shakespeare.results(Trained(seconds, loss), Trained(50.0, 1.9))
    assert [speed.met, known.met] == met
    assert speed.ratio == pytest.approx(50 / seconds)
    assert known.ours == pytest.approx(100 * math.exp(-loss))


def test_without_the_text_there_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr(shakespeare, "verify", lambda _name: {"input.txt": State.MISSING})
    assert shakespeare.run() == []
    assert "course data fetch tinyshakespeare" in capsys.readouterr().out
