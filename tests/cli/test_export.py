"""`course export`: files of `course train` and shipped models as folders that open there."""

from pathlib import Path

import pytest
import torch
import transformers
from huggingface_hub import ModelCard
from transformers import AutoTokenizer, pipeline

from course_lib.cli import task_models
from course_lib.interop.hugging_face import import_folder

from .task_files import QUICK, SMALL, conll, course, named, opinions, problem, table

TRUST = {"trust_remote_code": True}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """No network; and the code of folders is kept nowhere but here."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", tmp_path / "cache")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def test_a_shipped_model(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = tmp_path / "bert"
    assert str(folder) in course(capsys, "export", "bert_riverbank", folder)
    assert ModelCard.load(folder / "README.md").data.pipeline_tag == "fill-mask"
    assert course(capsys, "export", "gpt_riverbank", folder)  # replaces the other
    assert ModelCard.load(folder / "README.md").data.pipeline_tag == "text-generation"


def test_a_classifier_with_its_labels(tmp_path: Path, capsys: pytest.CaptureFixture):
    file, model = table(tmp_path / "a.csv", opinions()), tmp_path / "c.safetensors"
    course(capsys, "train", "classifier", file, "-o", model, *SMALL, "--steps", 30, "--lr", 3e-3)
    folder = tmp_path / "c"
    course(capsys, "export", model, folder)
    ask = pipeline("text-classification", model=str(folder), **TRUST)
    text = tmp_path / "b.txt"
    text.write_text("the room was lovely .\nthe room was dull .\n")
    lines = course(capsys, "classify", model, text).splitlines()
    for line, found in zip(lines, ask(text.read_text().splitlines()), strict=True):
        label, probability = line.split("\t")[:2]
        assert found["label"] == label
        assert found["score"] == pytest.approx(float(probability), abs=1e-3)


def test_a_number_is_said_as_in_the_file(tmp_path: Path, capsys: pytest.CaptureFixture):
    """Inside, the model's numbers have mean 0; those of the folder are the user's own."""
    rows = [{"text": row["text"], "label": 300 + 10 * i} for i, row in enumerate(opinions())]
    file, model = table(tmp_path / "a.csv", rows), tmp_path / "c.safetensors"
    course(capsys, "train", "classifier", file, "-o", model, *QUICK, "--target", "numbers")
    folder = tmp_path / "c"
    course(capsys, "export", model, folder)
    found = pipeline("text-classification", model=str(folder), **TRUST)("the room was lovely .")
    text = tmp_path / "b.txt"
    text.write_text("the room was lovely .\n")
    wanted = float(course(capsys, "classify", model, text).split("\t")[0])
    assert wanted > 100
    assert found[0]["score"] == pytest.approx(wanted, rel=1e-4)


def test_a_tagger_reads_words_as_in_training(tmp_path: Path, capsys: pytest.CaptureFixture):
    """There each word had a space before it, the first one, too."""
    file, model = conll(tmp_path / "a.conll", named()), tmp_path / "t.safetensors"
    course(capsys, "train", "tagger", file, "-o", model, *QUICK)
    folder = tmp_path / "t"
    course(capsys, "export", model, folder)
    task = task_models.load(model, "tagger")
    words = ["nina", "saw", "tokyo"]
    ids = torch.cat([task.encoding.encode_word(word) for word in words])
    theirs = AutoTokenizer.from_pretrained(folder, **TRUST)
    assert theirs(" ".join(words))["input_ids"][1:-1] == ids.tolist()
    assert import_folder(folder).labels == list(task.labels)


def test_language_models_and_encoders_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture):
    text = tmp_path / "a.txt"
    text.write_text("".join(f"story {i} : the river was cold . he swam .\n" for i in range(200)))
    small = ["--size", 16, "--layers", 1, "--steps", 2]
    for kind, auto in (
        ("gpt", "AutoModelForCausalLM"),
        ("lstm", "AutoModelForCausalLM"),
        ("bert", "AutoModelForMaskedLM"),
    ):
        model, folder = tmp_path / f"{kind}.safetensors", tmp_path / kind
        course(capsys, "train", kind, text, "-o", model, *small)
        course(capsys, "export", model, folder)
        theirs = getattr(transformers, auto).from_pretrained(folder, **TRUST)
        tokenizer = AutoTokenizer.from_pretrained(folder, **TRUST)
        logits = theirs(**tokenizer("he swam", return_tensors="pt")).logits
        assert logits.size(-1) == len(import_folder(folder).tokenizer)


def test_what_cannot_be_exported_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = tmp_path / "out"
    assert "bert_riverbank" in problem(capsys, "export", tmp_path / "none.safetensors", folder)
    text, model = tmp_path / "a.txt", tmp_path / "n.safetensors"
    text.write_text("the river was cold .\n")
    assert "a.txt" in problem(capsys, "export", text, folder)
    course(capsys, "train", "ngram", text, "-o", model)
    assert "ngram" in problem(capsys, "export", model, folder)
    assert not folder.exists()
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    assert str(folder) in problem(capsys, "export", "bert_riverbank", folder)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
