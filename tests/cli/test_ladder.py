from pathlib import Path

import pytest

from course_lib.cli import find, ladder
from course_lib.data import riverbank
from course_lib.training.recipes import gpt_riverbank, lstm_riverbank


@pytest.fixture
def few_stories(monkeypatch: pytest.MonkeyPatch):
    """The command itself at a fiftieth of its size, and without the slow rung."""
    stories = {"train": riverbank.sample(100, seed=1), "test": riverbank.sample(20, seed=2)}
    monkeypatch.setattr(ladder.riverbank, "load", stories.__getitem__)
    kept = {name: ladder.MODELS[name] for name in ("unigram", "bigram")}
    monkeypatch.setattr(ladder, "MODELS", kept | {"HMM, 2 states": ladder._hmm(2)})


@pytest.mark.usefixtures("few_stories")
def test_every_rung_stands_over_the_floor(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    ladder.show_ladder(out=tmp_path / "ladder.svg")
    rows = [line.split("│")[1:3] for line in capsys.readouterr().out.splitlines() if "±" in line]
    bits = {name.strip(): float(cell.split("±")[0]) for name, cell in rows}
    assert bits["floor"] < bits["bigram"] < bits["unigram"]
    assert bits["floor"] < bits["HMM, 2 states"] < 12
    assert (tmp_path / "ladder.svg").read_text().startswith("<?xml")


@pytest.mark.usefixtures("few_stories")
def test_what_each_model_has_learnt(capsys: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.setattr(ladder, "PHENOMENA", ("agreement", "name"))
    monkeypatch.setattr(ladder, "N_PAIRS", 20)
    ladder.show_ladder(phenomena=True)
    shown = capsys.readouterr().out
    lines = [line.split("│") for line in shown.splitlines()]
    rows = {line[1].strip(): line[2:-1] for line in lines if len(line) > 4}
    assert [float(cell) for cell in rows["name"]][:1] == [0.5]  # counting words is chance
    assert float(rows["agreement"][1]) > 0.6


@pytest.mark.usefixtures("few_stories")
def test_more_stories_bring_every_rung_down(capsys: pytest.CaptureFixture[str]):
    found = []
    for n in (None, 1000):
        ladder.show_ladder(stories=n)
        lines = [line.split("│") for line in capsys.readouterr().out.splitlines() if "±" in line]
        found.append({line[1].strip(): float(line[2].split("±")[0]) for line in lines})
    few, many = found
    assert many["bigram"] < few["bigram"] - 0.1
    assert many["floor"] == few["floor"]


def test_the_learnt_rungs_are_the_lectures_recipes():
    assert {ladder.MODELS["LSTM"], ladder.MODELS["GPT"]} == {lstm_riverbank, gpt_riverbank}


def test_the_command_is_known():
    assert find("ladder").target == "ladder:show_ladder"
